import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oracle } from '../simulation/naive-oracle.ts';
import { withoutShown } from '../simulation/oracle-joins.ts';
import { acceptedEvents, isExpressible, readPinnedCases } from './pinned-cases.ts';

const cases = readPinnedCases();

test('the naive oracle gives the pinned answers', { skip: cases === null && '../shared/cases is not here' }, () => {
  for (const pinned of cases ?? []) {
    const rules = pinned.input.rules.filter(isExpressible);
    const names = new Set(rules.map((rule) => rule.name));
    const got = withoutShown(
      rules,
      oracle(rules, acceptedEvents(pinned), () => ''),
    );
    const expected = pinned.detections.filter((d) => names.has(d.rule));
    assert.deepEqual(got, expected, `case ${pinned.case}`);
  }
});
