import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ColumnSegment,
  ColumnsRead,
  EventSchema,
  LookupActivation,
  MadeColumns,
  Snapshot,
} from '../../engine/index.ts';
import { describeError } from '../files/file-port.ts';
import { CheckedFiles } from './checked-files.ts';
import { FileEvents, partsOf, partsRead } from './file-events.ts';
import { OPEN_SINCE, PartsFile, UnusableFile, writeParts } from './parts-file.ts';

/** A segment of the log that is closed: nothing is appended to it any more. */
export interface ClosedSegment {
  readonly first_position: number;
  /** First position of the one behind it. */
  readonly end_position: number;
  /** Its random marker, in hex. */
  readonly marker: string;
  readonly bytes: number;
}

/** What a segment has as columns; `lookups`: its activations, in their order (S13). */
export interface StoredSegment extends ColumnSegment {
  readonly lookups: () => LookupActivation[];
}

/**
 * 'unfit': it was found that it cannot be made into columns; 'other': its file serves another schema, or another version of
 * Weir, or other rules, because an older version made it that kept no `details`; writing takes its place.
 */
export type FoundColumns = StoredSegment | 'unfit' | 'other' | null;

/** The door before the entry at position `behind`. */
export interface StoredState {
  readonly behind: number;
  readonly state: Snapshot;
}

type Tree = { readonly [name: string]: Snapshot };

/**
 * Columns of closed segments of a log, a file for each, and the state in which the door was behind the last of them. All of
 * it is derived: a file that is missing, or of no use, means that the log itself is read, and the folder may be removed.
 */
export class ColumnFolder {
  readonly #directory: string;
  /** For whom files are, as the end of what they say that they were made of. */
  readonly #schema: string;
  /** Files that are there and of no use, a sentence each time that one was asked for. */
  readonly problems: string[] = [];
  readonly #checked: CheckedFiles;

  /** @param version of Weir: another one may read records otherwise, and makes its own */
  constructor(directory: string, schema: EventSchema, version: string) {
    this.#directory = directory;
    this.#schema = ` ${JSON.stringify([version, schema])}`;
    this.#checked = new CheckedFiles(join(directory, 'checked.json'));
  }

  #nameOf({ first_position }: ClosedSegment): string {
    return `${String(first_position).padStart(16, '0')}.columns`;
  }

  #pathOf(segment: ClosedSegment): string {
    return join(this.#directory, this.#nameOf(segment));
  }

  get #statePath(): string {
    return join(this.#directory, 'door.state');
  }

  /** Of a segment, checked as far as these columns go, now or before; null: there is none that is of use. */
  find(segment: ClosedSegment, columns: ColumnsRead): FoundColumns {
    return this.#read(this.#pathOf(segment), (file): FoundColumns => {
      const { made_of, facts } = file.about as Tree;
      if (made_of !== this.#madeOf(segment)) return String(made_of).endsWith(this.#schema) ? null : 'other';
      const { unfit, counters, partitions, earliest_ms, latest_ms, count } = facts as Tree;
      if (unfit === true) return 'unfit';
      if (columns.open.length > 0 && file.version < OPEN_SINCE) return 'other';
      const name = this.#nameOf(segment);
      const wanted = ['lookups', ...partsRead(file, columns)];
      const identity = file.check(wanted, (identity) => this.#checked.partsOf(name, identity));
      this.#checked.add(name, identity, wanted);
      const use = <T>(read: (file: PartsFile) => T): T => this.#stillThere(name, () => read(file));
      return {
        counters: counters as unknown as ColumnSegment['counters'],
        partitions: partitions as readonly string[],
        earliest_ms: earliest_ms as number,
        latest_ms: latest_ms as number,
        events: new FileEvents(count as number, use),
        lookups: () => use((file) => file.part('lookups') as unknown as LookupActivation[]),
      };
    });
  }

  /** What find() has checked is not checked again by those who come later, as long as the files stay as they are. */
  keepChecks(): void {
    this.#checked.keep();
  }

  /** Reads what was in order when it was checked: its file may have been damaged, replaced or removed since. */
  #stillThere<T>(name: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
      this.#checked.forget(name);
      const since =
        'it was whole when it was checked, and may since have been damaged, removed, or replaced by a run with another schema';
      throw new Error(`${error.message}; ${since}: start this run again`, { cause: error });
    }
  }

  /** @param made null: the segment is unfit. @throws when the disk does not take it */
  write(segment: ClosedSegment, made: MadeColumns | null, lookups: readonly LookupActivation[]): void {
    const parts = made === null ? new Map<string, Snapshot>() : partsOf(made);
    if (made !== null) parts.set('lookups', lookups.map(treeOf));
    const facts: Snapshot = made === null ? { unfit: true } : factsOf(made);
    writeParts(this.#pathOf(segment), { made_of: this.#madeOf(segment), facts }, parts);
  }

  /** Removes what write() wrote. */
  remove(segment: ClosedSegment): void {
    rmSync(this.#pathOf(segment), { force: true });
  }

  /**
   * The state that stands, where it is one of the log that begins with these segments.
   * @param key what else it depends on
   */
  findState(segments: readonly ClosedSegment[], key: string): StoredState | null {
    return this.#read(this.#statePath, (file) => {
      const { made_of, facts } = file.about as Tree;
      const behind = (facts as Tree).behind as number;
      const before = segments.filter(({ end_position }) => end_position <= behind);
      return made_of === this.#madeOf([...before, key]) ? { behind, state: file.part('state') } : null;
    });
  }

  /** Takes the place of what was there. @throws when the disk does not take it */
  writeState(segments: readonly ClosedSegment[], key: string, state: Snapshot): void {
    const behind = segments.at(-1)?.end_position ?? 0;
    const about = { made_of: this.#madeOf([...segments, key]), facts: { behind } };
    writeParts(this.#statePath, about, new Map([['state', state]]));
  }

  #madeOf(what: unknown): string {
    return `${JSON.stringify(what)}${this.#schema}`;
  }

  #read<T>(path: string, use: (file: PartsFile) => T): T | null {
    try {
      const file = PartsFile.open(path);
      return file === null ? null : use(file);
    } catch (error) {
      const reason = error instanceof UnusableFile ? error.message : `${path}: ${describeError(error)}`;
      this.problems.push(reason);
      return null;
    }
  }
}

function factsOf({ counters, partitions, count, numbers: { time } }: MadeColumns): Snapshot {
  const earliest_ms = count === 0 ? Number.POSITIVE_INFINITY : time[0];
  const latest_ms = count === 0 ? Number.NEGATIVE_INFINITY : time[count - 1];
  return { unfit: false, counters: { ...counters }, partitions, earliest_ms, latest_ms, count };
}

function treeOf({ name, from_ms, version, bytes }: LookupActivation): Snapshot {
  return { name, from_ms, version, bytes: Uint8Array.from(bytes) };
}
