import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Program } from '../../../engine/index.ts';
import { acceptedEvents, type PinnedCase, readPinnedCases } from '../../conformance/pinned-cases.ts';
import { expectedForm } from './expected-form.ts';
import { inTotalOrder, ProgramBuilder } from './programs.ts';
import { runFold } from './run.ts';

/** The shared pinned cases through the fold alone: operators straight from the JSON rules, accepted events in order. */
const cases = readPinnedCases() ?? [];
const skip = cases.length === 0 && '../shared/cases is not here';

function programOf(pinned: PinnedCase): Program {
  const builder = new ProgramBuilder();
  for (const rule of pinned.input.rules) if (rule.kind !== 'sequence') builder.add(rule);
  return builder.build();
}

for (const form of ['judge', 'hot'] as const) {
  test(`S5 S8 S9 S13 the ${form} form gives the answers of the 200 pinned cases, order too`, { skip }, () => {
    assert.equal(cases.length, 200);
    for (const [n, pinned] of cases.entries()) {
      const program = programOf(pinned);
      const names = new Set(program.operators.map((operator) => operator.name));
      const expected = pinned.detections.filter((detection) => names.has(detection.rule));
      const options = { form, shards: 1 + (n % 3), batch_rows: 1 + (n % 9) };
      const { detections } = runFold(program, inTotalOrder(acceptedEvents(pinned)), options);
      const got = detections.map((detection) => expectedForm(detection, program));
      assert.deepEqual(got, expected, `case ${pinned.case}`);
    }
  });
}
