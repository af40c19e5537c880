import { dirname } from 'node:path';
import type { LoadedRules } from '../../dsl/index.ts';
import { plural } from '../cli/units.ts';
import { beginThread, type TestThread } from './test-thread.ts';

export interface TestsQuestion {
  /** Folder that the files of lookups are looked for from. */
  readonly folder: string;
  readonly loaded: LoadedRules;
}

/** What became of one test; `rules`: those that it judges, [] where it could not even be read. */
export interface TestOutcome {
  readonly path: string;
  readonly name: string;
  readonly rules: readonly string[];
  readonly passed: boolean;
}

/** What its own tests say of a rule that runs. */
export interface TestedRule {
  /** 'untested': there is none. 'unknown': they did not run, or not to their end. */
  readonly state: 'running' | 'passed' | 'failed' | 'untested' | 'unknown';
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
}

/**
 * The tests of the rules that a start took from their folder. A deployment is let through by its tests; a start is not held
 * up by them: it would be blind, with all its other rules, for one of them. So they run beside it, and what fails is said.
 * After a deployment they run again, for the files that it found on disk.
 */
export class RuleTests {
  #state: 'running' | 'done' | 'unknown' = 'unknown';
  #outcomes: readonly TestOutcome[] = [];
  #thread: TestThread<readonly TestOutcome[]> | null = null;
  /** Goes up with each run and each stop: what an earlier run finds is no longer of the rules that run. */
  #turn = 0;
  #ended = false;

  /** @param begins whether run() will be called */
  constructor(begins: boolean) {
    if (begins) this.#state = 'running';
  }

  /** Runs them; resolves when they are done, with what is to be said of it, a sentence each. Never rejects. */
  async run(question: TestsQuestion): Promise<readonly string[]> {
    // A deployment may still be on its way when Weir ends.
    if (this.#ended) return [];
    this.#turn += 1;
    const turn = this.#turn;
    this.#state = 'running';
    await this.#thread?.end();
    // Other rules took over meanwhile, or Weir ends.
    if (turn !== this.#turn) return [];
    try {
      const outcomes = await this.#ask(question);
      if (turn !== this.#turn) return [];
      this.#outcomes = outcomes;
      this.#state = 'done';
      return warnings(outcomes);
    } catch (error) {
      if (turn !== this.#turn) return [];
      this.#state = 'unknown';
      const why = error instanceof Error ? error.message : String(error);
      return [`the tests of the rules that run were not run to their end (${why}); weir test runs them`];
    }
  }

  of(rule: string): TestedRule {
    if (this.#state !== 'done') return { state: this.#state, failed: [] };
    const own = this.#outcomes.filter(({ rules }) => rules.includes(rule));
    const failed = own.filter(({ passed }) => !passed).map(({ name }) => name);
    if (own.length === 0) return { state: 'untested', failed };
    return { state: failed.length === 0 ? 'passed' : 'failed', failed };
  }

  /** Ends them, done or not; none begin after it. */
  async stop(): Promise<void> {
    this.#ended = true;
    this.#turn += 1;
    await this.#thread?.end();
  }

  async #ask(question: TestsQuestion): Promise<readonly TestOutcome[]> {
    const thread = beginThread<readonly TestOutcome[]>(new URL('./rule-tests-worker.ts', import.meta.url), question);
    this.#thread = thread;
    try {
      return await thread.answer;
    } finally {
      await thread.end();
    }
  }
}

function warnings(outcomes: readonly TestOutcome[]): string[] {
  const failed = outcomes.filter(({ passed }) => !passed);
  return [...Map.groupBy(failed, ({ path }) => path)].map(([path, tests]) => {
    const rules = [...new Set(tests.flatMap((test) => test.rules))];
    const what = rules.length === 0 ? 'rules run' : `${rules.join(', ')} ${rules.length === 1 ? 'runs' : 'run'}`;
    const verb = tests.length === 1 ? 'fails' : 'fail';
    return `${what}, and ${plural(tests.length, 'test')} in ${path} ${verb}: weir test ${dirname(path)} shows how`;
  });
}
