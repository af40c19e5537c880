import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import { type LookupFile, readTable } from '../lookups/read-lookup.ts';
import type { LookupPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { parseDuration } from './duration.ts';
import { unknownFields } from './event-template.ts';
import { type Expectation, expectation_keys } from './expectation.ts';
import type { TestFile } from './load-rules.ts';
import { type Placed, problemAt } from './problem.ts';
import { type GivenLookup, type RuleTest, readTestFile } from './test-file.ts';

const severities = ['info', 'low', 'medium', 'high', 'critical'];

/**
 * What a test says against what the rules have: rules, columns, parameters, fields and severities by name. `rules` are
 * the rules under test. A test with a problem does not run.
 */
export function checkTest(
  file: TestFile,
  test: RuleTest,
  plan: ProgramPlan,
  rules: readonly string[],
): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  const problem = (place: Placed, message: string, hint: string, label: string) =>
    problems.push(problemAt('W0403', file.path, place, message, hint, label));
  const known = plan.operators.filter(({ kind }) => kind === 'rule');
  for (const expected of test.expect) {
    const place = expected.place;
    const rule = known.find(({ name }) => name === expected.rule);
    if (rule === undefined) {
      const names = known.map(({ name }) => name);
      problem(
        place,
        `there is no rule \`${expected.rule}\``,
        `rules: ${listOf(names)}`,
        didYouMean(expected.rule, names),
      );
      continue;
    }
    for (const { column, start, end } of expected.values) {
      const columns = rule.outputs.map(({ name }) => name);
      if (columns.includes(column)) continue;
      const label = didYouMean(column, [...columns, ...expectation_keys]);
      const hint = `columns of ${rule.name}: ${listOf(columns)}`;
      problem({ start, end }, `${rule.name} has no column \`${column}\``, hint, label);
    }
    checkOutcome(expected, rule, problem);
    if (expected.severity !== null && !severities.includes(expected.severity)) {
      const label = didYouMean(expected.severity, severities);
      problem(
        expected.severity_place,
        `there is no severity \`${expected.severity}\``,
        `severities: ${severities.join(', ')}`,
        label,
      );
    }
  }
  checkParams(
    test,
    known.filter(({ name }) => rules.includes(name)),
    problem,
  );
  for (const given of test.given.lookups) problems.push(...checkLookup(file, given, plan));
  const events = test.steps.flatMap((step) => (step.kind === 'event' ? [step.event] : []));
  if (test.given.history !== null) events.push(test.given.history.event);
  for (const { map } of events) problems.push(...unknownFields(file.path, map, plan.stream.schema));
  return problems;
}

type Problem = (place: Placed, message: string, hint: string, label: string) => void;

/** What becomes of a detection can only be what the rule has: EMIT EARLY, SUPPRESS, exceptions. */
function checkOutcome({ timing, suppressed_by, place }: Expectation, rule: OperatorPlan, problem: Problem): void {
  if (timing === 'early' && !rule.emits_early) {
    problem(place, `nothing of ${rule.name} leaves early`, 'it does with EMIT EARLY at the end of the rule', '');
  }
  if (suppressed_by === null) return;
  const mutes = (rule.exceptions ?? []).filter(({ action }) => action === 'mute').map(({ name }) => name);
  if (parseDuration(suppressed_by) !== null ? rule.suppress !== null : mutes.includes(suppressed_by)) return;
  const hints = [
    ...(rule.suppress === null ? [] : ['the time of the detection that covers it, as in suppressed_by: 9m']),
    ...(mutes.length === 0 ? [] : [`exceptions that mute it: ${listOf(mutes)}`]),
  ];
  const hint = hints.join('; ') || 'it has no SUPPRESS, and no exception mutes it';
  problem(
    place,
    `nothing called ${suppressed_by} suppresses detections of ${rule.name}`,
    hint,
    didYouMean(suppressed_by, mutes),
  );
}

/** The rows that a test gives must be right: a lookup of the rules, its columns, values of their types. */
function checkLookup(file: TestFile, given: GivenLookup, plan: ProgramPlan): Diagnostic[] {
  const { lookups = [] } = plan;
  const lookup = lookups.find(({ name }) => name === given.name);
  const problem = (place: Placed, message: string, hint: string, label: string) =>
    problemAt('W0403', file.path, place, message, hint, label);
  if (lookup === undefined) {
    const names = lookups.map(({ name }) => name);
    const hint = names.length === 0 ? 'the rules have no CREATE LOOKUP' : `lookups: ${listOf(names)}`;
    return [problem(given.place, `there is no lookup \`${given.name}\``, hint, didYouMean(given.name, names))];
  }
  const columns = lookup.columns.map(({ name }) => name);
  const unknown = given.rows.flatMap(({ cells }) => {
    return [...cells].flatMap(([name, { offset, length }]) => {
      if (columns.includes(name)) return [];
      const place = { start: offset, end: offset + length };
      const message = `${lookup.name} has no column \`${name}\``;
      return [problem(place, message, `columns: ${listOf(columns)}`, didYouMean(name, columns))];
    });
  });
  const { diagnostics } = givenContent(file, given, lookup);
  return [...unknown, ...diagnostics.map((diagnostic) => ({ ...diagnostic, severity: 'error' as const }))];
}

/** The rows that a test gives, as the engine takes them. */
export function givenContent(file: TestFile, { rows }: GivenLookup, lookup: LookupPlan): LookupFile {
  return readTable(lookup, file, { head: null, rows, bad_rows: [], problem: null });
}

/**
 * All that is wrong with a test file, without running it: for `weir check` and the editor. Without a plan (the rules are
 * wrong) it is only read: what it says about them cannot be judged.
 */
export function checkTestFile(file: TestFile, plan: ProgramPlan | null): readonly Diagnostic[] {
  const { tests, problems } = readTestFile(file.path, file.text);
  if (plan === null) return problems;
  return [...problems, ...tests.flatMap((test) => checkTest(file, test, plan, rulesUnderTest(file, test, plan)))];
}

/** The rules that a test judges: those of the rule file beside it and those it names. */
export function rulesUnderTest(file: TestFile, test: RuleTest, plan: ProgramPlan): readonly string[] {
  const beside = file.path.replace(/\.test\.ya?ml$/, '.rule.sql');
  const rules = plan.operators.filter(({ kind, source }) => kind === 'rule' && source.path === beside);
  return [...new Set([...rules.map(({ name }) => name), ...test.expect.map(({ rule }) => rule)])];
}

function checkParams(test: RuleTest, rules: readonly OperatorPlan[], problem: Problem): void {
  const names = [...new Set(rules.flatMap(({ params }) => params.map(({ name }) => name)))];
  for (const [name] of test.given.params) {
    if (names.includes(name)) continue;
    const hint = names.length === 0 ? 'the rules under test have no PARAM' : `parameters: ${listOf(names)}`;
    problem(test.given.place, `there is no parameter \`${name}\``, hint, didYouMean(name, names));
  }
}
