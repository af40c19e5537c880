/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), 32 bits a draw, the same on every machine. A part of
 * the simulation has a generator of its own, made from the seed and a label, so that what one part draws does not move
 * what another one gets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(a: number, b: number, c: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** The generator of a part: equal seed and label, equal numbers. */
  static of(seed: number, label: string, index = 0): Random {
    return new Random(seed ^ Math.floor(seed / 4_294_967_296), hashText(label), Math.imul(index + 1, 0x9e3779b1));
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** From 0 to 1, without 1. */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  /** A whole number from 0 to n - 1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Waiting time of a Poisson process. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** Hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    for (let left = digits; left > 0; left -= 8) {
      const bits = this.bits();
      text += quads[bits >>> 16] + quads[bits & 0xffff];
    }
    return text.length === digits ? text : text.slice(0, digits);
  }
}

/** Four hexadecimal digits of each number of 16 bits: padding each draw took a fifth of a simulation. */
const quads: readonly string[] = Array.from({ length: 65_536 }, (_, i) => i.toString(16).padStart(4, '0'));

/** FNV-1a over UTF-16 units, mixed once more: 32 bits. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finisher of MurmurHash3: every bit of the input moves every bit of the result. */
export function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
