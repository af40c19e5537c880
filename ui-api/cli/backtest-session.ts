import { availableParallelism } from 'node:os';
import { cursorsOf, entriesOf } from '../../connectors/index.ts';
import { buildProgram, type ProgramPlan, withExceptionProbes } from '../../dsl/index.ts';
import type { Detection, Program, ProgramPart } from '../../engine/index.ts';
import { type Config, readConfig } from '../config.ts';
import { beginningOf } from '../live/first-lookups.ts';
import type { BacktestLetters } from './backtest-letters.ts';
import { type BacktestSummary, type RuleSummary, silenceOf } from './backtest-report.ts';
import {
  ArrivalBacktest,
  type BacktestFacts,
  type BacktestRun,
  type BacktestRunOptions,
  SortedBacktest,
} from './backtest-run.ts';
import { BacktestTally } from './backtest-tally.ts';
import { chosenFormat, type Format, type Shell } from './command.ts';
import { DetectionOutput } from './detection-output.ts';
import { ExceptionCounts } from './exception-report.ts';
import {
  type HistoryEntries,
  isHistory,
  openLogHistory,
  openStoreHistory,
  type PartialHistory,
} from './history-source.ts';
import { makeMissing } from './keep-columns.ts';
import { LogColumns } from './log-columns.ts';
import { LogHistory } from './log-history.ts';
import { LogProgress, withProgress } from './log-progress.ts';
import { readLog } from './log-run.ts';
import { BacktestLookups, type LookupMode, recordedInstead } from './lookup-history.ts';
import { sharedOut } from './part-sample.ts';
import { PartsBacktest, type SharedJob } from './part-threads.ts';
import { Progress } from './progress.ts';
import { digest, type LoadedProgram } from './rules.ts';
import { type ShownDetection, shownOf } from './shown-detection.ts';
import { sharedMemory, sortMemory } from './sort-memory.ts';
import { FileSource, type FormatOptions } from './source.ts';
import { readPart } from './store-part.ts';
import { TableOutput } from './table-output.ts';

export interface BacktestOptions extends FormatOptions {
  readonly from: string;
  readonly since?: number;
  readonly until?: number;
  readonly asArrived?: boolean;
  readonly asOf?: number;
  readonly late?: 'include';
  readonly lookups?: 'recorded' | 'latest';
  readonly out?: string;
  readonly summary?: string;
  readonly tables?: string;
  readonly deadLetters?: string;
  readonly data?: string;
  readonly progress?: boolean;
  /** So many segments of the log are made into columns at once. */
  readonly threads?: number;
  /** What the API calls this run, and who asked for it. */
  readonly run?: string;
  readonly runBy?: string;
  readonly utc?: boolean;
  readonly format?: Format;
}

/** One backtest from its input to its summary. */
export class BacktestSession {
  readonly #loaded: LoadedProgram;
  /** With what counts for exceptions. */
  readonly #plan: ProgramPlan;
  readonly program: Program;
  /** The position behind the last entry of the log that was read; 0 for a file. */
  log_end = 0;
  readonly #lookups: BacktestLookups;
  readonly #lookupMode: LookupMode;
  readonly #options: BacktestOptions;
  readonly #shell: Shell;
  readonly #tally: BacktestTally;
  readonly #exceptions: ExceptionCounts;
  readonly #format: Format;
  readonly output: DetectionOutput;
  readonly #tables: TableOutput;
  readonly #notes: string[] = [];
  readonly #decided: number[] = [];
  readonly #letters: BacktestLetters;
  #progress: LogProgress;
  /** Columns that this run cannot read, to be made for others. */
  #keep: () => Promise<readonly string[]> = () => Promise.resolve([]);

