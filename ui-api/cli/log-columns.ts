import { type ClosedSegment, ColumnFolder, LogReader, type StoredSegment } from '../../connectors/index.ts';
import { ColumnMaker, type LookupActivation, type Program, readsColumns } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { doorKey, type KnownHistory, type LogHistory } from './log-history.ts';
import { plural } from './units.ts';
import { version } from './version.ts';

/**
 * The closed segments of a log as columns: what a backtest reads in place of their records. Who finds a segment without
 * makes them, before it reads them itself; `weir run` makes none. They serve as a prefix of the log: behind the first segment
 * that has none, the log itself is read.
 */
export class LogColumns {
  readonly #reader: LogReader;
  readonly #program: Program;
  readonly #folder: ColumnFolder;
  readonly #path: string;
  readonly #segments: readonly ClosedSegment[];
  /** Those that the rules read; null: these rules read what only records have. */
  readonly #columns: readonly string[] | null;
  /** A segment that cannot have columns ends the prefix for good. */
  #unfit: ClosedSegment | null = null;
  /** Of the first segments, as far as they have them. */
  readonly #found: StoredSegment[];
  /** What make() made, and what of it took the place of others. */
  #made = 0;
  #replaced = 0;
  /** Why it could not make all. */
  #failure: string | null = null;
  readonly known: KnownHistory;

  static async open(config: Config, program: Program): Promise<LogColumns> {
    const { log, columns } = dataPaths(config.data);
    const reader = new LogReader(log);
    return new LogColumns(reader, program, columns, await closedSegments(reader));
  }

  private constructor(reader: LogReader, program: Program, path: string, segments: readonly ClosedSegment[]) {
    this.#reader = reader;
    this.#program = program;
    this.#path = path;
    this.#folder = new ColumnFolder(path, program.schema, version);
    this.#segments = segments;
    this.#columns = readsColumns(program);
    this.#found = this.#find();
    const ends = segments.map(({ end_position }) => end_position);
    this.known = { from: this.end_position, state: this.#state(), ends };
  }

  /** Whether the rules can read columns. */
  get areRead(): boolean {
    return this.#columns !== null;
  }

  /** In place of the records of the log's first segments. */
  get prefix(): readonly StoredSegment[] {
    return this.areRead ? this.#found : [];
  }

  /** The position behind the prefix. */
  get end_position(): number {
    return this.prefix.length === 0 ? 0 : this.#segments[this.prefix.length - 1].end_position;
  }

  #find(): StoredSegment[] {
    const prefix: StoredSegment[] = [];
    for (const segment of this.#segments) {
      const found = this.#folder.find(segment, this.#columns ?? []);
      if (found === 'unfit') this.#unfit = segment;
      if (found === null || typeof found === 'string') break;
      prefix.push(found);
    }
    return prefix;
  }

  #state(): KnownHistory['state'] {
    const found = this.#folder.findState(this.#segments, doorKey(this.#program));
    return found === null ? null : { position: found.behind, snapshot: found.state };
  }

  /** What the reader of the results has to know. */
  notes(): string[] {
    const notes: string[] = [];
    if (this.prefix.length > 0) {
      const own = this.#made === 0 ? '' : `; ${this.#madeText()} by this backtest, and ${removable}`;
      notes.push(
        `${plural(this.prefix.length, 'segment')} of the log read as columns, which stand in ${this.#path}${own}`,
      );
    } else if (this.#made > 0) {
      notes.push(`${this.#madeText()} in ${this.#path}, for backtests of rules that can read them; ${removable}`);
    }
    if (this.#unfit !== null && this.areRead) notes.push(unfitNote(this.#unfit));
    const problems = [...new Set(this.#folder.problems)];
    if (problems.length > 0) notes.push(`${problems.join('; ')}: the log was read instead`);
    if (this.#failure !== null) {
      notes.push(`columns of the log could not be kept, so the next backtest reads all of it again: ${this.#failure}`);
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
   * @param say told the position up to which the log was read
   */
  async make(history: LogHistory, say: (position: number, end: number) => void): Promise<void> {
    const judged = this.#segments.filter(({ end_position }) => end_position <= history.judged_end);
    try {
      for (const segment of judged.slice(this.#found.length)) {
        if (this.#unfit !== null) break;
        const found = await this.#findOrMake(segment, history);
        say(segment.end_position, history.judged_end);
        if (found === 'unfit') this.#unfit = segment;
        else this.#found.push(found);
      }
      if (history.state !== null) this.#folder.writeState(judged, doorKey(this.#program), history.state);
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
  }

  async #findOrMake(segment: ClosedSegment, history: LogHistory): Promise<StoredSegment | 'unfit'> {
    const found = this.#folder.find(segment, this.#columns ?? []);
    if (found !== null && found !== 'other') return found;
    if (!(await this.#makeOne(segment, history))) return 'unfit';
    this.#made++;
    if (found === 'other') this.#replaced++;
    const made = this.#folder.find(segment, this.#columns ?? []);
    if (made === null || typeof made === 'string') throw new Error('what was written could not be read');
    return made;
  }

  /** false: it is unfit. */
  async #makeOne(segment: ClosedSegment, history: LogHistory): Promise<boolean> {
    const maker = new ColumnMaker(this.#program.schema);
    const lookups: LookupActivation[] = [];
    for await (const cursor of this.#reader.readBatches(segment.first_position, segment.end_position)) {
      while (cursor.next()) {
        if (!cursor.isRecord && !cursor.isLookup) continue;
        const entry = cursor.lent();
        if (entry.kind === 'lookup') lookups.push(entry);
        const verdict = history.of(cursor.position);
        if (entry.kind === 'record' && verdict !== undefined) maker.add(entry.record, verdict);
      }
    }
    const made = maker.finish();
    this.#folder.write(segment, made, lookups);
    return made !== null;
  }
}

const removable = 'the folder may be removed when no backtest runs';

function unfitNote({ first_position }: ClosedSegment): string {
  return (
    `from position ${first_position} on backtests read the log, because that segment cannot have columns: an event in it ` +
    'brings no id of its own, or one that was not rejected then cannot be read now'
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
