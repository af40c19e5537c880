import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { type JudgedDetection, type JudgedRun, judgeEvidence, percentile } from '../../../ui-api/score/judgement.ts';
import { type Demand, scoreRuns } from '../../../ui-api/score/score.ts';

const minute_ms = 60_000;

const text = `CREATE RULE sure SEVERITY high CONFIDENCE 0.9 AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE RULE vague SEVERITY low CONFIDENCE 0.5 AS SELECT account_id FROM events WHERE event_type = 'logout';
CREATE RULE never SEVERITY low CONFIDENCE 0.5 AS SELECT account_id FROM events WHERE event_type = 'follow';`;
const { plan } = compile([{ path: 'a.rule.sql', text }]);
assert.ok(plan);
const program = buildProgram(plan);

const swap: Demand = {
  name: 'swap',
  found_within_ms: 2 * minute_ms,
  least_confidence: 0.8,
  needs: 'windows and joins',
};
const quiet: Demand = { name: 'quiet', found_within_ms: null, least_confidence: 0, needs: 'windows and joins' };

const detection = (rule: 'sure' | 'vague', minute: number, attacks: string[], entity = 'a'): JudgedDetection => ({
  rule,
  severity: rule === 'sure' ? 'high' : 'low',
  confidence: rule === 'sure' ? 0.9 : 0.5,
  decided_at: minute * minute_ms,
  entity,
  attacks,
  is_right: attacks.length > 0,
});

const run = (
  scenario: string,
  seed: number,
  attacks: [string, number][],
  detections: JudgedDetection[],
): JudgedRun => ({
  scenario,
  seed,
  background_events: 100_000,
  attacks: new Map(attacks.map(([attack, minute]) => [attack, { first_ms: minute * minute_ms, events: 2 }])),
  detections,
});

// Three attacks begin at minute 0, one account was taken. swap/1: vague at 1, sure at 2. swap/2: sure at 5, too late.
// swap/3: never. One wrong detection of each rule.
const attacks: [string, number][] = [
  ['swap/1', 0],
  ['swap/2', 0],
  ['swap/3', 0],
  ['swap/takeover-1', 0],
];
const runs = [
  run('swap', 1, attacks, [
    detection('vague', 1, ['swap/1']),
    detection('sure', 2, ['swap/1', 'swap/takeover-1']),
    detection('sure', 5, ['swap/2'], 'b'),
    detection('sure', 7, ['swap/2'], 'b'),
    detection('vague', 9, []),
  ]),
  run('quiet', 1, [], [detection('sure', 3, [], 'c')]),
];

test('scenarios: found, found in time by a rule that is sure enough, times with what was missed as infinite', () => {
  const [one, other] = scoreRuns(program, [swap, quiet], runs).scenarios;
  assert.deepEqual(one, {
    ...{ scenario: 'swap', needs: 'windows and joins', seeds: 1, attacks: 3, within_ms: 120_000 },
    ...{ found: 2, in_time: 1, takeovers: 1, takeovers_found: 1, p50_ms: 300_000, p95_ms: null },
    ...{ first_rule: one.first_rule, loud_mistakes: 0, verdict: 'missed' },
  });
  assert.ok(['vague', 'sure'].includes(String(one.first_rule)));
  assert.deepEqual([other.verdict, other.loud_mistakes], ['loud', 1]);
});

test('rules: precision beside the claim, recall, detections per entity, wrong ones per million', () => {
  const { rules, background_events } = scoreRuns(program, [swap, quiet], runs);
  assert.equal(background_events, 200_000);
  const [never, sure, vague] = [...rules].sort((a, b) => a.rule.localeCompare(b.rule));
  assert.deepEqual(sure, {
    ...{ rule: 'sure', detections: 4, right: 3, precision: 0.75, confidence: 0.9, claims_too_much: true },
    // Two of the three attacks; the one taken account beside them.
    ...{ recall: 2 / 3, detections_per_entity: 4 / 3, wrong_per_million: 5, p50_ms: 120_000, p95_ms: 300_000 },
    found_by_kind: [
      { scenario: 'swap', kind: 'attack', attacks: 3, found: 2 },
      { scenario: 'swap', kind: 'takeover', attacks: 1, found: 1 },
    ],
  });
  // What is observed equals the claim: it is not too high.
  assert.deepEqual(
    [vague.precision, vague.claims_too_much, vague.recall, vague.wrong_per_million],
    [0.5, false, 1 / 3, 5],
  );
  assert.deepEqual([never.precision, never.claims_too_much, never.recall, never.p50_ms], [null, false, null, null]);
});

test('evidence is right when half of it belongs to attacks; none is not', () => {
  assert.deepEqual(judgeEvidence(['a', null]), { attacks: ['a'], is_right: true });
  assert.deepEqual(judgeEvidence(['a', null, null]), { attacks: ['a'], is_right: false });
  assert.deepEqual(judgeEvidence(['a', 'b', 'a', null]), { attacks: ['a', 'b'], is_right: true });
  assert.deepEqual(judgeEvidence([]), { attacks: [], is_right: false });
});

test('percentiles by nearest rank', () => {
  const tens = Array.from({ length: 10 }, (_, i) => i + 1);
  assert.deepEqual(
    [0.5, 0.95, 0, 1].map((p) => percentile(tens, p)),
    [5, 10, 1, 10],
  );
  assert.equal(percentile([], 0.5), null);
});
