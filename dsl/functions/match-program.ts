import type { RE2JS } from 're2js';

/** What an instruction does: the numbers are those of re2js, and its random test fails when they change. */
export const operation = { alternative: 1, alternativeMatch: 2, capture: 3, assertion: 4, fail: 5, match: 6, nop: 7 };
const firstReading = 8;
const anyPoint = 10;
const anyPointButNewline = 11;
const lastReading = 11;

/** An instruction of re2js as far as it is read here. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  matchRune(point: number): boolean;
}

/**
 * A compiled regular expression as a graph that can be walked both ways. An instruction either reads a code point and
 * leads to `out`, or reads nothing and leads to `out` (an alternative to `arg` as well, if `out` fails), or is the match.
 */
export class MatchProgram {
  readonly size: number;
  readonly start: number;
  readonly group_count: number;
  readonly match: number;
  readonly operations: Uint8Array;
  readonly outs: Int32Array;
  readonly args: Int32Array;
  /** By instruction: those that read a code point and lead here. */
  readonly readers: readonly (readonly number[])[];
  /** By instruction: those that read nothing and lead here. */
  readonly jumps: readonly (readonly number[])[];
  readonly #instructions: readonly Instruction[];

  constructor(expression: RE2JS) {
    const { inst, start } = expression.re2().prog;
    const instructions = inst as readonly Instruction[];
    this.#instructions = instructions;
    this.size = instructions.length;
    this.start = start;
    this.group_count = expression.groupCount();
    this.match = instructions.findIndex(({ op }) => op === operation.match);
    this.operations = Uint8Array.from(instructions, ({ op }) => op);
    this.outs = Int32Array.from(instructions, ({ out }) => out);
    this.args = Int32Array.from(instructions, ({ arg }) => arg);
    const readers: number[][] = instructions.map(() => []);
    const jumps: number[][] = instructions.map(() => []);
    instructions.forEach(({ op, out, arg }, pc) => {
      if (op > lastReading) throw new Error(`re2js has an instruction ${op} that is not known here`);
      if (op >= firstReading) readers[out].push(pc);
      else if (op !== operation.match && op !== operation.fail) {
        jumps[out].push(pc);
        if (op <= operation.alternativeMatch && arg !== out) jumps[arg].push(pc);
      }
    });
    this.readers = readers;
    this.jumps = jumps;
  }

  isReading(pc: number): boolean {
    return this.operations[pc] >= firstReading;
  }

  /** Whether a reading instruction takes this code point. */
  reads(pc: number, point: number): boolean {
    const op = this.operations[pc];
    if (op === anyPoint) return true;
    return op === anyPointButNewline ? point !== 10 : this.#instructions[pc].matchRune(point);
  }
}
