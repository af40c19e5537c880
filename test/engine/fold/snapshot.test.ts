import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import type { Snapshot } from '../../../engine/index.ts';
import { denseCase, parityCase } from '../../simulation/arbitrary.ts';
import { withPairs } from '../../simulation/arbitrary-pairs.ts';
import type { SimulationEvent } from '../../simulation/case.ts';
import { acceptedOf, programOf } from '../../simulation/parity.ts';
import { sweep } from '../decode/sweep.ts';
import { batchOf, ProgramBuilder } from './programs.ts';

const program = new ProgramBuilder()
  .add({
    ...{
      name: 'r',
      kind: 'window',
      where: null,
      group_by: ['k1'],
      window: { type: 'sliding', size: 50 },
      emit: 'auto',
    },
    aggs: [{ as: 'n', fn: 'count' }],
    having: ['>=', ['a', 'n'], ['v', 3]],
    suppress: { by: ['k1'], for: 100, reset: false },
  })
  .build();

/** What a store of this program has in a snapshot. */
interface Stored {
  readonly table: { readonly records: object; readonly order: { readonly pages: object } };
  readonly keys: { readonly records: object };
}

function eventsOf(from: number, to: number): (SimulationEvent & { event_id: string; seq: number })[] {
  return Array.from({ length: to - from }, (_, n) => {
    const i = from + n;
    const id = i % 3 === 0 ? `a long id of more than thirty-six bytes, number ${i}` : `e${i}`;
    return {
      ...{ timestamp: 1_000_000 + i * 4, event_id: id, seq: 0, tenant_id: i % 11 === 0 ? 'U' : 'T', type: 'A' },
      ...{ k1: `k${(i * i) % 7}`, k2: null, x: i % 5, ip: null, res: null },
    };
  });
}

test('S14 a snapshot stays what it was while the fold goes on', () => {
  const dictionary = new Dictionary();
  const fold = new Fold(program, dictionary, { shards: 2 });
  fold.push(batchOf(eventsOf(0, 300), dictionary), 0);
  const snapshot = fold.snapshot();
  const kept = structuredClone(snapshot);
  const after = fold.push(batchOf(eventsOf(300, 900), dictionary), 0);
  assert.deepEqual(snapshot, kept);
  const again = new Fold(program, dictionary, { shards: 2 });
  again.restore(snapshot);
  assert.deepEqual(again.push(batchOf(eventsOf(300, 900), dictionary), 0), after);
  assert.deepEqual(snapshot, kept, 'nor does a fold change the snapshot that it was restored from');
  assert.ok(after.length > 0);
});

test('S14 a snapshot that nobody else has is the memory of the fold that is restored from it', () => {
  const dictionary = new Dictionary();
  const first = new Fold(program, dictionary, { shards: 2 });
  first.push(batchOf(eventsOf(0, 300), dictionary), 0);
  const snapshot = first.snapshot();
  const kept = structuredClone(snapshot);
  const owned = structuredClone(snapshot);
  const fold = new Fold(program, dictionary, { shards: 2 });
  fold.restore(owned, false);
  const later = fold.snapshot();
  const keptLater = structuredClone(later);
  assert.deepEqual(keptLater, kept);
  const parts = (tree: Snapshot) => {
    const { table, keys } = (tree as unknown as { streams: { stages: { stores: Stored[] }[] } }).streams.stages[0]
      .stores[0];
    return [table.records, table.order.pages, keys.records].map((records) => structuredClone(records));
  };
  const before = parts(owned);
  const after = fold.push(batchOf(eventsOf(300, 900), dictionary), 0);
  assert.deepEqual(later, keptLater, 'a snapshot of it stays what it was');
  const twin = structuredClone(kept);
  const third = new Fold(program, dictionary, { shards: 2 });
  third.restore(twin, false);
  assert.deepEqual(third.push(batchOf(eventsOf(300, 900), dictionary), 0), after);
  assert.ok(after.length > 0);
  for (const [i, records] of parts(twin).entries()) assert.notDeepEqual(records, before[i], `part ${i} is written to`);
});

