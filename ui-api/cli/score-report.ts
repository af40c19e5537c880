import type { RuleScore, ScenarioScore, ScoreResult } from '../score/score.ts';
import type { Shell } from './command.ts';
import { type Cell, renderTable } from './table.ts';
import { junitAttribute } from './test-junit.ts';
import { formatCount, formatDuration } from './units.ts';

export interface ScoreFailure {
  /** Of a rule or of a scenario. */
  readonly name: string;
  readonly text: string;
}

const share = (value: number | null): string => (value === null ? '' : value.toFixed(3));
const time = (value_ms: number | null): string => (value_ms === null ? '' : formatDuration(value_ms));

/** Rules that claim more than was observed; with `must_find` also what was missed, and noise in a quiet week. */
export function scoreFailures({ rules, scenarios }: ScoreResult, must_find: boolean): ScoreFailure[] {
  const failures = rules.flatMap((rule) => claimFailure(rule));
  return must_find ? [...failures, ...scenarios.flatMap((scenario) => scenarioFailure(scenario))] : failures;
}

function claimFailure({ rule, claims_too_much, confidence, precision, right, detections }: RuleScore): ScoreFailure[] {
  if (!claims_too_much) return [];
  const seen = `${formatCount(right)} of ${formatCount(detections)} were right (${share(precision)})`;
  return [
    {
      name: rule,
      text: `${rule} states CONFIDENCE ${confidence}, but ${seen}: lower the claim, or raise its thresholds`,
    },
  ];
}

function scenarioFailure({
  scenario,
  verdict,
  attacks,
  in_time,
  within_ms,
  loud_mistakes,
}: ScenarioScore): ScoreFailure[] {
  if (verdict === 'missed') {
    const text = `${scenario}: ${in_time} of ${attacks} attacks were found within ${time(within_ms)} by a rule that is sure enough`;
    return [{ name: scenario, text }];
  }
  if (verdict !== 'loud') return [];
  return [
    { name: scenario, text: `${scenario}: ${loud_mistakes} detections of severity high or critical, and no attack` },
  ];
}

/** Two tables: scenarios, then rules. */
export function scoreTable(result: ScoreResult, { stdout }: Shell): string {
  const { paint } = stdout;
  const right = 'right' as const;
  const scenarios = renderTable({
    columns: [
      { title: 'scenario' },
      { title: 'verdict' },
      { title: 'attacks', align: right },
      { title: 'found', align: right },
      { title: 'in time', align: right },
      { title: 'p50', align: right },
      { title: 'p95', align: right },
      { title: 'within', align: right },
      { title: 'takeovers', align: right },
      { title: 'loud mistakes', align: right },
      { title: 'first found by' },
    ],
    rows: result.scenarios.map((one): Cell[] => [
      one.scenario,
      { text: one.verdict, style: one.verdict === 'found' || one.verdict === 'quiet' ? 'green' : 'yellow' },
      formatCount(one.attacks),
      formatCount(one.found),
      formatCount(one.in_time),
      time(one.p50_ms),
      time(one.p95_ms),
      time(one.within_ms),
      one.takeovers === 0 ? '' : `${formatCount(one.takeovers_found)} of ${formatCount(one.takeovers)}`,
      formatCount(one.loud_mistakes),
      one.first_rule ?? '',
    ]),
    paint,
  });
  const rules = renderTable({
    columns: [
      { title: 'rule' },
      { title: 'detections', align: right },
      { title: 'right', align: right },
      { title: 'precision', align: right },
      { title: 'stated', align: right },
      { title: 'recall', align: right },
      { title: 'per entity', align: right },
      { title: 'wrong per million', align: right },
      { title: 'p50', align: right },
      { title: 'p95', align: right },
    ],
    rows: result.rules.map((one): Cell[] => [
      one.rule,
      formatCount(one.detections),
      formatCount(one.right),
      { text: share(one.precision), style: one.claims_too_much ? 'red' : 'green' },
      one.confidence === null ? '' : String(one.confidence),
      share(one.recall),
      one.detections_per_entity === null ? '' : one.detections_per_entity.toFixed(2),
      one.wrong_per_million.toFixed(2),
      time(one.p50_ms),
      time(one.p95_ms),
    ]),
    paint,
  });
  return `${scenarios}\n\n${rules}\n\n  ${formatCount(result.background_events)} background events`;
}

/** A suite of the rules' claims and one of the scenarios, for CI servers. */
export function scoreJunit(result: ScoreResult, must_find: boolean): string {
  const suite = (name: string, cases: readonly { name: string; failures: ScoreFailure[] }[]): string => {
    const failed = cases.filter(({ failures }) => failures.length > 0).length;
    const lines = cases.map(({ name: title, failures: [failure] }) => {
      const opening = `<testcase name="${junitAttribute(title)}" classname="${name}"`;
      return failure === undefined
        ? `    ${opening}/>`
        : `    ${opening}><failure message="${junitAttribute(failure.text)}"/></testcase>`;
    });
    return [
      `  <testsuite name="${name}" tests="${cases.length}" failures="${failed}">`,
      ...lines,
      '  </testsuite>',
    ].join('\n');
  };
  const rules = result.rules.map((rule) => ({ name: rule.rule, failures: claimFailure(rule) }));
  const scenarios = must_find
    ? result.scenarios.map((one) => ({ name: one.scenario, failures: scenarioFailure(one) }))
    : [];
  const failures = scoreFailures(result, must_find).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="weir score" tests="${rules.length + scenarios.length}" failures="${failures}">`,
    suite('confidence', rules),
    ...(scenarios.length > 0 ? [suite('scenarios', scenarios)] : []),
    '</testsuites>\n',
  ].join('\n');
}
