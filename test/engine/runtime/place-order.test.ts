import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparePlaced, type PlacedItem, PlacedMerge } from '../../../engine/runtime/place-order.ts';

const item = fc.record({
  decided_at: fc.nat(3),
  rule_number: fc.nat(2),
  place: fc.record({
    at_end: fc.nat(2),
    seq: fc.nat(1),
    event_id: fc.constantFrom('', 'a', '\u{1f600}', '\uff5e'),
    event_tenant: fc.constantFrom('', 'S', 'T'),
  }),
});

const at = (decided_at: number, rule_number: number, place: Partial<PlacedItem['place']> = {}): PlacedItem => {
  return { decided_at, rule_number, place: { at_end: 0, seq: 0, event_id: '', event_tenant: '', ...place } };
};

test('S2 what different rules decided: by time, events before deadlines before windows, by seq, id, tenant, then rule', () => {
  const inOrder = [
    at(1, 9, { at_end: 2 }),
    at(2, 9, { event_id: 'z', event_tenant: 'Z' }),
    at(2, 8, { seq: 1, event_id: 'b', event_tenant: 'Z' }),
    // By the bytes of UTF-8 and not by units of UTF-16.
    at(2, 7, { seq: 1, event_id: '\uff5e', event_tenant: 'Z' }),
    at(2, 6, { seq: 1, event_id: '\u{1f600}', event_tenant: 'S' }),
    at(2, 4, { seq: 1, event_id: '\u{1f600}', event_tenant: 'T' }),
    at(2, 5, { seq: 1, event_id: '\u{1f600}', event_tenant: 'T' }),
    at(2, 3, { at_end: 1 }),
    at(2, 1, { at_end: 2 }),
    at(2, 2, { at_end: 2 }),
    at(3, 0),
  ];
  assert.deepEqual([...inOrder].reverse().sort(comparePlaced), inOrder);
});

test('parts give what they decide as they come to it: nothing is given too early, nothing twice, and all of it in order', () => {
  const parts = fc.array(fc.array(item, { maxLength: 8 }), { minLength: 1, maxLength: 4 });
  const check = (drawn: PlacedItem[][], picks: number[]): void => {
    // A rule is of one part, whose own order stands.
    const all = drawn.map((items, part) => {
      return items.map((one) => ({ ...one, rule_number: one.rule_number * 4 + part })).sort(comparePlaced);
    });
    const merge = new PlacedMerge(all.length);
    const left = all.map((items) => [...items]);
    const given: PlacedItem[] = [];
    for (const pick of picks) {
      const part = pick % all.length;
      const some = left[part].splice(0, 1 + (pick % 3));
      merge.add(part, some);
      merge.reach(part, left[part].length === 0 ? Number.POSITIVE_INFINITY : left[part][0].decided_at);
      given.push(...merge.take());
    }
    left.forEach((items, part) => {
      merge.add(part, items);
      merge.reach(part, Number.POSITIVE_INFINITY);
    });
    given.push(...merge.take());
    assert.deepEqual(given, all.flat().sort(comparePlaced));
    assert.deepEqual(merge.take(), []);
    for (const part of all.keys()) assert.equal(merge.waiting(part), 0);
  };
  fc.assert(fc.property(parts, fc.array(fc.nat(11), { maxLength: 20 }), check), { numRuns: 500 });
});
