import { limits } from '../limits.ts';
import type { ByteNode } from './byte-schema.ts';
import { Literal } from './literal.ts';

/** Of one record. */
const MOST_VALUES = 64;
/** Of the bytes between two values. */
const LONGEST_LITERAL = 256;
/** What may follow a value. */
const MOST_WAYS = 8;
/** A record is learned for every so many that came, and this many at once. */
const RECORDS_PER_LESSON = 16;
const LESSONS_AT_ONCE = 64;
/** So many records that were to be learned and found no room say that what is known is not what comes. */
const MOST_REFUSED = 64;
/** What a step takes beside its literal, about. */
const STEP_BYTES = 256;

/** HOT. The bytes before a value, or those that end a record, and what may follow. */
export class ShapeStep {
  readonly literal: Literal;
  /** Of the key before the value; null: no key that means something. */
  readonly node: ByteNode | null;
  /** The literal ends with the quote of a text, which follows. */
  readonly isText: boolean;
  /** Objects that are open at the value; 0: the literal ends the record. */
  readonly depth: number;
  /** The longest literals first: of two that both fit, the longer one says more. */
  readonly next: ShapeStep[] = [];

  constructor(literal: Literal, node: ByteNode | null, isText: boolean, depth: number) {
    this.literal = literal;
    this.node = node;
    this.isText = isText;
    this.depth = depth;
  }

  /** The step whose literal stands at `at`; null: none does. */
  find(words: DataView, at: number, length: number): ShapeStep | null {
    const { next } = this;
    for (let k = 0; k < next.length; k++) {
      const step = next[k];
      if (at + step.literal.length <= length && step.literal.isAt(words, at)) return step;
    }
    return null;
  }
}

/**
 * The shapes of the valid records that came: a tree of what stands between their values, so that the next record of a
 * producer is compared and not scanned. A record that follows a path to its end has the keys of one that was checked in
 * the same order and places, so no key stands twice and every bracket is closed; only its values are left to read.
 *
 * Whoever sends ever new shapes gets one of sixteen of them learned, and when the tree is full, or has had no room for many
 * records, it begins anew: that cannot show in any result.
 */
export class Shapes {
  readonly #root = new ShapeStep(new Literal(Uint8Array.of(0)), null, false, 0);
  #steps = 0;
  #bytes = 0;
  /** Lessons since the tree began that found too many ways somewhere. */
  #refused = 0;
  /** Records that came since the last lesson, as far as they count. */
  #credit = RECORDS_PER_LESSON * LESSONS_AT_ONCE;
  /** The record that is being noted: by value where its literal begins and ends, and what it is. */
  readonly #starts = new Int32Array(MOST_VALUES);
  readonly #stops = new Int32Array(MOST_VALUES);
  readonly #isText = new Uint8Array(MOST_VALUES);
  readonly #depths = new Uint8Array(MOST_VALUES);
  readonly #nodes: (ByteNode | null)[] = new Array(MOST_VALUES).fill(null);
  #count = 0;
  #isNoted = true;

  /** What every record begins from. */
  get root(): ShapeStep {
    return this.#root;
  }

  /** A record comes. */
  begin(): void {
    this.#count = 0;
    this.#isNoted = true;
    if (this.#credit < RECORDS_PER_LESSON * LESSONS_AT_ONCE) this.#credit++;
  }

  /** The record has a value whose literal is in these bytes. */
  note(node: ByteNode | null, start: number, stop: number, isText: boolean, depth: number): void {
    if (this.#count === MOST_VALUES || stop - start > LONGEST_LITERAL) this.#isNoted = false;
    if (!this.#isNoted) return;
    const at = this.#count++;
    this.#nodes[at] = node;
    this.#starts[at] = start;
    this.#stops[at] = stop;
    this.#isText[at] = isText ? 1 : 0;
    this.#depths[at] = depth;
  }

  /** The record is not to be learned. */
  forgo(): void {
    this.#isNoted = false;
  }

  /** The record that was noted is valid, and its last literal is in these bytes. */
  learn(bytes: Uint8Array, start: number, stop: number): void {
    if (!this.#isNoted || stop - start > LONGEST_LITERAL || this.#credit < RECORDS_PER_LESSON) return;
    this.#credit -= RECORDS_PER_LESSON;
    const isFull = this.#steps + this.#count >= limits.shape_steps || this.#bytes >= limits.shape_bytes;
    if (isFull || this.#refused === MOST_REFUSED) this.#clear();
    let step: ShapeStep | null = this.#root;
    for (let k = 0; k < this.#count && step !== null; k++) {
      const literal = bytes.subarray(this.#starts[k], this.#stops[k]);
      step = this.#take(step, literal, this.#nodes[k], this.#isText[k] === 1, this.#depths[k]);
    }
    if (step !== null) step = this.#take(step, bytes.subarray(start, stop), null, false, 0);
    if (step === null) this.#refused++;
  }

  /** The step behind `from` that says this, made where there is none; null: it has too many already. */
  #take(from: ShapeStep, bytes: Uint8Array, node: ByteNode | null, isText: boolean, depth: number): ShapeStep | null {
    const known = from.next.find(({ literal }) => literal.equals(bytes, 0, bytes.length));
    if (known !== undefined) return known;
    if (from.next.length === MOST_WAYS) return null;
    const step = new ShapeStep(new Literal(bytes.slice()), node, isText, depth);
    from.next.push(step);
    from.next.sort((a, b) => b.literal.length - a.literal.length);
    this.#steps++;
    this.#bytes += bytes.length;
    return step;
  }

  #clear(): void {
    this.#root.next.length = 0;
    this.#steps = 0;
    this.#bytes = 0;
    this.#refused = 0;
  }

  get allocated_bytes(): number {
    return this.#steps * STEP_BYTES + 2 * this.#bytes;
  }
}
