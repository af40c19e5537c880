import { parentPort, workerData } from 'node:worker_threads';
import { compile, loadLookups, runTestFile } from '../../dsl/index.ts';
import { diskReader } from '../cli/rules.ts';
import type { TestOutcome, TestsQuestion } from './rule-tests.ts';

/** Runs the tests of the rules that were loaded, in a thread of its own. */
const { folder, loaded } = workerData as TestsQuestion;

function outcomes(): TestOutcome[] {
  const { plan } = compile(loaded.rules);
  if (plan === null) throw new Error('the rules that run do not compile');
  const { contents } = loadLookups(diskReader(folder), plan);
  const results = loaded.tests.map((file) =>
    runTestFile(file, plan, (params) => compile(loaded.rules, { params }), '', contents),
  );
  return results.flatMap(({ path, tests, problems }) => [
    ...tests.map(({ name, rules, passed }) => ({ path, name, rules, passed })),
    ...problems.map(({ message }) => ({ path, name: message, rules: [], passed: false })),
  ]);
}

parentPort?.postMessage(outcomes());
