import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreFailures, scoreJunit } from '../../../ui-api/cli/score-report.ts';
import type { RuleScore, ScenarioScore, ScoreResult } from '../../../ui-api/score/score.ts';

const rule = (name: string, right: number, detections: number, confidence: number | null): RuleScore => {
  const precision = detections === 0 ? null : right / detections;
  const claims_too_much = precision !== null && confidence !== null && confidence > precision;
  return {
    ...{ rule: name, detections, right, precision, confidence, claims_too_much },
    ...{
      recall: null,
      found_by_kind: [],
      detections_per_entity: null,
      wrong_per_million: 0,
      p50_ms: null,
      p95_ms: null,
    },
  };
};

const scenario = (name: string, verdict: ScenarioScore['verdict'], needs = 'windows and joins'): ScenarioScore => ({
  ...{ scenario: name, needs, seeds: 2, attacks: 4, found: 3, in_time: 3, within_ms: 60_000 },
  ...{ p50_ms: 1000, p95_ms: null, takeovers: 0, takeovers_found: 0, first_rule: null },
  ...{ loud_mistakes: verdict === 'loud' ? 2 : 0, verdict },
});

const result: ScoreResult = {
  rules: [rule('holds', 9, 10, 0.9), rule('boasts', 8, 10, 0.9), rule('silent', 0, 0, 0.9), rule('modest', 1, 9, null)],
  scenarios: [
    scenario('seen', 'found'),
    scenario('unseen', 'missed'),
    scenario('noisy', 'loud'),
    scenario('later', 'not sayable yet', 'history'),
  ],
  background_events: 1000,
};

test('a claim above what was observed always fails; what was missed, and noise, where it must be found', () => {
  assert.deepEqual(
    scoreFailures(result, false).map(({ name }) => name),
    ['boasts'],
  );
  const failures = scoreFailures(result, true);
  assert.deepEqual(
    failures.map(({ name }) => name),
    ['boasts', 'unseen', 'noisy'],
  );
  assert.match(failures[0].text, /boasts states CONFIDENCE 0\.9, but 8 of 10 were right \(0\.800\)/);
  assert.match(failures[1].text, /unseen: 3 of 4 attacks were found within 1 m/);
});

test('JUnit: failures, and what could not be measured as skipped', () => {
  const lines = scoreJunit(result, true).split('\n');
  assert.deepEqual(
    lines.filter((line) => line.includes('<testsuite')),
    [
      '<testsuites name="weir score" tests="8" failures="3">',
      '  <testsuite name="confidence" tests="4" failures="1" skipped="1">',
      '  <testsuite name="scenarios" tests="4" failures="2" skipped="1">',
    ],
  );
  const of = (name: string) => lines.find((line) => line.includes(`name="${name}"`)) ?? '';
  assert.match(of('holds'), /classname="confidence"\/>/);
  assert.match(of('boasts'), /<failure message="boasts states CONFIDENCE/);
  assert.match(of('silent'), /<skipped message="no detection in these scenarios"\/>/);
  assert.match(of('later'), /<skipped message="not sayable yet: needs history"\/>/);
  assert.match(of('seen'), /classname="scenarios"\/>/);
  assert.doesNotMatch(scoreJunit(result, false), /classname="scenarios"/);
});
