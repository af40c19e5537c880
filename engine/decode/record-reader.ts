import { limits } from '../limits.ts';
import { END, ESCAPED, KEY, OBJECT, TEXT, UNSURE } from './byte-kinds.ts';
import type { ByteScanner } from './byte-scanner.ts';
import type { ByteNode, ByteNodes } from './byte-schema.ts';
import { type ShapeStep, Shapes } from './shapes.ts';
import { isUtf8 } from './utf8.ts';

/** Gets the values of a record while it is read. */
export interface ValueTaker {
  /** A record begins; whatever was taken before of one that was not read to its end means nothing. */
  begin(): void;
  /**
   * The scanner has read the value of this key; null: a key that means nothing. False gives up. It is told of an object
   * whose own keys are known too, behind them, but not in a shape that was learned: what it says of it, it says always.
   */
  take(node: ByteNode | null, kind: number): boolean;
}

/**
 * HOT. Reads whole records: every byte is checked, whatever is asked of them. A record of a shape that came before is
 * compared with it and only its values are read (shapes.ts); any other is read key by key, which says the same.
 */
export class RecordReader {
  readonly scanner: ByteScanner;
  readonly #top: ByteNodes;
  readonly #taker: ValueTaker;
  readonly #shapes: Shapes | null;
  /** Behind the value that was read last. */
  #behind = 0;

  /** @param shapes false: every record is read key by key */
  constructor(top: ByteNodes, scanner: ByteScanner, taker: ValueTaker, shapes = true) {
    this.#top = top;
    this.scanner = scanner;
    this.#taker = taker;
    this.#shapes = shapes ? new Shapes() : null;
  }

  /** Whether the record is surely valid JSON, an object, and the taker took all of it. */
  read(record: Uint8Array): boolean {
    const { scanner } = this;
    if (record.length > limits.record_bytes) return false;
    scanner.load(record);
    if (!this.#followAny() && !this.#readWhole()) return false;
    return !scanner.isBeyondAscii || isUtf8(record);
  }

  #followAny(): boolean {
    if (this.#shapes === null) return false;
    this.#shapes.begin();
    return this.#shapes.root.next.length > 0 && this.#follow(this.#shapes.root);
  }

  #follow(root: ShapeStep): boolean {
    const { scanner } = this;
    const taker = this.#taker;
    scanner.begin();
    taker.begin();
    for (let from = root, at = 0; ; at = scanner.at) {
      const step = from.find(scanner.words, at, scanner.length);
      if (step === null) return false;
      const behind = at + step.literal.length;
      if (step.depth === 0) return behind === scanner.length;
      const { node } = step;
      scanner.standAt(behind, step.depth);
      // An object of which keys are known has a path of its own.
      if (!step.isText && node !== null && node.children !== null && scanner.isAtObject()) return false;
      const kind = step.isText ? scanner.text(behind) : scanner.value();
      if (kind === UNSURE || !taker.take(node, kind)) return false;
      from = step;
    }
  }

  #readWhole(): boolean {
    const { scanner } = this;
    scanner.begin();
    this.#taker.begin();
    this.#behind = 0;
    if (!scanner.openRecord() || !this.#object(this.#top) || !scanner.isAtEnd()) return false;
    if (!scanner.hasStrangeKey) this.#shapes?.learn(scanner.bytes, this.#behind, scanner.length);
    return true;
  }

  /** Reads the rest of the object that was opened. */
  #object(nodes: ByteNodes): boolean {
    const { scanner } = this;
    let before: ByteNode | null = null;
    for (;;) {
      const likely: ByteNode | null = before === null ? nodes.first : before.next;
      const next = scanner.nextKey(likely);
      if (next !== KEY) return next === END;
      const node: ByteNode | null = scanner.isLikely ? likely : this.#find(nodes, before);
      if (node !== null) before = node;
      if (!this.#value(node)) return false;
    }
  }

  /** The node of the key that was read, which is the likely one from now on. */
  #find(nodes: ByteNodes, before: ByteNode | null): ByteNode | null {
    const { bytes, keyStart, keyStop, keyHash } = this.scanner;
    const node = nodes.find(bytes, keyStart, keyStop, keyHash);
    if (node === null || !node.isAscii) return node;
    if (before === null) nodes.first = node;
    else before.next = node;
    return node;
  }

  #value(node: ByteNode | null): boolean {
    const { scanner } = this;
    if (node !== null && node.children !== null && scanner.isAtObject()) return this.#known(node, node.children);
    const { depth } = scanner;
    const kind = scanner.value();
    if (kind === UNSURE) return false;
    const isText = kind === TEXT || kind === ESCAPED;
    const stop = kind === ESCAPED ? scanner.start + 1 : scanner.start;
    this.#shapes?.note(node, this.#behind, stop, isText, depth);
    this.#behind = scanner.at;
    return this.#taker.take(node, kind);
  }

  /** An object of which keys are known. Where a column reads it whole too, the record is not learned. */
  #known(node: ByteNode, children: ByteNodes): boolean {
    const { scanner } = this;
    const start = scanner.at;
    if (!scanner.open() || !this.#object(children)) return false;
    if (node.capture >= 0 || node.field >= 0) this.#shapes?.forgo();
    scanner.start = start;
    scanner.stop = scanner.at;
    return this.#taker.take(node, OBJECT);
  }

  get allocated_bytes(): number {
    return this.#shapes?.allocated_bytes ?? 0;
  }
}
