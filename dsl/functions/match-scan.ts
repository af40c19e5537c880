import { codePointsOf } from './code-points.ts';
import { type MatchProgram, operation } from './match-program.ts';

const newline = 10;

function isWordPoint(point: number): boolean {
  return (point >= 48 && point <= 57) || (point >= 65 && point <= 90) || point === 95 || (point >= 97 && point <= 122);
}

/** What holds between two code points (-1 is an end of the text), as the bits that re2js's assertions ask for. */
function assertionsBetween(before: number, after: number): number {
  let bits = isWordPoint(before) === isWordPoint(after) ? 32 : 16;
  if (before < 0) bits |= 1 | 4;
  else if (before === newline) bits |= 1;
  if (after < 0) bits |= 2 | 8;
  else if (after === newline) bits |= 2;
  return bits;
}

/**
 * All matches of an expression in a text, one after the other, leftmost first and with the priorities of Perl, in time
 * that is linear in the text whatever the pattern. Searching again behind each match is not: for `x*y|x` each search
 * reads all x to find no y behind them.
 *
 * Two passes, as in Frisch and Cardelli, "Greedy regular expression matching" (ICALP 2004). The first goes through the
 * text backwards and marks at each place the instructions from which a match can be completed; the second goes forwards
 * and at each alternative takes the first branch that is marked, so that nothing is ever tried in vain. Each place costs
 * at most the size of the program in each pass; the marks take one bit for each instruction and place.
 */
export class MatchScan {
  readonly #program: MatchProgram;
  readonly #points: readonly number[];
  /** UTF-16 offset of each code point, and of the end. */
  readonly #offsets: Int32Array;
  readonly #words: number;
  readonly #marks: Uint32Array;
  /** Instructions that the walk has met at this place: those whose stamp is the current one. */
  readonly #met: Int32Array;
  readonly #groups: Int32Array;
  #stamp = 0;
  #from = 0;
  /** Instructions looked at so far, for tests of growth. */
  work = 0;

  constructor(program: MatchProgram, text: string) {
    this.#program = program;
    this.#points = codePointsOf(text);
    const length = this.#points.length;
    this.#offsets = new Int32Array(length + 1);
    for (let i = 0; i < length; i++) this.#offsets[i + 1] = this.#offsets[i] + (this.#points[i] > 0xffff ? 2 : 1);
    this.#words = (program.size + 31) >>> 5;
    this.#marks = new Uint32Array((length + 1) * this.#words);
    this.#met = new Int32Array(program.size);
    this.#groups = new Int32Array(2 * (program.group_count + 1));
    this.#markAll();
  }

  /** Goes to the next match; false when there is none. Behind an empty match it goes on one code point later. */
  next(): boolean {
    const { start } = this.#program;
    let at = this.#from;
    while (at <= this.#points.length && !this.#isMarked(at, start)) at++;
    this.work += at - this.#from;
    if (at > this.#points.length) {
      this.#from = at;
      return false;
    }
    this.#walk(at);
    const end = this.#groups[1];
    this.#from = end === at ? end + 1 : end;
    return true;
  }

  /** Where a group of the match begins, in UTF-16 units; -1 when it took no part. Group 0 is the match. */
  start(group = 0): number {
    const at = this.#groups[2 * group];
    return at < 0 || this.#groups[2 * group + 1] < 0 ? -1 : this.#offsets[at];
  }

  end(group = 0): number {
    const at = this.#groups[2 * group + 1];
    return at < 0 || this.#groups[2 * group] < 0 ? -1 : this.#offsets[at];
  }

  #isMarked(at: number, pc: number): boolean {
    return (this.#marks[at * this.#words + (pc >>> 5)] & (1 << (pc & 31))) !== 0;
  }

  /** Marks an instruction at a place; true when it was not marked yet. */
  #mark(at: number, pc: number): boolean {
    const word = at * this.#words + (pc >>> 5);
    const bit = 1 << (pc & 31);
    if ((this.#marks[word] & bit) !== 0) return false;
    this.#marks[word] |= bit;
    return true;
  }

  #markAll(): void {
    let later: number[] = [];
    let marked: number[] = [];
    for (let at = this.#points.length; at >= 0; at--) {
      marked.length = 0;
      this.#markPlace(at, later, marked);
      [later, marked] = [marked, later];
    }
  }

  /** `later` are the instructions that are marked one place further on; the marked ones of this place go to `marked`. */
  #markPlace(at: number, later: readonly number[], marked: number[]): void {
    const { match, readers, jumps, operations, args } = this.#program;
    const point = this.#points[at] ?? -1;
    if (this.#mark(at, match)) marked.push(match);
    for (const pc of later) {
      for (const reader of readers[pc]) {
        this.work++;
        if (this.#program.reads(reader, point) && this.#mark(at, reader)) marked.push(reader);
      }
    }
    const held = assertionsBetween(at === 0 ? -1 : this.#points[at - 1], point);
    for (let i = 0; i < marked.length; i++) {
      for (const jump of jumps[marked[i]]) {
        this.work++;
        if (operations[jump] === operation.assertion && (args[jump] & ~held) !== 0) continue;
        if (this.#mark(at, jump)) marked.push(jump);
      }
    }
  }

  /** From a place where a match begins to its end; the groups are set on the way. */
  #walk(from: number): void {
    const program = this.#program;
    this.#groups.fill(-1);
    this.#groups[0] = from;
    let at = from;
    for (let pc = program.start; ; at++) {
      pc = this.#firstLeaf(pc, at);
      if (pc === program.match) break;
      pc = program.outs[pc];
    }
    this.#groups[1] = at;
  }

  /**
   * The first instruction in the order of priority that reads the next code point and is marked, or the match. An
   * instruction is met once for each place, which ends loops that read nothing; groups set on a way that ends are put back.
   */
  #firstLeaf(from: number, at: number): number {
    const { operations, outs, args, match } = this.#program;
    const open: number[] = [];
    this.#stamp++;
    for (let pc = from; ; ) {
      while (this.#isMarked(at, pc) && this.#met[pc] !== this.#stamp) {
        this.#met[pc] = this.#stamp;
        this.work++;
        if (pc === match || this.#program.isReading(pc)) return pc;
        const op = operations[pc];
        if (op <= operation.alternativeMatch) open.push(args[pc], 0);
        else if (op === operation.capture) {
          open.push(-args[pc] - 1, this.#groups[args[pc]]);
          this.#groups[args[pc]] = at;
        }
        pc = outs[pc];
      }
      const before = open.pop();
      const next = open.pop();
      if (before === undefined || next === undefined) throw new Error('a marked instruction leads to no match');
      if (next >= 0) pc = next;
      else this.#groups[-next - 1] = before;
    }
  }
}