test('S14 a snapshot of any rules stays what it was, while the fold goes on and another one is restored from it', () => {
  const cases = fc.oneof(parityCase, denseCase, withPairs(denseCase));
  const property = fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), (parity, part) => {
    const compiled = programOf(parity.rules, parity.lateness);
    const events = acceptedOf(parity);
    const at = Math.floor(part * events.length);
    const symbols = new Dictionary();
    const fold = new Fold(compiled, symbols, { shards: 1 });
    fold.push(batchOf(events.slice(0, at), symbols, compiled), Number.NEGATIVE_INFINITY);
    const snapshot = fold.snapshot();
    const kept = structuredClone(snapshot);
    const rest = () => batchOf(events.slice(at), symbols, compiled);
    const after = fold.push(rest(), Number.POSITIVE_INFINITY);
    assert.deepEqual(snapshot, kept);
    const again = new Fold(compiled, symbols, { shards: 1 });
    again.restore(snapshot);
    assert.deepEqual(again.push(rest(), Number.POSITIVE_INFINITY), after);
    assert.deepEqual(snapshot, kept);
    const owner = new Fold(compiled, symbols, { shards: 1 });
    owner.restore(structuredClone(kept), false);
    const next = owner.snapshot();
    const keptNext = structuredClone(next);
    assert.deepEqual(owner.push(rest(), Number.POSITIVE_INFINITY), after);
    assert.deepEqual(next, keptNext);
  });
  fc.assert(property, { numRuns: 60 });
});

test('S14 a checkpoint of another number of shards is refused with what to do', () => {
  const snapshot = new Fold(program, new Dictionary(), { shards: 2 }).snapshot();
  const other = new Fold(program, new Dictionary(), { shards: 1 });
  assert.throws(() => other.restore(snapshot), /made with 2 shards .* start with 2/);
});

test('a sweep of the dictionary takes no id that the state holds, and caches forget those it takes', () => {
  const dictionary = new Dictionary();
  const plain = new Dictionary();
  const fold = new Fold(program, dictionary, { shards: 1 });
  const unswept = new Fold(program, plain, { shards: 1 });
  for (let at = 0; at < 600; at += 20) {
    const events = eventsOf(at, at + 20).map((event, n) => ({ ...event, k2: `once ${at + n}`, ip: `ip ${at + n}` }));
    assert.deepEqual(fold.push(batchOf(events, dictionary), 0), unswept.push(batchOf(events, plain), 0));
    // A part of it between two batches, as the engine does it.
    if (dictionary.isSweeping) dictionary.freeSome(11);
    else {
      dictionary.beginSweep((used) => fold.markUsed(used));
      fold.forget();
    }
  }
  while (dictionary.freeSome(1_000));
  sweep(dictionary, (used) => fold.markUsed(used));
  assert.ok(dictionary.size < 40, `${dictionary.size} texts are left of ${plain.size}`);
});

test('S14 rows and keys that no window reaches leave without a push to their group, a bounded number at once', () => {
  const dictionary = new Dictionary();
  const fold = new Fold(program, dictionary, { shards: 1 });
  fold.push(batchOf(eventsOf(0, 500), dictionary), 0);
  assert.ok(fold.stats().rows > 0);
  for (let push = 0; push < 64; push++) fold.push(batchOf([], dictionary), 10_000_000);
  const { rows, keys, operators } = fold.stats();
  assert.deepEqual([rows, keys], [0, 0]);
  assert.equal(operators[0].events, 500);
});

test('S8 a row with NULL in the key joins no group and is counted in null_key, whatever the number of shards', () => {
  for (const shards of [1, 3]) {
    const dictionary = new Dictionary();
    const fold = new Fold(program, dictionary, { shards });
    const events = eventsOf(0, 40).map((event, i) => (i % 4 === 0 ? { ...event, k1: null } : event));
    fold.push(batchOf(events, dictionary), 0);
    const [{ events: passed, null_key }] = fold.stats().operators;
    assert.deepEqual({ passed, null_key }, { passed: 40, null_key: 10 });
  }
});
