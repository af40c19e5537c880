import { type ClosedSegment, ColumnFolder, LogReader, type StoredSegment } from '../../connectors/index.ts';
import { ColumnMaker, type LookupActivation, type Program, readsColumns } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { doorKey, type KnownHistory, type LogHistory } from './log-history.ts';
import { plural } from './units.ts';
import { version } from './version.ts';

/**
 * The closed segments of a log as columns: what a backtest reads in place of their records. The first backtest that has to
 * read a segment makes its columns when it is done; `weir run` makes none. They serve as a prefix of the log: behind the
 * first segment that has none, the log itself is read.
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
  /** First segments that have columns. */
  readonly #kept: number;
  /** In place of the records of the log's first segments. */
  readonly prefix: readonly StoredSegment[];
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
    const found = this.#find();
    this.#kept = found.length;
    this.prefix = this.#columns === null ? [] : found;
    const ends = segments.map(({ end_position }) => end_position);
    this.known = { from: this.end_position, state: this.#state(), ends };
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
      notes.push(`${plural(this.prefix.length, 'segment')} of the log read as columns, which stand in ${this.#path}`);
    }
    if (this.#unfit !== null && this.#columns !== null) notes.push(unfitNote(this.#unfit));
    const { problems } = this.#folder;
    if (problems.length > 0) notes.push(`${problems.join('; ')}: the log was read instead`);
    return notes;
  }

  /** Makes what is missing, as far as every record has its verdict. Gives what there is to say of it. */
  async make(history: LogHistory): Promise<string[]> {
    const known = this.#unfit;
    try {
      const { made, replaced } = await this.#makeMissing(history);
      const notes = this.#unfit === null || this.#unfit === known ? [] : [unfitNote(this.#unfit)];
      if (made === 0) return notes;
      const others = replaced === 0 ? '' : ` (${replaced} in place of those for another schema or version of Weir)`;
      return [
        `columns of ${plural(made, 'closed segment')} of the log were made in ${this.#path}${others}: ` +
          'the next backtest reads those; the folder may be removed when no backtest runs',
        ...notes,
      ];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [`columns of the log could not be kept, so the next backtest reads all of it again: ${reason}`];
    }
  }

  async #makeMissing(history: LogHistory): Promise<{ made: number; replaced: number }> {
    const judged = this.#segments.filter(({ end_position }) => end_position <= history.judged_end);
    let made = 0;
    let replaced = 0;
    for (const segment of judged.slice(this.#kept)) {
      if (this.#unfit !== null) break;
      const found = this.#folder.find(segment, this.#columns ?? []);
      if (found === 'unfit') this.#unfit = segment;
      if (found !== null && found !== 'other') continue;
      if (await this.#makeOne(segment, history)) {
        made++;
        if (found === 'other') replaced++;
      } else this.#unfit = segment;
    }
    if (history.state !== null) this.#folder.writeState(judged, doorKey(this.#program), history.state);
    return { made, replaced };
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
