import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xorshift } from '../../../benchmarks/workload.ts';
import { AddressIds } from '../../../engine/decode/address-ids.ts';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { sweep } from './sweep.ts';

/** Asks for addresses as the decoder does; counts those that were not known by their bytes. */
class Asker {
  readonly dictionary = new Dictionary();
  readonly #bytes = new Uint8Array(256);
  readonly #ids: AddressIds;
  unknown = 0;

  constructor(most_slots?: number) {
    const source = { bytes: this.#bytes, words: new DataView(this.#bytes.buffer) };
    this.#ids = new AddressIds(this.dictionary, source, most_slots);
  }

  idOf(text: string): number {
    // Not always at one place, and with something else behind it.
    const start = text.length % 5;
    const { written } = new TextEncoder().encodeInto(text, this.#bytes.subarray(start));
    const stop = start + written;
    this.#bytes[stop] = 0x22;
    const known = this.#ids.find(start, stop);
    if (known !== 0) return known;
    this.unknown++;
    const id = this.dictionary.idOf(`${text}.`);
    this.#ids.put(start, stop, id);
    return id;
  }

  get allocated_bytes(): number {
    return this.#ids.allocated_bytes;
  }
}

/** Sixteen in a hundred of them are longer than a slot. */
const textOf = (n: number) => `${'x'.repeat(n % 62)}é${n}`;

test('an id by bytes is the id that was put, through growth, generations and sweeps', () => {
  const random = xorshift(7);
  const asker = new Asker(1 << 11);
  for (let i = 0; i < 40_000; i++) {
    const text = textOf(Math.floor(random() * random() * 6_000));
    assert.equal(asker.dictionary.textOf(asker.idOf(text)), `${text}.`);
    if (i % 5_000 !== 4_999) continue;
    sweep(asker.dictionary, (used) => {
      for (let one = 1; one < used.length; one++) used[one] = Number(random() < 0.5);
    });
  }
});

test('an address that comes again is known, also after the sweep of others', () => {
  const asker = new Asker();
  const ids = new Map<string, number>();
  for (let n = 0; n < 20_000; n++) ids.set(`2001:db8::${n}`, asker.idOf(`2001:db8::${n}`));
  sweep(asker.dictionary, (used) => {
    for (const id of ids.values()) used[id] = id & 1;
  });
  asker.unknown = 0;
  for (const [text, id] of ids) if ((id & 1) === 1) assert.equal(asker.idOf(text), id);
  assert.ok(asker.unknown < 200, `${asker.unknown} of 10,000 had to be made again`);
});

test('addresses without end leave the memory where it is, and the newest are known', () => {
  const asker = new Asker(1 << 10);
  for (let n = 0; n < 10_000; n++) asker.idOf(`hostile ${n}`);
  assert.equal(asker.allocated_bytes, 2 * 64 * (1 << 10));
  asker.unknown = 0;
  for (let n = 9_600; n < 10_000; n++) asker.idOf(`hostile ${n}`);
  assert.ok(asker.unknown < 40, `${asker.unknown} of 400`);
});