  constructor(loaded: LoadedProgram, options: BacktestOptions, letters: BacktestLetters, shell: Shell) {
    const { plan, lookups } = loaded;
    const probed = withExceptionProbes(plan);
    const program = buildProgram(probed.plan, digest);
    this.#loaded = loaded;
    this.#plan = probed.plan;
    this.program = program;
    this.#exceptions = new ExceptionCounts(plan, probed.probes);
    this.#lookupMode = isHistory(options.from) ? (options.lookups ?? 'recorded') : 'files';
    this.#lookups = new BacktestLookups(program, lookups.contents, this.#lookupMode);
    this.#options = options;
    this.#letters = letters;
    this.#shell = shell;
    this.#tally = new BacktestTally(program);
    this.#tables = new TableOutput(program, options.tables ?? null, shell);
    const zone = options.utc === true ? 'utc' : 'local';
    this.#format = chosenFormat(options.format, shell, 'ndjson');
    this.#progress = this.#newProgress(0);
    this.output = new DetectionOutput(shell, this.#format, zone, options.out);
  }

  async run(started_ms: number): Promise<BacktestSummary> {
    const { from } = this.#options;
    const source = isHistory(from) ? null : FileSource.open(from, this.#options, this.#shell);
    const run = source === null ? await this.#readHistory() : await this.#readFile(source, started_ms);
    const found = run instanceof PartsBacktest ? run.finish() : this.#finished(run);
    for await (const detections of found) {
      await this.#publish(detections);
      if (source !== null) this.#noteEnds(detections);
      await this.#letters.flush();
    }
    this.#progress.done();
    await this.#letters.close();
    const facts = run.facts();
    run.close();
    if (run instanceof PartsBacktest) {
      this.#notes.push(...run.notes);
      this.#lookups.wereRecorded(run.recorded);
    }
    const { since } = this.#options;
    if (since !== undefined && facts.last_event_ms !== null && since > facts.last_event_ms) {
      const [asked, last] = [since, facts.last_event_ms].map((time_ms) => new Date(time_ms).toISOString());
      this.#notes.push(`--since ${asked} is behind the last event, which is of ${last}`);
    }
    const told = this.#tables.finish();
    if (told !== null) this.#shell.stderr.line(`  ${told}`);
    this.#notes.push(...this.#lookups.notes());
    for (const note of this.#notes) this.#shell.stderr.line(`  note: ${note}`);
    return this.#summary(facts, source, started_ms, this.#shell.now_ms() - started_ms);
  }

  *#finished(run: BacktestRun): Generator<readonly ShownDetection[]> {
    for (const detections of run.finish()) yield this.#shown(detections);
  }

  /** Of a file: when what was decided at its end was decided, which is in order. */
  #noteEnds(detections: readonly ShownDetection[]): void {
    for (const { decided_at, revision } of detections) if (revision === 1) this.#decided.push(decided_at);
  }

  /** How many of those lie behind a time. */
  #decidedBehind(time_ms: number | null): number {
    if (time_ms === null) return 0;
    return this.#decided.length - 1 - this.#decided.findLastIndex((decided_at) => decided_at <= time_ms);
  }

