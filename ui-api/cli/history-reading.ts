import { availableParallelism } from 'node:os';
import { cursorsOf, entriesOf } from '../../connectors/index.ts';
import type { ProgramPlan } from '../../dsl/index.ts';
import type { Detection, Program, ProgramPart } from '../../engine/index.ts';
import { type Config, readConfig } from '../config.ts';
import { beginningOf } from '../live/first-lookups.ts';
import type { BacktestLetters } from './backtest-letters.ts';
import type { BacktestOptions } from './backtest-options.ts';
import { ArrivalBacktest, type BacktestRun, type BacktestRunOptions } from './backtest-run.ts';
import type { Shell } from './command.ts';
import { type HistoryEntries, openLogHistory, openStoreHistory, type PartialHistory } from './history-source.ts';
import { makeMissing } from './keep-columns.ts';
import { LogColumns } from './log-columns.ts';
import { LogHistory } from './log-history.ts';
import { type LogProgress, withProgress } from './log-progress.ts';
import { readLog } from './log-run.ts';
import { type BacktestLookups, type LookupMode, recordedInstead } from './lookup-history.ts';
import { sharedOut } from './part-sample.ts';
import { PartsBacktest, type SharedJob } from './part-threads.ts';
import type { LoadedProgram } from './rules.ts';
import { type ShownRun, shownRun } from './shown-detection.ts';
import { sharedMemory } from './sort-memory.ts';
import { readPart } from './store-part.ts';

/** The backtest that reads. */
export interface BacktestFrame {
  readonly program: Program;
  /** That of the program: with what counts for exceptions. */
  readonly plan: ProgramPlan;
  readonly loaded: LoadedProgram;
  readonly options: BacktestOptions;
  readonly shell: Shell;
  readonly lookups: BacktestLookups;
  readonly lookup_mode: LookupMode;
  readonly letters: BacktestLetters;
  /** What the reader of the results has to know. */
  readonly notes: string[];
  readonly run_options: () => BacktestRunOptions;
  readonly publish: (detections: readonly Detection[]) => Promise<void>;
  /** Nobody wants what would still be found. */
  readonly is_unread: () => boolean;
  /** Of a log of about so many entries. */
  readonly progressOf: (about: number) => LogProgress;
}

/** How a backtest reads what Weir received: the log, its columns, or the store. */
export class HistoryReading {
  readonly #frame: BacktestFrame;
  /** The position behind the last entry of the log that was read. */
  log_end = 0;
  /** Makes columns that this run cannot read, for others; gives notes. */
  keep: () => Promise<readonly string[]> = () => Promise.resolve([]);

  constructor(frame: BacktestFrame) {
    this.#frame = frame;
  }

