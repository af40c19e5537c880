import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock, Engine } from '../../engine/index.ts';
import { appendLine } from '../records/append-line.ts';
import type { BlindRecord, BlindState } from './blind-watch.ts';
import { BlindWatch } from './blind-watch.ts';
import { FieldWatch } from './field-watch.ts';

export interface BlindKeeperParts {
  /** `blind.ndjson`: the records, which only grow. */
  readonly records: string;
  /** `blind-state.json`: what is remembered from one start to the next. */
  readonly state: string;
  readonly silent_ms: number;
  readonly behind_ms: number;
  /** The one that runs now: its watermark, and the partition that it waits for. */
  readonly engine: () => Pick<Engine, 'watermark_ms' | 'held_back_by'>;
  readonly clock: Clock;
  /** Told each record, when it is on disk. */
  readonly published: (record: BlindRecord) => void;
  /** Told that the files cannot be written. */
  readonly report: (message: string) => void;
}

const look_ms = 5_000;

/** Keeps the blind intervals of a running Weir in their file, and what the next start has to know. */
export class BlindKeeper {
  readonly #parts: BlindKeeperParts;
  readonly watch: BlindWatch;
  readonly fields: FieldWatch;
  #timer: NodeJS.Timeout | null = null;
  #isBroken = false;

  constructor(parts: BlindKeeperParts) {
    this.#parts = parts;
    this.watch = new BlindWatch(parts.silent_ms, parts.behind_ms);
    this.fields = new FieldWatch(parts.silent_ms);
  }

  /** Events are taken from now on: whatever was missed since the last run is found. */
  begin(): void {
    const { records, state, clock } = this.#parts;
    const written = existsSync(records)
      ? readFileSync(records, 'utf8')
          .split('\n')
          .flatMap(parse<BlindRecord>)
      : [];
    const [known = null] = existsSync(state) ? parse<BlindState>(readFileSync(state, 'utf8')) : [];
    this.watch.begin(known, written, clock.now_ms());
    this.look();
    this.#timer = setInterval(() => this.look(), look_ms);
    this.#timer.unref();
  }

  /** Writes what was found. A disk that is full ends nothing: it is tried again. */
  look(): void {
    const { records, state, clock, published, engine } = this.#parts;
    const now_ms = clock.now_ms();
    const { watermark_ms, held_back_by } = engine();
    this.watch.stands(watermark_ms, held_back_by, now_ms);
    const found = this.watch.look(now_ms);
    try {
      for (let record = found.shift(); record !== undefined; record = found.shift()) {
        try {
          appendLine(records, record);
        } catch (error) {
          found.unshift(record);
          throw error;
        }
        published(record);
      }
      writeFileSync(`${state}.new`, JSON.stringify(this.watch.state(now_ms)), { mode: 0o600 });
      renameSync(`${state}.new`, state);
      this.#isBroken = false;
    } catch (error) {
      this.watch.giveBack(found);
      if (!this.#isBroken) this.#parts.report(`blind intervals cannot be written: ${String(error)}`);
      this.#isBroken = true;
    }
  }

  stop(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.look();
  }
}

function parse<T>(text: string): T[] {
  try {
    return [JSON.parse(text) as T];
  } catch {
    return [];
  }
}