  /** Makes what other rules can read of the log; when everything has been said, for it takes its time. */
  async keepColumns(): Promise<void> {
    for (const note of await this.#keep()) this.#shell.stderr.line(`  note: ${note}`);
  }

  async #readFile(source: FileSource, started_ms: number): Promise<BacktestRun> {
    const { asOf, asArrived } = this.#options;
    const run: BacktestRun =
      asArrived === true
        ? new ArrivalBacktest(this.program, this.#runOptions(), 'ends')
        : new SortedBacktest(this.program, this.#runOptions());
    this.#lookups.begin(run);
    const received_at = asOf ?? started_ms;
    const { partition } = source;
    const progress = new Progress(this.#shell.stderr, `reading ${source.name}`, source.size, 'lines');
    try {
      for await (const lines of source.read()) {
        for (const { number: position, bytes, length } of lines) {
          const record = { partition, position, received_at, bytes };
          await this.#publish(this.#shown(run.add(length === undefined ? record : { ...record, length })));
        }
        await this.#letters.flush();
        progress.update(source.read_bytes, source.lines);
        if (this.output.closed && this.#options.summary === undefined) break;
      }
    } finally {
      progress.done();
    }
    return run;
  }

  /**
   * The log's records with the verdicts they got, sorted; --as-arrived takes every entry in its order instead. Either
   * way up to the log's watermark: what is undecided there is counted.
   */
  async #readHistory(): Promise<BacktestRun | PartsBacktest> {
    const { environment, folder } = this.#shell;
    const { data, from } = this.#options;
    const config = readConfig({ flags: { data }, environment, folder });
    const stored = from === 'store' ? await openStoreHistory(config, this.#shell) : null;
    const history = stored ?? openLogHistory(config);
    try {
      if (stored !== null) this.#notes.push(stored.lag);
      const { since, until, asArrived, late } = this.#options;
      const isPart = (since ?? until) !== undefined && asArrived !== true && late === undefined;
      if (isPart && stored?.partial != null) return await this.#readPart(stored.partial);
      // `--lookups latest` has been refused for a file that cannot be used.
      this.#notes.push(...(await recordedInstead(this.#loaded, history.read, this.#shell)));
      if (asArrived === true) return await this.#readArrivals(history.read);
      const hasColumns = stored === null && late === undefined;
      const columns = hasColumns ? await LogColumns.open(config, this.program) : null;
      return await this.#readJudged(history.read, columns, config);
    } finally {
      await history.close();
    }
  }

  /** Of the store no more than the answer depends on; the same detections as of all of it. */
  async #readPart(history: PartialHistory): Promise<BacktestRun> {
    this.#notes.push(...(await recordedInstead(this.#loaded, () => cursorsOf(history.lookups()), this.#shell)));
    const { run, note } = await readPart(this.program, this.#runOptions(), history, this.#lookups);
    this.log_end = history.end_position;
    this.#notes.push(note);
    return run;
  }

  /** Every entry in the order in which it came. */
  async #readArrivals(read: HistoryEntries['read']): Promise<BacktestRun> {
    const run = new ArrivalBacktest(this.program, this.#runOptions(), 'goes_on');
    this.#lookups.begin(run);
    const hasLookups = (this.program.lookups?.length ?? 0) > 0;
    const first = hasLookups ? (await beginningOf(entriesOf(read()))).lookups : null;
    for (const entry of first?.values() ?? []) this.#lookups.recorded(run, entry);
    for await (const cursor of read()) {
      while (cursor.next()) {
        this.log_end = cursor.position + 1;
        const entry = cursor.lent();
        if (entry.kind === 'lookup') {
          if (first?.has(cursor.position) !== true) this.#lookups.recorded(run, entry);
          continue;
        }
        const detections = run.apply(cursor.position, entry);
        if (detections.length > 0) await this.#publish(this.#shown(detections));
      }
      await this.#letters.flush();
    }
    return run;
  }

  /** The records with their verdicts, to be sorted; those of its first segments as columns, where there are any. */
  async #readJudged(
    read: HistoryEntries['read'],
    columns: LogColumns | null,
    config: Pick<Config, 'data'>,
  ): Promise<BacktestRun | PartsBacktest> {
    const progress = this.#newProgress(columns?.about_entries());
    this.#progress = progress;
    const say = progress.say.bind(progress);
    const history = await LogHistory.read(
      (until, from = 0) => withProgress(read(until, from), 'history', until ?? null, say, from),
      this.program,
      columns?.known,
    );
    const make = async (): Promise<readonly string[]> => {
      if (columns === null) return [];
      await makeMissing(columns, history, this.#options.threads ?? availableParallelism(), progress);
      return columns.notes();
    };
    if (columns?.areRead === true) this.#notes.push(...(await make()));
    else this.#keep = make;
    // What a running Weir has appended in the meantime has no verdict in `history`: it is not of this backtest.
    const { end_position: end } = history;
    this.log_end = end;
    const parts = columns?.areRead === true ? this.#sharedOut(columns) : [];
    if (columns !== null && parts.length > 0) {
      const { end_position: columns_end } = columns;
      const verdicts = history.codesOf(columns_end, end);
      const { watermark_ms } = history;
      return this.#inParts(parts, config, { watermark_ms, columns_end, end_position: end, verdicts });
    }
    const log = {
      ...{ history, columns, lookups: this.#lookups },
      read: (from: number) => withProgress(read(end, from), 'events', end, say, from),
    };
    const { run, note } = await readLog(this.program, this.#runOptions(), log, () => {
      return this.#letters.waits ? this.#letters.flush() : undefined;
    });
    if (note !== null) this.#notes.push(note);
    progress.done();
    return run;
  }

  get #rowsOfLookups(): SharedJob['lookups'] {
    return { contents: this.#loaded.lookups.contents, mode: this.#lookupMode };
  }

  #sharedOut(columns: LogColumns): readonly ProgramPart[] {
    return sharedOut(this.program, columns, this.#rowsOfLookups, this.#options.threads ?? null);
  }

  #inParts(parts: readonly ProgramPart[], { data }: Pick<Config, 'data'>, log: SharedJob['log']): PartsBacktest {
    const options = this.#runOptions();
    const { since_ms, until_ms, late_include } = options;
    const asked = {
      since_ms,
      until_ms,
      late_include,
      ...(options.memory && { memory: sharedMemory(options.memory, parts.length) }),
    };
    const job = { plan: this.#plan, data, options: asked, lookups: this.#rowsOfLookups, log };
    return new PartsBacktest(this.program, parts, job, options);
  }

  #newProgress(about = 0): LogProgress {
    return new LogProgress(this.#shell.stderr, this.#options.progress === true, about);
  }

  #runOptions(): BacktestRunOptions {
    const { since, until, late } = this.#options;
    return {
      on_reached: (reached_ms, span) => {
        // A bar between lines on one terminal is none.
        if (this.#shell.stdout.is_terminal && this.#format !== 'table' && this.#options.out === undefined) return;
        this.#progress.judged(reached_ms, span);
      },
      since_ms: since ?? null,
      until_ms: until ?? null,
      late_include: late === 'include',
      // A run of the API is beside a Weir that takes events.
      ...(this.#options.run === undefined ? { memory: sortMemory() } : {}),
      on_letter: (letter) => this.#letters.keep(letter),
      ...(this.#tables.tallies.size === 0 ? {} : { on_table_row: (row) => this.#tables.write(row) }),
    };
  }

  #shown(detections: readonly Detection[]): ShownDetection[] {
    return detections.map((detection) => shownOf(this.program, detection));
  }

  async #publish(detections: readonly ShownDetection[]): Promise<void> {
    if (detections.length === 0) return;
    for (const detection of detections) {
      this.#tally.add(detection);
      this.#exceptions.add(detection);
    }
    await this.output.write(detections);
  }

  #summary(facts: BacktestFacts, source: FileSource | null, started_ms: number, elapsed_ms: number): BacktestSummary {
    const { counters, stats } = facts;
    const { since, until, asArrived, asOf } = this.#options;
    return {
      source: source?.name ?? this.#options.from,
      format: source?.format ?? this.#options.from,
      lines: source?.lines ?? null,
      skipped: source?.skipped ?? new Map(),
      several: source?.several ?? { lines: 0, records: 0 },
      counters,
      rules: this.#rules(facts),
      as_arrived: asArrived === true,
      is_hindsight: this.#options.late !== undefined || (source === null && this.#options.lookups === 'latest'),
      received_at_ms: source === null ? null : (asOf ?? started_ms),
      lateness_ms: this.program.settings.lateness_ms,
      since_ms: since ?? null,
      until_ms: until ?? null,
      first_event_ms: facts.first_event_ms,
      last_event_ms: facts.last_event_ms,
      after_until: facts.after_until,
      undecided: facts.undecided,
      behind_end: this.#decidedBehind(facts.last_event_ms),
      unknown_silence: source === null || until !== undefined ? [] : silenceOf(this.program),
      watermark_ms: facts.watermark_ms,
      state_bytes: stats.state_bytes,
      dropped: stats.drops,
      failed_casts: stats.failed_casts,
      failed_values: stats.failed_values,
      elapsed_ms,
      tables: this.#tables.tallies,
      dead_letters: this.#letters.shown,
      dead_letter_file: this.#options.deadLetters ?? null,
      exceptions: this.#exceptions.figures(stats),
      notes: this.#notes,
    };
  }

  #rules({ stats, history }: BacktestFacts): Map<string, RuleSummary> {
    const operators = new Map(stats.operators.map((operator) => [operator.name, operator]));
    const rules = new Map<string, RuleSummary>();
    for (const [name, tally] of this.#tally.rules) {
      const { events = 0, null_key = 0 } = operators.get(name) ?? {};
      rules.set(name, { ...tally, events, null_key, history: history.get(name) ?? 'partial' });
    }
    return rules;
  }
}
