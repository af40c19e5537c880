import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimedStates } from '../../../engine/windows/timed-states.ts';

test('states come in the order of their due times, also when some are put off, freed, or saved and restored', () => {
  const action = fc.record({ kind: fc.constantFrom('add', 'add', 'put off', 'free', 'restore'), at: fc.nat(50) });
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
