import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HorizonTable } from '../../../engine/door/horizon-table.ts';
import { seeded } from '../../simulation/random.ts';

function entriesOf(table: HorizonTable, low: number, high: number): number[][] {
  const found: number[][] = [];
  for (let handle = table.find(low, high); handle !== -1; handle = table.next(handle)) {
    found.push([table.timeOf(handle), table.payloadOf(handle), table.markOf(handle)]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

test('every entry within the horizon is found, by all that share its hash, however often the table was rebuilt', () => {
  const step = fc.record({ low: fc.nat(20), high: fc.constantFrom(1, 2 ** 26 + 1, -1), gap: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new HorizonTable(1_000_000);
      const all: number[][] = [];
      let time = 0;
      steps.forEach(({ low, high, gap }, i) => {
        time += gap;
        table.forgetBefore(time - 50);
        table.insert(low, high, time, i, i * 2);
        all.push([low, high, time, i, i * 2]);
      });
      for (const [low, high] of all) {
        const expected = all.filter((e) => e[0] === low && e[1] === high && e[2] >= time - 50).map((e) => e.slice(2));
        assert.deepEqual(
          entriesOf(table, low, high).filter((entry) => entry[0] >= time - 50),
          expected.sort((a, b) => a[0] - b[0]),
        );
      }
    }),
  );
});

test('while as many leave as come, nothing within the horizon is lost and memory does not grow', () => {
  const random = seeded(3);
  for (const horizon of [40, 170, 900]) {
    const table = new HorizonTable(1_000_000);
    const all: [low: number, high: number, time: number][] = [];
    let most_bytes = 0;
    for (let time = 0; time < 12_000; time++) {
      // Of one segment, and few enough places for them that many searches begin in one.
      const entry = [1 + Math.floor(random() * 1000), 3 + Math.floor(random() * 4), time] as [number, number, number];
      table.forgetBefore(time - horizon);
      table.insert(...entry, time, 0);
      all.push(entry);
      if (time === 4000) most_bytes = table.allocated_bytes;
      if (time % 50 !== 0) continue;
      for (const [low, high, at] of all.slice(-horizon)) {
        const isFound = entriesOf(table, low, high).some(([found]) => found === at);
        assert.ok(isFound, `${low}, ${high} of ${at} is lost at ${time}, with a horizon of ${horizon}`);
      }
    }
    assert.equal(table.allocated_bytes, most_bytes);
  }
});

test('beyond its limit the oldest entries leave and are counted, the newest stay', () => {
  const table = new HorizonTable(64 * 100);
  for (let i = 1; i <= 1000; i++) table.insert(Math.imul(i, 0x9e3779b1), 5, i, i, 0);
  assert.ok(table.dropped > 0);
  let held = 0;
  for (let i = 1; i <= 1000; i++) held += entriesOf(table, Math.imul(i, 0x9e3779b1), 5).length;
  assert.equal(held + table.dropped, 1000);
  assert.ok(held <= 150, `${held} entries where 100 were allowed`);
  assert.equal(entriesOf(table, Math.imul(1000, 0x9e3779b1), 5).length, 1);
  assert.equal(entriesOf(table, Math.imul(1, 0x9e3779b1), 5).length, 0);
  assert.ok(table.droppedBefore(5) > 1);
});

test('a flood of one hash and one time at the limit leaves a table that still answers', () => {
  const table = new HorizonTable(64 * 50);
  for (let i = 0; i < 1000; i++) table.insert(i + 1, 7, 1000, i, 0);
  assert.equal(entriesOf(table, 1000, 7).length, 1);
});

test('a restored table answers as the one that was saved, and goes on alike', () => {
  const table = new HorizonTable(64 * 20);
  const other = new HorizonTable(64 * 20);
  for (let i = 1; i <= 300; i++) table.insert(i, i % 3, i, i, i);
  other.restore(structuredClone(table.snapshot()));
  for (let i = 301; i <= 600; i++) for (const each of [table, other]) each.insert(i, i % 3, i, i, i);
  assert.deepEqual(other.snapshot(), table.snapshot());
});

/** Work of the process in milliseconds for finding and inserting hashes. */
function work(hashes: readonly (readonly [low: number, high: number])[]): number {
  const table = new HorizonTable(16_000_000);
  const before = process.cpuUsage();
  for (const [low, high] of hashes) if (table.find(low, high) === -1) table.insert(low, high, 1, -1, 0);
  return process.cpuUsage(before).user / 1000;
}

test('hashes of which one half was chosen cost no more than others', () => {
  const random = seeded(7);
  const half = () => Math.floor(random() * 2 ** 32) | 0;
  // One segment, which the upper bits of the second half say.
  const high = () => (half() & 0x3ffffff) | (5 << 26);
  const plain = Array.from({ length: 30_000 }, () => [half(), high()] as const);
  const chosen = plain.map(([, second]) => [12_345, second] as const);
  work(plain);
  // One beginning for all of them took some hundred times as long, and more the more there were. A tick of the clock that
  // counts the work may be as long as all of it.
  const [chosen_ms, plain_ms] = [work(chosen), work(plain)];
  assert.ok(chosen_ms < 8 * plain_ms + 200, `${chosen_ms} ms instead of ${plain_ms}`);
});

test('what a snapshot says stays as it was while the table goes on', () => {
  const table = new HorizonTable(64 * 200);
  for (let i = 1; i <= 500; i++) table.insert(Math.imul(i, 0x9e3779b1), Math.imul(i, 0x85ebca6b), i, i, 0);
  const snapshot = table.snapshot();
  const before = structuredClone(snapshot);
  for (let i = 1; i <= 700; i++) {
    const [low, high] = [Math.imul(i, 0x9e3779b1), Math.imul(i, 0x85ebca6b)];
    const handle = table.find(low, high);
    if (handle === -1) table.insert(low, high, i, i, 1);
    else table.set(handle, i + 1, 7, 7);
  }
  assert.deepEqual(snapshot, before);
});

test('ids of a horizon take at most 45 bytes each, however many they are, when as many leave as come', () => {
  const random = seeded(11);
  const half = () => Math.floor(random() * 2 ** 32) | 0;
  for (const kept of [20_000, 33_000, 40_000, 47_000, 70_000]) {
    const table = new HorizonTable(16_000_000);
    for (let time_ms = 1; time_ms <= 3 * kept; time_ms++) {
      table.forgetBefore(time_ms - kept);
      table.insert(half(), half(), time_ms, -1, 0);
    }
    const each = table.allocated_bytes / kept;
    assert.ok(each > 25 && each < 45, `${each} bytes for each of ${kept}`);
  }
});
