import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { allActivationsOf, eventsOf, recordOf, textOf } from './parity.ts';
import { checkParts, partRuns } from './parts-way.ts';
import { everyWay, longRuns } from './properties.ts';
import { seeded } from './random.ts';

test('S1 rules of all kinds in parts, by threads that know nothing of each other, decide the same in the same order', () => {
  const before = { ...partRuns };
  const check = (parity: ParityCase): void => {
    const events = eventsOf(parity);
    const records = events.map((event, i) => recordOf(event, i + 1));
    const activations = allActivationsOf(
      parity,
      events.map(({ timestamp }) => timestamp),
    );
    checkParts(textOf(parity.rules, parity.lateness), records, activations, seeded(parity.seed));
  };
  fc.assert(fc.property(fc.oneof(everyWay.cases, longRuns.cases), check), { numRuns: 300, endOnFailure: true });
  const { made, mixed, with_rows } = partRuns;
  assert.ok(
    made - before.made > 100 && mixed - before.mixed > 20 && with_rows - before.with_rows > 20,
    JSON.stringify(partRuns),
  );
});
