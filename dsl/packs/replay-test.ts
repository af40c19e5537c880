import type { LookupContent, Value } from '../../engine/index.ts';
import { buildProgram } from '../build/index.ts';
import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { Replay } from '../why/index.ts';
import { rulesUnderTest } from './check-test.ts';
import { drive } from './drive.ts';
import { formatOffset, parseDuration } from './duration.ts';
import type { Expectation } from './expectation.ts';
import { valueText } from './failure.ts';
import type { TestFile } from './load-rules.ts';
import { wantedKey } from './nearest.ts';
import { givenParams, layOutTest, type PlanWith } from './rule-test.ts';
import { test_start_ms } from './script.ts';
import { selectOperators } from './select-operators.ts';
import { readTestFile } from './test-file.ts';

/** The events of a rule test as something that plans can be run over, and what the test expects of a rule. */
export interface TestReplay {
  readonly replay: Replay;
  /** Key of the first detection that is expected of the rule, as far as the test says it. */
  readonly subject: string | null;
  readonly at_ms: number | null;
  readonly given: ReadonlyMap<string, Value>;
  /** Times are from the start of the test: '9m'. */
  readonly format: (time_ms: number) => string;
  /** @throws RangeError for a text that is no such time */
  readonly parse: (text: string) => number;
}

/**
 * Finds the test with this text in its name; gives the names that there are when it is none or several. A view, a table or
 * a step of a rule has the tests of the rules that read it, and those beside its file.
 */
export function replayTest(
  files: readonly TestFile[],
  asked: { readonly name: string; readonly rule: string },
  plan: ProgramPlan,
  planWith: PlanWith,
  lookups: readonly LookupContent[],
): TestReplay | { readonly names: readonly string[] } | { readonly message: string } {
  // A view of several SELECTs is no operator of its own: each of them is read by what reads the view.
  const about = plan.unions?.find(({ name }) => name === asked.rule)?.branches[0] ?? asked.rule;
  const tests = files.flatMap((file) =>
    readTestFile(file.path, file.text).tests.map((test) => ({ file, test, rules: rulesUnderTest(file, test, plan) })),
  );
  const candidates = tests.filter(({ file, rules }) => isTestOf(about, file, rules, plan));
  const named = asked.name.replace(/(…|\.\.\.)$/, '');
  const exact = candidates.filter(({ test }) => test.name === asked.name);
  const found = exact.length > 0 ? exact : candidates.filter(({ test }) => test.name.includes(named));
  if (found.length !== 1) return { names: (found.length > 0 ? found : candidates).map(({ test }) => test.name) };
  const [{ file, test, rules }] = found;
  const laid = layOutTest(file, test, plan, planWith, [...rules, about], lookups);
  if ('problems' in laid) return { message: `the test '${test.name}' cannot run` };
  const operator = laid.selected.operators.find(({ name }) => name === about);
  // Of a view nothing is expected: what is expected of a rule that reads it says the key, as far as both have it.
  const expected =
    test.expect.find(({ rule }) => rule === about) ?? test.expect.find(({ rule }) => reads(rule, about, plan));
  const key =
    operator === undefined || expected === undefined ? [] : wantedSubject(operator, ofReader(expected, about), plan);
  const known = key.filter((part) => part !== undefined);
  const at_ms = expected?.at_ms ?? null;
  return {
    replay: (changed) => [
      drive(buildProgram(changed), { name: '', items: laid.items, batch_rows: 256, restart_every: 0, shuffled: false })
        .detections,
    ],
    subject:
      known.length === 0 ? null : known.length === key.length ? known.map(valueText).join(' ') : valueText(known[0]),
    at_ms: at_ms === null ? null : test_start_ms + at_ms,
    given: givenParams(test, plan, rules),
    format: (time_ms) => formatOffset(time_ms - test_start_ms),
    parse: (text) => {
      const offset_ms = parseDuration(text);
      if (offset_ms === null) throw new RangeError(`'${text}' is no time from the start of the test, such as 9m`);
      return test_start_ms + offset_ms;
    },
  };
}

function isTestOf(name: string, file: TestFile, rules: readonly string[], plan: ProgramPlan): boolean {
  if (rules.some((rule) => reads(rule, name, plan))) return true;
  const operator = plan.operators.find((one) => one.name === name);
  return operator?.kind === 'view' && stemOf(operator.source.path) === stemOf(file.path);
}

/** Whether a rule is this operator or reads it, over whatever lies between. */
function reads(rule: string, name: string, plan: ProgramPlan): boolean {
  return rule === name || selectOperators(plan, [rule]).operators.some((one) => one.name === name);
}

/**
 * What of the key an expectation says. Of a rule without GROUP BY: a column that is read from the event, or, over a JOIN, by
 * which its rows meet.
 */
function wantedSubject(rule: OperatorPlan, expected: Expectation, plan: ProgramPlan): readonly (Value | undefined)[] {
  if (rule.key !== null) return wantedKey(rule, expected);
  const join = plan.joins?.find(({ name }) => name === rule.input);
  const column = rule.outputs.find(({ name, expression }) => {
    if (expression.kind !== 'column' || typeof expectedOf(expected, name) !== 'string') return false;
    return join === undefined || join.keys.some((key) => key.name === expression.path.at(-1));
  });
  return column === undefined ? [] : [expectedOf(expected, column.name)];
}

function expectedOf({ values }: Expectation, name: string): Value | undefined {
  return values.find(({ column }) => column === name)?.value;
}

/** `key` lists the parts of the reader's own GROUP BY. */
function ofReader(expected: Expectation, asked: string): Expectation {
  return expected.rule === asked ? expected : { ...expected, key: null };
}

/** `rules/auth/guess` of a rule file, a view's or its tests. */
function stemOf(path: string): string {
  return path.replace(/\.\w+\.\w+$/, '');
}
