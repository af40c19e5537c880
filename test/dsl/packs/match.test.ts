import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DetectionView } from '../../../dsl/packs/detection-view.ts';
import type { Expectation } from '../../../dsl/packs/expectation.ts';
import { compareDetections, differences } from '../../../dsl/packs/match.ts';
import { test_start_ms } from '../../../dsl/packs/script.ts';
import type { Value } from '../../../engine/index.ts';

const place = { start: 0, end: 0 };

function expected(rule: string, at_ms: number | null, extra: Partial<Expectation> = {}): Expectation {
  const plain = { values: [], key: null, suppressed: false, severity: null, evidence: null, line: 1, place };
  const outcome = {
    ...{ suppressed_by: null, revision: null, closed: false, severity_place: place },
    ...({ timing: 'final', withdrawn: false } as const),
  };
  return { rule, at_ms, ...plain, ...outcome, ...extra };
}

function got(rule: string, at_ms: number, extra: Partial<DetectionView> = {}): DetectionView {
  const plain = { severity: 'high', suppressed: false, evidence_total: 1, revision: 1, status: 'open' } as const;
  const outcome = {
    suppressed_by: null,
    follows: (extra.revision ?? 1) > 1,
    timing: 'final',
    withdrawn: false,
  } as const;
  return { rule, at_ms, key: [], columns: [], ...plain, ...outcome, ...extra };
}

function column(
  name: string,
  value: Value,
  type: 'string' | 'int' | 'float' | 'timestamp' | 'duration' | 'array' = 'int',
) {
  return { name, type, value };
}

const value = (name: string, wanted: Expectation['values'][0]['value']) => ({ column: name, value: wanted, ...place });
const summary = (wanted: Expectation[], views: DetectionView[]) =>
  compareDetections(wanted, views).map((one) => [one.expected?.at_ms ?? null, one.got?.at_ms ?? null]);

test('equal lists have no difference; order counts', () => {
  assert.deepEqual(summary([expected('r', 1), expected('r', 2)], [got('r', 1), got('r', 2)]), []);
  assert.equal(summary([expected('a', 1), expected('b', 1)], [got('b', 1), got('a', 1)]).length > 0, true);
});

test('one that is missing, or one too many, is one difference', () => {
  const views = [1, 2, 3, 4].map((at) => got('r', at));
  assert.deepEqual(summary([expected('r', 1), expected('r', 3), expected('r', 4)], views), [[null, 2]]);
  assert.deepEqual(
    summary(
      [1, 2, 3, 4, 5].map((at) => expected('r', at)),
      views,
    ),
    [[5, null]],
  );
});

test('a wrong time is one difference with both sides', () => {
  assert.deepEqual(summary([expected('r', 1), expected('r', 9)], [got('r', 1), got('r', 8)]), [[9, 8]]);
  assert.deepEqual(summary([expected('a', 1)], [got('b', 1)]).length, 2, 'two rules are two differences');
});

test('suppressed detections may be expected and need not be', () => {
  const suppressed = got('r', 2, { suppressed: true });
  assert.deepEqual(summary([expected('r', 1)], [got('r', 1), suppressed]), []);
  assert.deepEqual(summary([expected('r', 1), expected('r', 2, { suppressed: true })], [got('r', 1), suppressed]), []);
  assert.equal(summary([expected('r', 2, { suppressed: true })], [got('r', 2)]).length, 1);
  assert.equal(summary([expected('r', 2)], [suppressed]).length, 1);
});

test('columns, in any subset: numbers, lists, NULL, times as offsets', () => {
  const view = got('r', 0, {
    key: ['x', 5],
    columns: [
      column('n', 10),
      column('ratio', 1 / 3, 'float'),
      column('names', ['a', null], 'array'),
      column('nothing', null),
      column('start', test_start_ms + 60_000, 'timestamp'),
      column('took', 90_000, 'duration'),
    ],
  });
  const check = (...values: Expectation['values']) => differences(expected('r', null, { values }), view);
  assert.deepEqual(check(value('n', 10), value('ratio', 0.3333333333), value('names', ['a', null])), []);
  assert.deepEqual(check(value('nothing', null), value('start', '1m'), value('took', '1m30s')), []);
  assert.deepEqual(check(value('start', '2026-01-05T00:01:00Z')), []);
  assert.deepEqual(check(value('n', 11), value('n', '10'), value('names', ['a'])), ['n', 'n', 'names']);
  assert.deepEqual(check(value('missing', 1)), ['missing']);
  const rest = { key: ['x', 6], severity: 'low', evidence: 2 };
  assert.deepEqual(differences(expected('r', 5, rest), view), ['at', 'key', 'severity', 'evidence']);
});

test('thousands of detections that all differ are still compared in bounded work', () => {
  const wanted = Array.from({ length: 3000 }, (_, i) => expected('r', i * 2));
  const views = Array.from({ length: 3000 }, (_, i) => got('r', i * 2 + 1));
  assert.equal(compareDetections(wanted, views).length, 3000);
});

test('a further revision may be expected and need not be; an expectation without one means the first', () => {
  const found = [
    got('a', 1),
    got('a', 2, { revision: 2, status: 'updated', severity: 'critical' }),
    got('a', 3, { revision: 3, status: 'closed' }),
  ];
  assert.deepEqual(compareDetections([expected('a', 1)], found), []);
  const all = [
    expected('a', 1),
    expected('a', 2, { revision: 2, severity: 'critical' }),
    expected('a', 3, { revision: null, closed: true }),
  ];
  assert.deepEqual(compareDetections(all, found), []);
  assert.equal(compareDetections([expected('a', 1), expected('a', 2)], found).length, 1);
  assert.equal(
    compareDetections([expected('a', 1), expected('a', 2, { revision: null, closed: true })], found).length,
    1,
  );
});

test('what is there at another place of the list is one difference of order, and neither missing nor too many', () => {
  const wanted = [expected('a', 1), expected('b', 1), expected('c', 2)];
  const found = compareDetections(wanted, [got('b', 1), got('a', 1), got('c', 2)]);
  assert.deepEqual(
    found.map(({ expected: one, got: other, order }) => [one?.rule, other?.rule, order]),
    [['a', 'a', { expected: 1, got: 2 }]],
  );
  const beside = compareDetections(wanted, [got('b', 1), got('x', 1), got('a', 1), got('c', 2)]);
  assert.deepEqual(
    beside.map(({ expected: one, got: other, order }) => [one?.rule ?? null, other?.rule, order !== undefined]),
    [
      ['a', 'a', true],
      [null, 'x', false],
    ],
  );
  const suppressed = got('a', 1, { suppressed: true });
  assert.equal(compareDetections([expected('b', 1), expected('a', 1)], [suppressed, got('b', 1)])[0].order, undefined);
});
