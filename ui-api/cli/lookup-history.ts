import type { LogEntry, LookupContent, Program } from '../../engine/index.ts';
import type { BacktestRun } from './backtest-run.ts';

/**
 * Which rows the lookups of a backtest have (S13). A file has no history of them: what their files hold now acts from
 * the beginning. The log recorded what they held when: that is replayed, so that the backtest says what the live engine
 * said; `latest` uses today's files for all of it, which is hindsight.
 */
export class BacktestLookups {
  readonly #contents: readonly LookupContent[];
  readonly #mode: 'files' | 'recorded' | 'latest';
  readonly #names: readonly string[];
  readonly #recorded = new Set<string>();

  constructor(program: Program, contents: readonly LookupContent[], mode: 'files' | 'recorded' | 'latest') {
    this.#contents = contents;
    this.#mode = mode;
    this.#names = (program.lookups ?? []).map(({ name }) => name);
  }

  /** Before the first record. */
  begin(run: BacktestRun): void {
    if (this.#mode === 'recorded') return;
    for (const { name, version, bytes } of this.#contents) {
      run.activate({ name, from_ms: Number.NEGATIVE_INFINITY, version, bytes });
    }
  }

  /** An activation of the log. */
  recorded(run: BacktestRun, activation: Extract<LogEntry, { kind: 'lookup' }>): void {
    this.#recorded.add(activation.name);
    if (this.#mode === 'recorded') run.activate(activation);
  }

  /** What the reader of the results has to know, one sentence each. */
  notes(): string[] {
    if (this.#names.length === 0) return [];
    if (this.#mode === 'latest') {
      return [`hindsight: today’s rows of ${this.#names.join(', ')} were used for all of the history`];
    }
    if (this.#mode === 'files') return [];
    const unknown = this.#names.filter((name) => !this.#recorded.has(name));
    if (unknown.length === 0) return [];
    const them = unknown.length === 1 ? 'it' : 'them';
    return [
      `the log has no rows of ${unknown.join(', ')}: nothing is in ${them} and nothing is not in ${them}; ` +
        'today’s rows: --lookups latest (hindsight)',
    ];
  }
}
