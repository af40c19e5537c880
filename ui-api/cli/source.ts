import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  codecs,
  ForeignFile,
  type ForeignForm,
  findCodec,
  type Piece,
  readLines,
  readRecords,
} from '../../connectors/index.ts';
import { type Codec, limits, type Unreadable, unreadableRecord } from '../../engine/index.ts';
import { closestName } from '../suggest.ts';
import { InvalidArgumentError, Option, type Shell } from './command.ts';
import { type CliError, usageError } from './exit.ts';
import { flatKeysOf, flatKeysText, looked_at_records } from './flat-keys.ts';
import { word } from './typed-here.ts';

/** What `--as` and its companions say about a file's format. */
export interface FormatOptions {
  readonly as?: string;
  readonly year?: number;
  readonly timeZone?: string;
}

/** `--as`, `--year`, `--time-zone`: for every command that reads a file of events. */
export function formatOptions(): Option[] {
  return [
    new Option('--as <format>', `format of the file: ${codecs.map((codec) => codec.name).join(', ')} (default: json)`),
    new Option('--year <year>', 'year of the first line, for times without a year').argParser(parseYear),
    new Option(
      '--time-zone <zone>',
      'zone of times that have none, such as Europe/Berlin (sshd: UTC unless given; others reject such times)',
    ),
  ];
}

function parseYear(text: string): number {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError('A year has four digits.');
  return Number(text);
}

/** One record on its way to the door. */
export interface SourceLine {
  /** Line of the file, from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** True length of a line over the limit, of which `bytes` is the beginning; the door rejects it. */
  readonly length?: number;
  /** The codec could not read it: `bytes` say so to the door, which rejects it (engine/decode/unreadable.ts). */
  readonly is_unreadable: boolean;
}

/** A file, or the standard input, as records. */
export class FileSource {
  readonly path: string;
  /** As the person wrote it. */
  readonly given: string;
  /** Name for messages. */
  readonly name: string;
  /** Size in bytes; 0 where it cannot be known. */
  readonly size: number;
  readonly partition: string;
  readonly #codec: Codec;
  /** Lines that are no events of this source, by reason. */
  readonly skipped = new Map<string, number>();
  /** Lines that gave more than one record each (sshd's "message repeated 5 times"), and the records that they gave. */
  readonly several = { lines: 0, records: 0 };
  lines = 0;
  read_bytes = 0;
  /** Told about what the first records have that no rule will read; at most once. */
  #note_flat: ((line: number, keys: readonly string[]) => void) | null;
  #looked_at = 0;

  private constructor(path: string, name: string, size: number, codec: Codec, shell: Shell, given: string) {
    this.path = path;
    this.given = given;
    this.name = name;
    this.size = size;
    this.#note_flat = (line, keys) => {
      shell.stderr.line(`  note: ${flatKeysText(keys, `${name}:${line}`, path === '-' ? null : given)}`);
    };
    this.partition = `file:${name.replace(/[^A-Za-z0-9._:-]/g, '_').slice(0, 90)}`;
    this.#codec = codec;
  }

  /**
   * @param other_sources what else than a file the command takes, for the hint where there is none
   * @throws CliError for a path that is no file, or a format that does not exist or does not fit its options
   */
  static open(path: string, options: FormatOptions, shell: Shell, other_sources = fileOrLog): FileSource {
    const full = path === '-' ? '-' : resolve(shell.folder, path);
    const stats = path === '-' ? null : statSync(full, { throwIfNoEntry: false });
    if (stats === undefined) throw missingFile(path, full, other_sources);
    if (stats?.isDirectory()) throw usageError(`${path} is a folder`, 'give one file; several: `cat a b | weir ... -`');
    const codec = createCodec(options, stats?.mtimeMs ?? shell.now_ms());
    return new FileSource(full, path === '-' ? 'stdin' : basename(path), stats?.size ?? 0, codec, shell, path);
  }

  /** Nothing is noted about its records: another reading of the same file has. */
  withoutNotes(): this {
    this.#note_flat = null;
    return this;
  }

  get format(): string {
    return this.#codec.name;
  }

  /** The records of the file, a chunk of it at a time. @throws CliError where it is compressed, or no UTF-8 at all */
  async *read(): AsyncGenerator<SourceLine[]> {
    const { lists } = this.#codec;
    try {
      if (lists === undefined) yield* this.#readLines();
      else yield* this.#readPieces(lists.key);
    } catch (error) {
      throw error instanceof ForeignFile ? foreignFile(this.given, error.form) : error;
    }
  }

  async *#readLines(): AsyncGenerator<SourceLine[]> {
    for await (const lines of readLines(this.path)) {
      const records: SourceLine[] = [];
      for (const { number, bytes, length, is_over_long, end_offset } of lines) {
        this.lines++;
        this.read_bytes = end_offset;
        if (is_over_long) records.push({ number, bytes, length, is_unreadable: false });
        else {
          const before = records.length;
          this.#decode(number, null, bytes, records);
          if (records.length > before + 1) {
            this.several.lines++;
            this.several.records += records.length - before;
          }
        }
      }
      yield records;
    }
  }

  async *#readPieces(key: string | null): AsyncGenerator<SourceLine[]> {
    for await (const pieces of readRecords(this.path, key)) {
      const records: SourceLine[] = [];
      for (const piece of pieces) {
        this.lines = piece.line;
        this.read_bytes = piece.end_offset;
        const { line, record, bytes, length } = piece;
        const fault = faultOf(piece);
        if (fault !== null) records.push(unreadable({ ...fault, line, record, bytes, length }));
        else if (piece.is_over_long) records.push({ number: line, bytes, length, is_unreadable: false });
        else this.#decode(line, record, bytes, records);
      }
      yield records;
    }
  }

  /** @param place which record of a list of the file these bytes are; null: a line */
  #decode(number: number, place: number | null, bytes: Uint8Array, records: SourceLine[]): void {
    const result = this.#codec.decode(bytes);
    switch (result.kind) {
      case 'as_is':
        if (this.#note_flat !== null) this.#lookAt(number, bytes);
        records.push({ number, bytes, is_unreadable: false });
        return;
      case 'events':
        for (const event of result.events) {
          records.push({ number, bytes: Buffer.from(JSON.stringify(event)), is_unreadable: false });
        }
        for (const { record, message, bytes } of result.refused ?? []) {
          records.push(unreadable({ message, line: number, record: place ?? record, bytes }));
        }
        return;
      case 'skipped':
        this.skipped.set(result.reason, (this.skipped.get(result.reason) ?? 0) + 1);
        return;
      case 'rejected':
        records.push(unreadable({ message: result.message, line: number, record: place, bytes }));
    }
  }

  /** The beginning of the file alone: the rest is read at the door's speed. */
  #lookAt(number: number, bytes: Uint8Array): void {
    const keys = flatKeysOf(bytes);
    if (keys.length > 0) this.#note_flat?.(number, keys);
    this.#looked_at++;
    if (keys.length > 0 || this.#looked_at >= looked_at_records) this.#note_flat = null;
  }
}

