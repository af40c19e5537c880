import { type ClosedSegment, ColumnFolder, LogReader, type StoredSegment } from '../../connectors/index.ts';
import { type ColumnsRead, type Program, readsColumns } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import type { ColumnJob, ColumnPlace } from './column-making.ts';
import { makeAll } from './column-threads.ts';
import { doorKey, type KnownHistory, type LogHistory } from './log-history.ts';
import { plural } from './units.ts';
import { version } from './version.ts';

/**
 * The closed segments of a log as columns: what a backtest reads in place of their records. Who finds a segment without
 * makes them, before it reads them itself; `weir columns`, and `weir run` that was told to, make them for others. They serve
 * as a prefix of the log: behind the first segment that has none, the log itself is read.
 */
export class LogColumns {
  readonly #place: ColumnPlace;
  readonly #program: Program;
  readonly #folder: ColumnFolder;
  readonly #segments: readonly ClosedSegment[];
  /** Those that the rules read; null: these rules read what only records have. */
  readonly #columns: ColumnsRead | null;
  /** A segment that cannot have columns ends the prefix for good. */
  #unfit: ClosedSegment | null = null;
  /** Of the first segments, as far as they have them. */
  readonly #found: StoredSegment[];
  /** Columns that make() made, and what of them took the place of others. */
  #made = 0;
  #replaced = 0;
  /** Why it could not make all. */
  #failure: string | null = null;
  #known: KnownHistory | null = null;

  static async open(config: Pick<Config, 'data'>, program: Program): Promise<LogColumns> {
    const { log, columns } = dataPaths(config.data);
    const place = { log, columns, schema: program.schema };
    return new LogColumns(place, program, await closedSegments(new LogReader(log)));
  }

  private constructor(place: ColumnPlace, program: Program, segments: readonly ClosedSegment[]) {
    this.#place = place;
    this.#program = program;
    this.#folder = new ColumnFolder(place.columns, program.schema, version);
    this.#segments = segments;
    this.#columns = readsColumns(program);
    this.#found = this.#find();
  }

  /** What is known of the log where its columns were found. */
  get known(): KnownHistory {
    const ends = this.#segments.map(({ end_position }) => end_position);
    this.#known ??= { from: this.end_position, state: this.#state(), ends };
    return this.#known;
  }

  /** Segments of which make() made columns. */
  get made(): number {
    return this.#made;
  }

  /** Closed segments of the log. */
  get closed(): number {
    return this.#segments.length;
  }

  /** Closed segments that end behind a position. */
  behind(position: number): number {
    return this.#segments.filter(({ end_position }) => end_position > position).length;
  }

  /** Why make() could not keep all that it was to make; null: it could. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Whether the rules can read columns. */
  get areRead(): boolean {
    return this.#columns !== null;
  }

  /** In place of the records of the log's first segments. */
  get prefix(): readonly StoredSegment[] {
    return this.areRead ? this.#found : [];
  }

  /** The prefix as far as a position, and where that ends. */
  upTo(position: number): Pick<LogColumns, 'prefix' | 'end_position'> {
    const prefix = this.prefix.filter((_, k) => this.#segments[k].end_position <= position);
    return { prefix, end_position: prefix.length === 0 ? 0 : this.#segments[prefix.length - 1].end_position };
  }

  /** The position behind the prefix. */
  get end_position(): number {
    return this.areRead ? this.made_to : 0;
  }

  /** The position behind the segments that have columns, whether the rules can read them or not. */
  get made_to(): number {
    return this.#found.length === 0 ? 0 : this.#segments[this.#found.length - 1].end_position;
  }

  #find(): StoredSegment[] {
    const prefix: StoredSegment[] = [];
    for (const segment of this.#segments) {
      const found = this.#folder.find(segment, this.#columns ?? nothing_read);
      if (found === 'unfit') this.#unfit = segment;
      if (found === null || typeof found === 'string') break;
      prefix.push(found);
    }
    this.#folder.keepChecks();
    return prefix;
  }

  #state(): KnownHistory['state'] {
    const found = this.#folder.findState(this.#segments, doorKey(this.#program));
    return found === null ? null : { position: found.behind, snapshot: found.state };
  }

  /** About how many entries the log has: the last segment, which is written, counted as long as those before it. */
  about_entries(): number {
    const end = this.#segments.at(-1)?.end_position ?? 0;
    return this.#segments.length === 0 ? 0 : Math.round(end + end / this.#segments.length);
  }

