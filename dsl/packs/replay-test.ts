import type { LookupContent, Value } from '../../engine/index.ts';
import { buildProgram } from '../build/index.ts';
import type { ProgramPlan } from '../plan/plan.ts';
import type { Replay } from '../why/index.ts';
import { rulesUnderTest } from './check-test.ts';
import { drive } from './drive.ts';
import { formatOffset, parseDuration } from './duration.ts';
import { valueText } from './failure.ts';
import type { TestFile } from './load-rules.ts';
import { wantedKey } from './nearest.ts';
import { givenParams, layOutTest, type PlanWith } from './rule-test.ts';
import { test_start_ms } from './script.ts';
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

/** Finds the test with this text in its name; gives the names that there are when it is none or several. */
export function replayTest(
  files: readonly TestFile[],
  asked: { readonly name: string; readonly rule: string },
  plan: ProgramPlan,
  planWith: PlanWith,
  lookups: readonly LookupContent[],
): TestReplay | { readonly names: readonly string[] } | { readonly message: string } {
  const tests = files.flatMap((file) =>
    readTestFile(file.path, file.text).tests.map((test) => ({ file, test, rules: rulesUnderTest(file, test, plan) })),
  );
  const candidates = tests.filter(({ rules }) => rules.includes(asked.rule));
  const named = asked.name.replace(/(…|\.\.\.)$/, '');
  const exact = candidates.filter(({ test }) => test.name === asked.name);
  const found = exact.length > 0 ? exact : candidates.filter(({ test }) => test.name.includes(named));
  if (found.length !== 1) return { names: (found.length > 0 ? found : candidates).map(({ test }) => test.name) };
  const [{ file, test, rules }] = found;
  const laid = layOutTest(file, test, plan, planWith, rules, lookups);
  if ('problems' in laid) return { message: `the test '${test.name}' cannot run` };
  const operator = laid.selected.operators.find(({ name }) => name === asked.rule);
  const expected = test.expect.find(({ rule }) => rule === asked.rule);
  const key = operator === undefined || expected === undefined ? [] : wantedKey(operator, expected);
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
