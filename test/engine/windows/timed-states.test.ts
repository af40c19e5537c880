import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimedStates } from '../../../engine/windows/timed-states.ts';

test('states come in the order of their due times, also when some are put off, freed, or saved and restored', () => {
  // Within a tick of the queue, over many, and over so many that ticks become longer.
  const times = fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(4_000_000), fc.constant(2_000_000_000));
  const kinds = fc.constantFrom('add', 'add', 'put off', 'free', 'restore', 'next', 'next');
  const action = fc.record({ kind: kinds, at: times });
  const property = fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
    let states = new TimedStates();
    const due = new Map<number, number>();
    for (const { kind, at } of actions) {
      const some = [...due.keys()][at % Math.max(1, due.size)];
      if (kind === 'add') {
        const state = states.create(at % 3, at);
        assert.deepEqual([states.operatorOf(state), states.keyOf(state)], [at % 3, at]);
        states.schedule(state, at);
        due.set(state, at);
      } else if (kind === 'restore') {
        const restored = new TimedStates();
        restored.restore(structuredClone(states.snapshot()));
        states = restored;
      } else if (kind === 'next' && due.size > 0) {
        // As a store does it: what is due first goes, or is due again later.
        const { first, firstDue } = states;
        if (at % 2 === 0) states.free(first);
        else states.schedule(first, firstDue + at);
        due.delete(first);
        if (at % 2 === 1) due.set(first, firstDue + at);
      } else if (some !== undefined && kind === 'free') {
        states.free(some);
        due.delete(some);
      } else if (some !== undefined) {
        const later = (due.get(some) as number) + at;
        states.schedule(some, later);
        due.set(some, later);
      }
      assert.equal(states.firstDue, Math.min(Number.POSITIVE_INFINITY, ...due.values()));
      assert.equal(due.get(states.first) ?? Number.POSITIVE_INFINITY, states.firstDue);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('states that are due over years come in order, and what was freed or put off leaves no entry behind for long', () => {
  const states = new TimedStates();
  const due = new Map<number, number>();
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const add = (at: number) => {
    const state = states.create(0, 0);
    states.schedule(state, at);
    due.set(state, at);
  };
  for (let k = 0; k < 5_000; k++) add(random(100_000_000_000));
  const bytes = states.allocated_bytes;
  // Bounds drive states out long before they are due, and their numbers go to new ones.
  for (let k = 0; k < 50_000; k++) {
    const [gone] = due.keys();
    states.free(gone as number);
    due.delete(gone as number);
    add(random(100_000_000_000));
  }
  assert.ok(states.allocated_bytes < 1.2 * bytes, `${bytes} bytes, then ${states.allocated_bytes}`);
  const expected = [...due.values()].sort((a, b) => a - b);
  const came: number[] = [];
  while (states.first !== 0) {
    came.push(states.firstDue);
    states.free(states.first);
  }
  assert.deepEqual(came, expected);
  assert.equal(states.records.live, 1);
});