  /** What the reader of the results has to know. */
  notes(): string[] {
    const notes: string[] = [];
    if (this.prefix.length > 0) {
      const own = this.#made === 0 ? '' : `; ${this.#madeText()} by this backtest, and ${removable}`;
      notes.push(
        `${plural(this.prefix.length, 'segment')} of the log read as columns, which stand in ${this.#place.columns}${own}`,
      );
    } else if (this.#made > 0) {
      notes.push(
        `${this.#madeText()} in ${this.#place.columns}, for backtests of rules that can read them; ${removable}`,
      );
    }
    notes.push(...this.problems());
    if (!this.areRead && this.#found.length > 0) {
      notes.push(
        'the log itself was read, not its columns: these rules read what only records have, `event_id` for example',
      );
    }
    return notes;
  }

  /** Why segments have no columns, or had to be made again. */
  problems(): string[] {
    const notes: string[] = [];
    if (this.#unfit !== null && this.areRead) notes.push(unfitNote(this.#unfit));
    const problems = [...new Set(this.#folder.problems)];
    if (problems.length > 0) notes.push(`${problems.join('; ')}: made of the log again, or the log was read instead`);
    if (this.#failure !== null) {
      notes.push(
        `not all columns of the log could be kept, so the next backtest reads the log again where they are missing: ` +
          `${this.#failure}; make room in ${this.#place.columns}, or let this user write there`,
      );
    }
    return notes;
  }

  #madeText(): string {
    const others =
      this.#replaced === 0 ? '' : ` (${this.#replaced} in place of those for another schema or version of Weir)`;
    return `columns of ${plural(this.#made, 'closed segment')} were made${others}`;
  }

  /**
   * Makes what is missing, as far as every record has its verdict; what the rules can read is read from them then.
   * @param threads so many segments at once
   * @param say told the position up to which the log is done
   */
  async make(history: LogHistory, threads: number, say: (position: number) => void): Promise<void> {
    const judged = this.#segments.filter(({ end_position }) => end_position <= history.judged_end);
    const missing = this.#unfit === null ? judged.slice(this.#found.length) : [];
    try {
      await this.#makeAll(missing, history, threads, say);
      if (history.state !== null) this.#folder.writeState(judged, doorKey(this.#program), history.state);
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }

  async #makeAll(
    missing: readonly ClosedSegment[],
    history: LogHistory,
    threads: number,
    say: (position: number) => void,
  ): Promise<void> {
    const before = missing.map((segment) => this.#folder.find(segment, this.#columns ?? nothing_read));
    const wanted = missing.filter((_, k) => before[k] === null || before[k] === 'other');
    const jobOf = (k: number): ColumnJob => {
      const segment = wanted[k];
      return { segment, verdicts: history.codesOf(segment.first_position, segment.end_position) };
    };
    const begin = missing[0]?.first_position ?? 0;
    const bytes = wanted.reduce((sum, one) => sum + one.bytes, 0);
    const useful = Math.min(threads, Math.ceil(bytes / bytes_per_thread));
    const { outcomes, failure } = await makeAll(this.#place, wanted.length, jobOf, useful, (done) => {
      say(begin + wanted.slice(0, done).reduce((sum, one) => sum + one.end_position - one.first_position, 0));
    });
    for (const [k, segment] of missing.entries()) {
      const outcome = outcomes[wanted.indexOf(segment)];
      if (this.#unfit !== null) {
        // Made beside it, when it was not known yet: nothing behind it serves.
        if (outcome === 'made') this.#folder.remove(segment);
        continue;
      }
      const found =
        outcome === 'made' ? this.#folder.find(segment, this.#columns ?? nothing_read) : (outcome ?? before[k]);
      if (outcome === 'made') this.#made++;
      if (outcome === 'made' && before[k] === 'other') this.#replaced++;
      if (found === 'unfit') this.#unfit = segment;
      if (found === 'other' || found === null) break;
      if (found !== 'unfit') this.#found.push(found);
    }
    this.#folder.keepChecks();
    if (failure !== null) throw new Error(failure);
  }
}

const nothing_read: ColumnsRead = { fields: [], open: [] };
/** What a thread reads in the time that its start takes, a few times over. */
const bytes_per_thread = 16 * 1024 * 1024;
const removable = 'the folder may be removed when no backtest runs';

function unfitNote({ first_position }: ClosedSegment): string {
  return (
    `from position ${first_position} on backtests read the log, because that segment cannot have columns: an event in it ` +
    'brings no id of its own (send an event_id with each), or one that was not rejected then cannot be read now'
  );
}

/** All but the last one, which is written. */
async function closedSegments(reader: LogReader): Promise<ClosedSegment[]> {
  const positions = await reader.segments();
  const closed: ClosedSegment[] = [];
  for (let i = 0; i + 1 < positions.length; i++) {
    const segment = await reader.openSegment(positions[i]);
    try {
      const marker = Buffer.from(segment.header.marker).toString('hex');
      const bytes = await segment.size();
      closed.push({ first_position: positions[i], end_position: positions[i + 1], marker, bytes });
    } finally {
      await segment.close();
    }
  }
  return closed;
}
