import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { JOIN_MARKS } from '../../../engine/fold/join-layout.ts';
import { JoinSide } from '../../../engine/fold/join-side.ts';
import { RowHeap } from '../../../engine/fold/row-heap.ts';
import type { JoinSpec } from '../../../engine/index.ts';
import { eventRows } from '../../../engine/route/stream-rows.ts';
import { KeyTable } from '../../../engine/state/key-table.ts';
import { seeded } from '../../simulation/random.ts';
import { batchOf } from './programs.ts';
import { programOf } from './weir-sql.ts';

test('rows leave by time, whatever the order in which they came and others were taken out, also after a restart', () => {
  const random = seeded(5);
  const places = new Map<number, number>();
  let heap = new RowHeap((row, place) => places.set(row, place));
  const held = new Map<number, number>();
  for (let row = 0; row < 3000; row++) {
    const until = Math.floor(random() * 500);
    heap.add(row, until);
    held.set(row, until);
    if (random() < 0.4) {
      const other = [...held.keys()][Math.floor(random() * held.size)] as number;
      heap.removeAt(places.get(other) as number);
      held.delete(other);
    }
    if (row === 1500) {
      const saved = structuredClone(heap.snapshot());
      heap = new RowHeap((moved, place) => places.set(moved, place));
      heap.restore(saved);
    }
    assert.equal(heap.size, held.size);
  }
  const times: number[] = [];
  while (heap.size > 0) {
    assert.equal(heap.first_until, held.get(heap.first));
    times.push(heap.first_until);
    heap.removeAt(0);
  }
  assert.deepEqual(
    times,
    [...held.values()].sort((a, b) => a - b),
  );
  assert.ok(heap.allocated_bytes <= 16 * 12, 'memory goes with the rows');
});

/** Microseconds of processor for so many rows in the order of their times, and as many that came before them, in reversed order. */
function heldBack(count: number): number {
  const rule = `SELECT e.k FROM events AS e WHERE EXISTS (SELECT 1 FROM events AS b WHERE b.k = e.k WITHIN 1 HOUR)`;
  const program = programOf(`CREATE RULE r AS ${rule};`);
  const spec = program.streams.find(({ join }) => join !== undefined)?.join as JoinSpec;
  const symbols = new Dictionary();
  const events = Array.from({ length: 2 * count }, (_, i) => ({
    ...{ timestamp: i, event_id: `e${i}`, seq: i, tenant_id: 'T', type: 'A', k1: null, k2: null, x: null },
    ...{ ip: null, res: null, k: 'k' },
  }));
  const rows = eventRows(batchOf(events, symbols, program));
  const keys = new KeyTable(spec.left.key, [true], JOIN_MARKS, { shard: 0, shards: 1, groups: 1 }, symbols);
  const side = new JoinSide(program, spec, 'left', keys, 3_600_000, symbols);
  keys.findParts(rows.tenant[0] as number, [1]);
  const key = keys.create();
  side.bind(rows, 0, true);
  const before = process.cpuUsage();
  for (let i = count; i < 2 * count; i++) side.append(rows, i, i, key, 0);
  for (let i = count - 1; i >= 0; i--) side.append(rows, i, i, key, 0);
  for (let time = 0; time < 2 * count; time++) {
    const row = side.expiredAt(3_600_000 + time + 1);
    assert.equal(side.timeOf(row), time);
    side.remove(row);
  }
  return process.cpuUsage(before).user;
}

test('S9 rows that an EXISTS held back, in the worst order, cost the next one no more each where they are many', () => {
  heldBack(2_000);
  const few = heldBack(2_000);
  const many = heldBack(16_000);
  assert.ok(many < 24 * few, `8 times as many rows: ${few} us, ${many} us`);
});
