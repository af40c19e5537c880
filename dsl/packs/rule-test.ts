import type { LookupContent, Program, Value } from '../../engine/index.ts';
import { buildProgram } from '../build/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ProgramPlan } from '../plan/plan.ts';
import { checkTest, givenContent, rulesUnderTest } from './check-test.ts';
import { coreText, type DetectionView, factsOf, viewDetection, viewEarly } from './detection-view.ts';
import { type DriveResult, drive } from './drive.ts';
import { doorFailures, mismatchFailure, type TestFailure, variantFailure } from './failure.ts';
import type { TestFile } from './load-rules.ts';
import { compareDetections } from './match.ts';
import { explainNearest } from './nearest.ts';
import { problemAt } from './problem.ts';
import { layOut, type ScriptItem } from './script.ts';
import { selectOperators } from './select-operators.ts';
import { type RuleTest, readTestFile } from './test-file.ts';
import { variantsOf } from './variants.ts';

/** What became of one test. */
export interface TestResult {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  /** The rules it judges: those of the rule file beside it and those it names. */
  readonly rules: readonly string[];
  readonly passed: boolean;
  readonly failures: readonly TestFailure[];
  /** Errors in the test itself (an unknown rule, column, field or parameter): it did not run. */
  readonly problems: readonly Diagnostic[];
  readonly events: number;
}

