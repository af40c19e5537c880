import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ORDER_BYTES, RowOrder } from '../../../engine/state/row-order.ts';

const GROUPS = 32;
const QUEUES = 16;

interface Row {
  readonly row: number;
  readonly key: number;
  readonly time: number;
}

/** A RowOrder beside a plain list of rows, both told the same; key k is of group k % 32. */
class Both {
  readonly rows: Row[] = [];
  readonly #positions = new Map<number, number>();
  readonly #newest = new Map<number, number>();
  #order = new RowOrder(GROUPS, (row, position) => this.#positions.set(row, position));
  #next = 0;

  get order(): RowOrder {
    return this.#order;
  }

  append(key: number, time: number): void {
    const row = this.#next++;
    this.#positions.set(row, this.#order.append(this.#order.queueOf(key % GROUPS), row, key, time));
    this.rows.push({ row, key, time });
    this.#newest.set(key, row);
  }

  remove(at: number): void {
    const [{ row, key }] = this.rows.splice(at, 1);
    this.#order.remove(this.#order.queueOf(key % GROUPS), this.#positions.get(row) as number);
  }

  take(queue: number, from: number, most: number): void {
    const wanted = this.rows.filter(({ key, time }) => key % QUEUES === queue && time < from).slice(0, most);
    const [rows, keys] = [new Int32Array(most), new Int32Array(most)];
    const count = this.#order.take(queue, from, most, rows, keys);
    assert.deepEqual(
      [...rows.subarray(0, count)],
      wanted.map(({ row }) => row),
    );
    assert.deepEqual(
      [...keys.subarray(0, count)],
      wanted.map(({ key }) => key),
    );
    for (const gone of wanted) this.rows.splice(this.rows.indexOf(gone), 1);
  }

  /** Evicts as a store does: the key goes with all its rows. */
  evict(group: number): void {
    const isNewest = ({ row, key }: Row) => key % GROUPS === group && this.#newest.get(key) === row;
    const wanted = this.rows.find(isNewest);
    if (wanted === undefined) return;
    const found = this.#order.silentLongest(
      group,
      (key) => key % GROUPS,
      (key) => this.#newest.get(key) as number,
    );
    assert.equal(found, wanted.key);
    for (let at = this.rows.length - 1; at >= 0; at--) if (this.rows[at].key === found) this.remove(at);
  }

  check(): void {
    const seen: number[] = [];
    this.#order.forEach((row) => {
      seen.push(row);
    });
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      this.rows.map(({ row }) => row),
    );
    for (let queue = 0; queue < QUEUES; queue++) {
      const first = this.rows.find(({ key }) => key % QUEUES === queue);
      assert.equal(this.#order.oldestTime[queue], first?.time ?? Number.POSITIVE_INFINITY);
    }
  }

  restart(): void {
    const fresh = new RowOrder(GROUPS, (row, position) => this.#positions.set(row, position));
    fresh.restore(this.#order.snapshot());
    this.#order = fresh;
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append'), key: fc.nat(80), count: fc.nat(300) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove'), key: fc.nat(1_000_000), count: fc.nat(400) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take'), key: fc.nat(15), count: fc.nat(300) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('evict'), key: fc.nat(31), count: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), key: fc.constant(0), count: fc.constant(0) }) },
);

test('rows leave in the order in which they came, whatever was taken out before, and over a restart', () => {
  const property = fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(), (steps, spread) => {
    const both = new Both();
    let time = 0;
    for (const { kind, key, count } of steps) {
      for (let n = 0; n < count && kind === 'append'; n++) both.append((key + n * (spread % 5)) % 81, time++);
      for (let n = 0; n < count && kind === 'remove' && both.rows.length > 0; n++) {
        both.remove((key * (n + 1)) % both.rows.length);
      }
      if (kind === 'take') both.take(key, time - count, Math.max(1, count >> 2));
      for (let n = 0; n <= count && kind === 'evict'; n++) both.evict(key);
      if (kind === 'restart') both.restart();
      both.check();
    }
  });
  fc.assert(property, { numRuns: 150 });
});

test('gaps are filled up: one row in thirty that stays does not keep the room of all', () => {
  const positions = new Map<number, number>();
  const order = new RowOrder(GROUPS, (row, position) => positions.set(row, position));
  const rows = 300_000;
  for (let row = 0; row < rows; row++) {
    positions.set(row, order.append(order.queueOf(row % GROUPS), row, row, row));
    const old = row - 5_000;
    if (old >= 0 && old % 31 !== 0) order.remove(order.queueOf(old % GROUPS), positions.get(old) as number);
  }
  const kept = 5_000 + rows / 31;
  assert.ok(order.allocated_bytes < 6 * kept * ORDER_BYTES, `${order.allocated_bytes} bytes for ${kept} rows`);
});
