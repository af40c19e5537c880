import { buildProgram, withExceptionProbes } from '../../dsl/index.ts';
import { compareText, type Detection, type Program } from '../../engine/index.ts';
import type { BacktestLetters } from './backtest-letters.ts';
import type { BacktestOptions } from './backtest-options.ts';
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
import { HistoryReading } from './history-reading.ts';
import { isHistory } from './history-source.ts';
import { LogProgress } from './log-progress.ts';
import { BacktestLookups, type LookupMode } from './lookup-history.ts';
import { Progress } from './progress.ts';
import { digest, type LoadedProgram } from './rules.ts';
import { type ShownDetection, type ShownRun, shownOf, shownRun } from './shown-detection.ts';
import { sortMemory } from './sort-memory.ts';
import { FileSource } from './source.ts';
import { TableOutput } from './table-output.ts';

/** One backtest from its input to its summary. */
export class BacktestSession {
  readonly program: Program;
  readonly #lookups: BacktestLookups;
  readonly #history: HistoryReading | null;
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

  constructor(loaded: LoadedProgram, options: BacktestOptions, letters: BacktestLetters, shell: Shell) {
    const { plan, lookups } = loaded;
    const probed = withExceptionProbes(plan);
    const program = buildProgram(probed.plan, digest);
    this.program = program;
    this.#exceptions = new ExceptionCounts(plan, probed.probes);
    const lookup_mode: LookupMode = isHistory(options.from) ? (options.lookups ?? 'recorded') : 'files';
    this.#lookups = new BacktestLookups(program, lookups.contents, lookup_mode);
    this.#options = options;
    this.#letters = letters;
    this.#shell = shell;
    this.#tally = new BacktestTally(program);
    this.#tables = new TableOutput(program, options.tables ?? null, shell);
    const zone = options.utc === true ? 'utc' : 'local';
    this.#format = chosenFormat(options.format, shell, 'ndjson');
    this.#progress = this.#newProgress(0);
    this.output = new DetectionOutput(shell, this.#format, zone, options.out);
    const frame = {
      ...{ program, plan: probed.plan, loaded, options, shell, letters, lookup_mode },
      ...{ lookups: this.#lookups, notes: this.#notes, is_unread: () => this.#isUnread },
      run_options: () => this.#runOptions(),
      publish: (detections: readonly Detection[]) => this.#publish(this.#shown(detections)),
      progressOf: (about: number) => {
        this.#progress = this.#newProgress(about);
        return this.#progress;
      },
    };
    this.#history = isHistory(options.from) ? new HistoryReading(frame) : null;
  }

  /** The position behind the last entry of the log that was read; 0 for a file. */
  get log_end(): number {
    return this.#history?.log_end ?? 0;
  }

  /** Whoever read the detections has gone, and nothing else was asked for: the rest is for nobody. */
  get #isUnread(): boolean {
    const { summary, tables, deadLetters } = this.#options;
    return this.output.closed && (summary ?? tables ?? deadLetters) === undefined;
  }

  /** Null: nobody reads what it finds any more (`| head`), and it was not brought to its end. */
  async run(started_ms: number): Promise<BacktestSummary | null> {
    const { from } = this.#options;
    const history = this.#history;
    const source = history !== null ? null : FileSource.open(from, this.#options, this.#shell);
    const run = source === null ? await (history as HistoryReading).read() : await this.#readFile(source, started_ms);
    for await (const detections of run.finish()) {
      await this.#publish(detections);
      if (source !== null) this.#noteEnds(detections);
      await this.#letters.flush();
      if (this.#isUnread) break;
    }
    this.#progress.done();
    await this.#letters.close();
    if (this.#isUnread) {
      run.close();
      return null;
    }
    const facts = run.facts();
    run.close();
    this.#notes.push(...facts.notes);
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
    for (const note of (await this.#history?.keep()) ?? []) this.#shell.stderr.line(`  note: ${note}`);
  }

  async #readFile(source: FileSource, started_ms: number): Promise<ShownRun> {
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
          const found = run.add(length === undefined ? record : { ...record, length });
          // Without an await an event, where there is nothing to wait for.
          if (found.length > 0) await this.#publish(this.#shown(found));
        }
        await this.#letters.flush();
        progress.update(source.read_bytes, source.lines);
        if (this.#isUnread) break;
      }
    } finally {
      progress.done();
    }
    return shownRun(this.program, run);
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
      after_watermark: facts.after_watermark,
      undecided: facts.undecided,
      behind_end: this.#decidedBehind(facts.last_event_ms),
      unknown_silence: source === null || until !== undefined ? [] : silenceOf(this.program),
      watermark_ms: facts.watermark_ms,
      state_bytes: stats.state_bytes,
      dropped: Object.fromEntries(byName(Object.entries(stats.drops))),
      failed_casts: stats.failed_casts,
      failed_values: new Map(
        byName([...stats.failed_values]).map(([rule, byText]) => [rule, new Map(byName([...byText]))]),
      ),
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

/** In an order that does not depend on which came first. */
function byName<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return [...entries].sort(([a], [b]) => compareText(a, b));
}