export interface TestFileResult {
  readonly path: string;
  readonly tests: readonly TestResult[];
  /** Errors that kept tests of this file from being read. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Gives the plan of all rules with other values for some PARAMs, by 'rule.param'; the plan is null when they do not
 * compile (a value outside its range), with the diagnostics.
 */
export type PlanWith = (params: ReadonlyMap<string, Value>) => {
  readonly plan: ProgramPlan | null;
  readonly diagnostics: readonly Diagnostic[];
};

/** A test that is wholly off differs in every detection: the first ones say why, and explaining costs runs. */
const mismatches_shown = 20;
const mismatches_explained = 3;

/**
 * Runs the tests of one file through the real engine: once as they are listed, to be judged, and then in other batch
 * sizes, with arrival shuffled inside LATENESS and restarted at every event, which must all give the same detections,
 * byte for byte in their core. `only`: tests with this text in their name. `lookups`: what their files have, for tests
 * that give no rows of their own. Pure: the same files give the same results.
 */
export function runTestFile(
  file: TestFile,
  plan: ProgramPlan,
  planWith: PlanWith,
  only = '',
  lookups: readonly LookupContent[] = [],
): TestFileResult {
  const { tests, problems } = readTestFile(file.path, file.text);
  const chosen = tests.filter(({ name }) => name.includes(only));
  return { path: file.path, tests: chosen.map((test) => runTest(file, test, plan, planWith, lookups)), problems };
}

function runTest(
  file: TestFile,
  test: RuleTest,
  plan: ProgramPlan,
  planWith: PlanWith,
  lookups: readonly LookupContent[],
): TestResult {
  const rules = rulesUnderTest(file, test, plan);
  const about = { path: file.path, name: test.name, line: test.line, rules };
  const problems = checkTest(file, test, plan, rules);
  if (problems.length > 0) return { ...about, passed: false, failures: [], problems, events: 0 };
  const laid = layOutTest(file, test, plan, planWith, rules, lookups);
  if ('problems' in laid) return { ...about, passed: false, failures: [], problems: laid.problems, events: 0 };
  const { selected, items } = laid;
  const failures = judge(test, selected, items);
  const events = items.filter((item) => item.kind === 'record').length;
  return { ...about, passed: failures.length === 0, failures, problems: [], events };
}

/** The rules of a test with the PARAMs that it gives, and what reaches the engine; or why there is neither. */
export function layOutTest(
  file: TestFile,
  test: RuleTest,
  plan: ProgramPlan,
  planWith: PlanWith,
  rules: readonly string[],
  lookups: readonly LookupContent[],
):
  | { readonly selected: ProgramPlan; readonly items: readonly ScriptItem[] }
  | { readonly problems: readonly Diagnostic[] } {
  const given = test.given.params.size === 0 ? { plan, diagnostics: [] } : planWith(givenParams(test, plan, rules));
  if (given.plan === null) return { problems: given.diagnostics };
  const selected = selectOperators(given.plan, rules);
  const rows = lookupItems(file, test, selected, lookups);
  if ('code' in rows) return { problems: [rows] };
  return { selected, items: [...rows, ...layOut(test, selected.stream.schema, selected.stream.settings.lateness_ms)] };
}

/** The rows of each lookup that the rules under test read: those that the test gives, else those of its file. */
function lookupItems(
  file: TestFile,
  test: RuleTest,
  plan: ProgramPlan,
  lookups: readonly LookupContent[],
): ScriptItem[] | Diagnostic {
  const read = new Set(plan.operators.flatMap((operator) => (operator.lookups ?? []).map(({ name }) => name)));
  const items: ScriptItem[] = [];
  for (const lookup of (plan.lookups ?? []).filter(({ name }) => read.has(name))) {
    const given = test.given.lookups.find(({ name }) => name === lookup.name);
    const content =
      given === undefined
        ? lookups.find(({ name }) => name === lookup.name)
        : givenContent(file, given, lookup).content;
    if (content === undefined || content === null) {
      const message = `the lookup ${lookup.name} has no rows: its file ${lookup.source} cannot be used`;
      const hint = `give some: given: { lookups: { ${lookup.name}: [ … ] } }`;
      return problemAt('W0403', file.path, test.given.place, message, hint);
    }
    items.push({ kind: 'lookup', content });
  }
  return items;
}

function judge(test: RuleTest, plan: ProgramPlan, items: readonly ScriptItem[]): TestFailure[] {
  const program = buildProgram(plan);
  const [first, ...others] = variantsOf(items, plan.stream.settings.lateness_ms);
  const judged = drive(program, first);
  const failures = doorFailures(test, judged);
  const { early, final } = viewsOf(judged, program);
  const mismatches = [
    ...compareDetections(
      test.expect.filter(({ timing }) => timing === 'early'),
      early,
    ),
    ...compareDetections(
      test.expect.filter(({ timing }) => timing === 'final'),
      final,
    ),
  ];
  mismatches.slice(0, mismatches_shown).forEach((mismatch, i) => {
    // How near a group came is what the final side says.
    const explained = mismatch.expected?.timing === 'final' && mismatch.order === undefined && i < mismatches_explained;
    failures.push(
      mismatchFailure(
        mismatch,
        explained && mismatch.expected !== null ? explainNearest(plan, mismatch.expected, items) : [],
      ),
    );
  });
  const more = mismatches.length - mismatches_shown;
  if (more > 0) failures.push({ lines: [{ label: 'more', text: `${more} more differences` }], missing: null });
  for (const variant of others) {
    const result = drive(program, variant);
    const failure = variantFailure(variant, judged, result, coreText, program);
    if (failure !== null) failures.push(failure);
  }
  return failures;
}

/** What a run gave from the test's start on: what left early as it left, and the final set. */
function viewsOf({ detections, early }: DriveResult, program: Program): Record<'early' | 'final', DetectionView[]> {
  const facts = factsOf(detections, early);
  const left = early
    .filter(({ kind }) => kind === 'early')
    .map(({ detection }) => viewEarly(detection, program, facts));
  const final = detections.map((detection) => viewDetection(detection, program, facts));
  const fromStart = (views: DetectionView[]) => views.filter(({ at_ms }) => at_ms >= 0);
  return { early: fromStart(left), final: fromStart(final) };
}

/** The parameters of a test for each rule under test that has them. */
export function givenParams(test: RuleTest, plan: ProgramPlan, rules: readonly string[]): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const { name, params } of plan.operators.filter((operator) => rules.includes(operator.name))) {
    for (const param of params) {
      const value = test.given.params.get(param.name);
      if (value !== undefined) values.set(`${name}.${param.name}`, value);
    }
  }
  return values;
}