const fileOrLog = 'give a file of events, `log` for what Weir received, or - for stdin';

function missingFile(path: string, full: string, hint: string): CliError {
  if (lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() !== true) {
    return usageError(`${path} does not exist`, hint);
  }
  return usageError(
    `${path} is a link to ${readlinkSync(full)}, which does not exist`,
    'mend the link, or give the file',
  );
}

function foreignFile(path: string, { name, program }: ForeignForm): CliError {
  const file = path === '-' ? 'FILE' : word(path);
  return usageError(
    `${path === '-' ? 'what comes from the standard input' : path} is ${name}`,
    `pipe it in: \`${program} < ${file} | weir ... -\` (or \`> events.ndjson\`, for a command that reads no pipe)`,
  );
}

function unreadable(what: Unreadable): SourceLine {
  return { number: what.line, bytes: unreadableRecord(what), is_unreadable: true };
}

/** Why a record of a list never comes to the codec; null where it does, and for a line. */
function faultOf({ fault, record, length, is_over_long }: Piece): Pick<Unreadable, 'message' | 'reason'> | null {
  if (fault !== null) return { message: fault };
  if (!is_over_long || record === null) return null;
  return { message: `${length} bytes, more than the ${limits.record_bytes} a record may have`, reason: 'too_large' };
}

function createCodec(options: FormatOptions, reference_ms: number): Codec {
  const name = options.as ?? 'json';
  const entry = findCodec(name);
  if (entry === undefined) throw unknownFormat(name);
  const taken = new Set(entry.options.map((option) => option.flag));
  for (const [flag, value] of [
    ['--year', options.year],
    ['--time-zone', options.timeZone],
  ] as const) {
    if (value !== undefined && !taken.has(flag)) {
      throw usageError(
        `${flag} says nothing about the format ${name}`,
        'leave it out, or name another format with --as',
      );
    }
  }
  try {
    return entry.create({
      ...(options.year === undefined ? {} : { year: options.year }),
      ...(options.timeZone === undefined ? {} : { time_zone: options.timeZone }),
      reference_ms,
    });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

/** The nearest one first; a list of all of them would hide it. */
function unknownFormat(name: string): CliError {
  const names = codecs.map((codec) => codec.name);
  const closest = findCodec(names.find((known) => known.endsWith(`_${name}`)) ?? closestName(name, names) ?? '');
  const meant = closest === undefined ? '' : `did you mean ${closest.name} (${closest.summary})? `;
  const all = `\`weir backtest --help\` lists all ${names.length} formats`;
  return usageError(`there is no format ${name}`, `${meant}${all}`);
}
