import type { RuleScore, ScenarioScore, ScoreResult } from '../score/score.ts';
import type { Shell } from './command.ts';
import { ruleFigures, scenarioColumns, shownShare, shownTable, shownTime, text } from './score-columns.ts';
import { junitAttribute } from './test-junit.ts';
import { formatCount } from './units.ts';

export interface ScoreFailure {
  /** Of a rule or of a scenario. */
  readonly name: string;
  readonly text: string;
}

/** Rules that claim more than was observed; with `must_find` also what was missed, and noise in a quiet week. */
export function scoreFailures({ rules, scenarios }: ScoreResult, must_find: boolean): ScoreFailure[] {
  const failures = rules.flatMap((rule) => claimFailure(rule));
  return must_find ? [...failures, ...scenarios.flatMap((scenario) => scenarioFailure(scenario))] : failures;
}

function claimFailure({ rule, claims_too_much, confidence, precision, right, detections }: RuleScore): ScoreFailure[] {
  if (!claims_too_much) return [];
  const seen = `${formatCount(right)} of ${formatCount(detections)} were right (${shownShare(precision)})`;
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
    const text = `${scenario}: ${in_time} of ${attacks} attacks were found within ${shownTime(within_ms)} by a rule that is sure enough`;
    return [{ name: scenario, text }];
  }
  if (verdict !== 'loud') return [];
  return [
    { name: scenario, text: `${scenario}: ${loud_mistakes} detections of severity high or critical, and no attack` },
  ];
}

/** Two tables: scenarios, then rules; and the rules of which nothing was measured. */
export function scoreTable(result: ScoreResult, shell: Shell): string {
  const { paint } = shell.stdout;
  const scenarios = shownTable(scenarioColumns, result.scenarios, shell);
  const rules = shownTable([text<RuleScore>('rule', ({ rule }) => rule), ...ruleFigures], result.rules, shell);
  const silent = result.rules.filter(({ detections }) => detections === 0).map(({ rule }) => rule);
  const notes = [`  ${formatCount(result.background_events)} background events`];
  if (silent.length > 0) notes.push(paint.dim(`  no detection, so nothing is measured: ${silent.join(', ')}`));
  return `${scenarios}\n\n${rules}\n\n${notes.join('\n')}`;
}

interface JunitCase {
  readonly name: string;
  readonly failures: readonly ScoreFailure[];
  /** Why nothing can be said of it; null: something can. */
  readonly unmeasured: string | null;
}

/** A suite of the rules' claims and one of the scenarios, for CI servers. */
export function scoreJunit(result: ScoreResult, must_find: boolean): string {
  const suite = (name: string, cases: readonly JunitCase[]): string => {
    const failed = cases.filter(({ failures }) => failures.length > 0).length;
    const skipped = cases.filter(({ failures, unmeasured }) => failures.length === 0 && unmeasured !== null).length;
    const lines = cases.map(({ name: title, failures: [failure], unmeasured }) => {
      const opening = `<testcase name="${junitAttribute(title)}" classname="${name}"`;
      if (failure !== undefined)
        return `    ${opening}><failure message="${junitAttribute(failure.text)}"/></testcase>`;
      return unmeasured === null
        ? `    ${opening}/>`
        : `    ${opening}><skipped message="${junitAttribute(unmeasured)}"/></testcase>`;
    });
    return [
      `  <testsuite name="${name}" tests="${cases.length}" failures="${failed}" skipped="${skipped}">`,
      ...lines,
      '  </testsuite>',
    ].join('\n');
  };
  const rules = result.rules.map((rule): JunitCase => {
    const unmeasured = rule.detections === 0 ? 'no detection in these scenarios' : null;
    return { name: rule.rule, failures: claimFailure(rule), unmeasured };
  });
  const scenarios = must_find
    ? result.scenarios.map((one): JunitCase => {
        const unmeasured = one.verdict === 'not sayable yet' ? `not sayable yet: needs ${one.needs}` : null;
        return { name: one.scenario, failures: scenarioFailure(one), unmeasured };
      })
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