  /**
   * The log's records with the verdicts they got, sorted; --as-arrived takes every entry in its order instead. Either
   * way up to the log's watermark: what is undecided there is counted.
   */
  async read(): Promise<ShownRun> {
    const { environment, folder } = this.#frame.shell;
    const { data, from } = this.#frame.options;
    const config = readConfig({ flags: { data }, environment, folder });
    const stored = from === 'store' ? await openStoreHistory(config, this.#frame.shell) : null;
    const history = stored ?? openLogHistory(config);
    try {
      if (stored !== null) this.#frame.notes.push(stored.lag);
      const { since, until, asArrived, late } = this.#frame.options;
      const isPart = (since ?? until) !== undefined && asArrived !== true && late === undefined;
      if (isPart && stored?.partial != null) return this.#own(await this.#part(stored.partial));
      // `--lookups latest` has been refused for a file that cannot be used.
      this.#frame.notes.push(...(await recordedInstead(this.#frame.loaded, history.read, this.#frame.shell)));
      if (asArrived === true) return this.#own(await this.#arrivals(history.read));
      const hasColumns = stored === null && late === undefined;
      const columns = hasColumns ? await LogColumns.open(config, this.#frame.program) : null;
      return await this.#judged(history.read, columns, config);
    } finally {
      await history.close();
    }
  }

  /** Of the store no more than the answer depends on; the same detections as of all of it. */
  async #part(history: PartialHistory): Promise<BacktestRun> {
    this.#frame.notes.push(
      ...(await recordedInstead(this.#frame.loaded, () => cursorsOf(history.lookups()), this.#frame.shell)),
    );
    const { run, note } = await readPart(this.#frame.program, this.#frame.run_options(), history, this.#frame.lookups);
    this.log_end = history.end_position;
    this.#frame.notes.push(note);
    return run;
  }

  /** Every entry in the order in which it came. */
  async #arrivals(read: HistoryEntries['read']): Promise<BacktestRun> {
    const run = new ArrivalBacktest(this.#frame.program, this.#frame.run_options(), 'goes_on');
    this.#frame.lookups.begin(run);
    const hasLookups = (this.#frame.program.lookups?.length ?? 0) > 0;
    const first = hasLookups ? (await beginningOf(entriesOf(read()))).lookups : null;
    for (const entry of first?.values() ?? []) this.#frame.lookups.recorded(run, entry);
    for await (const cursor of read()) {
      while (cursor.next()) {
        this.log_end = cursor.position + 1;
        const entry = cursor.lent();
        if (entry.kind === 'lookup') {
          if (first?.has(cursor.position) !== true) this.#frame.lookups.recorded(run, entry);
          continue;
        }
        const detections = run.apply(cursor.position, entry);
        if (detections.length > 0) await this.#frame.publish(detections);
      }
      await this.#frame.letters.flush();
      if (this.#frame.is_unread()) break;
    }
    return run;
  }

  /** The records with their verdicts, to be sorted; those of its first segments as columns, where there are any. */
  async #judged(
    read: HistoryEntries['read'],
    columns: LogColumns | null,
    config: Pick<Config, 'data'>,
  ): Promise<ShownRun> {
    const progress = this.#frame.progressOf(columns?.about_entries() ?? 0);
    const say = progress.say.bind(progress);
    const history = await LogHistory.read(
      (until, from = 0) => withProgress(read(until, from), 'history', until ?? null, say, from),
      this.#frame.program,
      columns?.known,
    );
    const make = async (): Promise<readonly string[]> => {
      if (columns === null) return [];
      await makeMissing(columns, history, this.#frame.options.threads ?? availableParallelism(), progress);
      return columns.notes();
    };
    if (columns?.areRead === true) this.#frame.notes.push(...(await make()));
    else this.keep = make;
    // What a running Weir has appended in the meantime has no verdict in `history`: it is not of this backtest.
    const { end_position: end } = history;
    this.log_end = end;
    // With --since so little is read that each thread would have to see for itself how much.
    const isWhole = this.#frame.options.since === undefined;
    const parts = columns?.areRead === true && isWhole ? this.#sharedOut(columns) : [];
    if (columns !== null && parts.length > 0) {
      const { end_position: columns_end } = columns;
      const verdicts = history.codesOf(columns_end, end);
      const { watermark_ms } = history;
      return this.#inParts(parts, config, { watermark_ms, columns_end, end_position: end, verdicts });
    }
    const log = {
      ...{ history, columns, lookups: this.#frame.lookups },
      read: (from: number) => withProgress(read(end, from), 'events', end, say, from),
    };
    const { run, note } = await readLog(this.#frame.program, this.#frame.run_options(), log, () => {
      return this.#frame.letters.waits ? this.#frame.letters.flush() : undefined;
    });
    if (note !== null) this.#frame.notes.push(note);
    progress.done();
    return this.#own(run);
  }

  #own(run: BacktestRun): ShownRun {
    return shownRun(this.#frame.program, run);
  }

  get #rowsOfLookups(): SharedJob['lookups'] {
    return { contents: this.#frame.loaded.lookups.contents, mode: this.#frame.lookup_mode };
  }

  #sharedOut(columns: LogColumns): readonly ProgramPart[] {
    const { threads = null, until = Number.POSITIVE_INFINITY } = this.#frame.options;
    return sharedOut(this.#frame.program, columns.prefix, { lookups: this.#rowsOfLookups, threads, until_ms: until });
  }

  #inParts(parts: readonly ProgramPart[], { data }: Pick<Config, 'data'>, log: SharedJob['log']): PartsBacktest {
    const options = this.#frame.run_options();
    const { until_ms, memory } = options;
    const asked = { until_ms, ...(memory && { memory: sharedMemory(memory, parts.length) }) };
    const job = { plan: this.#frame.plan, data, options: asked, lookups: this.#rowsOfLookups, log };
    const recorded = (names: readonly string[]): void => this.#frame.lookups.wereRecorded(names);
    return new PartsBacktest(this.#frame.program, parts, job, { ...options, recorded });
  }
}
