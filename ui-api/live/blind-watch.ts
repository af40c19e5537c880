import { createHash } from 'node:crypto';
import { limits } from '../../engine/index.ts';
import type { FieldNews } from './field-watch.ts';

/**
 * Why Weir did not see. down: it did not run. silent: a source that used to send sends nothing, or only what is rejected.
 * shed: events were refused because more waited than Weir may hold; who sends them again loses nothing. behind: the
 * watermark is so far behind the clock that what happens now is not decided yet; the source is the one that it waits for.
 * field: a field that rules read vanished from a kind of events; the source names both.
 */
export const blindCauses = ['down', 'silent', 'shed', 'behind', 'field'] as const;
export type BlindCause = (typeof blindCauses)[number];

/**
 * An interval in which Weir did not see (law 7), as it stands in `blind.ndjson` and in the stream of alerts: a kind of
 * its own beside detections, with their names where it has the same. Every rule is blind in it: all of them read events.
 */
export interface BlindRecord {
  readonly schema_version: 'v1';
  readonly kind: 'blind';
  readonly id: string;
  /** 1 when it opens (or is found whole), 2 when it closes. */
  readonly revision: number;
  readonly status: 'open' | 'closed';
  readonly cause: BlindCause;
  /** The partition; null: all of them. */
  readonly source: string | null;
  readonly start: string;
  /** Null: it goes on. */
  readonly end: string | null;
  readonly detected_at: string;
  readonly severity: 'medium';
  readonly title: string;
  /** Events that were refused, where that is the cause. */
  readonly refused_events: number | null;
}

interface Open {
  readonly id: string;
  readonly cause: BlindCause;
  readonly source: string | null;
  readonly start_ms: number;
}

/** What is remembered from one start to the next. */
export interface BlindState {
  /** When Weir was last known to see. */
  readonly alive_ms: number;
  readonly sources: Readonly<Record<string, readonly [first_ms: number, last_ms: number]>>;
}

/** An outage shorter than this is a restart, in which senders wait. */
const least_down_ms = 10_000;
/** The watermark has to be behind for so long: after a start it takes seconds until it follows. */
const least_behind_ms = 30_000;
/** Nothing was refused for so long: it is over. */
const shed_over_ms = 30_000;

/**
 * Finds blind intervals from what is heard, refused and how time passes; it neither reads a clock nor writes. A source
 * counts as one that should speak when it has spoken for as long as it may be silent: a file that was sent once does not.
 */
export class BlindWatch {
  readonly #silent_ms: number;
  readonly #behind_ms: number;
  /** When the watermark was first seen too far behind, and where it stood; null: it is not. */
  #behind: { readonly since_ms: number; readonly watermark_ms: number; readonly source: string | null } | null = null;
  readonly #sources = new Map<string, { readonly first_ms: number; last_ms: number }>();
  readonly #open = new Map<string, Open>();
  readonly #known = new Set<string>();
  #refused = 0;
  #refused_first_ms: number | null = null;
  #refused_last_ms = 0;
  #found: BlindRecord[] = [];

  /**
   * @param silent_ms a source may be silent for so long; 0: for ever
   * @param behind_ms the watermark may be so far behind the clock; 0: as far as it likes
   */
  constructor(silent_ms: number, behind_ms = 0) {
    this.#silent_ms = silent_ms;
    this.#behind_ms = behind_ms;
  }

  /** The start of this run: what the one before knew (null: there was none), and what it wrote. */
  begin(state: BlindState | null, written: readonly BlindRecord[], now_ms: number): void {
    for (const { id, status, cause, source, start } of written) {
      this.#known.add(id);
      if (status === 'open') this.#open.set(id, { id, cause, source, start_ms: Date.parse(start) });
      else this.#open.delete(id);
    }
    // Nothing is refused any more by a run that ended.
    for (const open of [...this.#open.values()]) {
      if (open.cause === 'shed') this.#close(open, state?.alive_ms ?? now_ms, now_ms);
    }
    if (state === null) return;
    for (const [source, [first_ms, last_ms]] of Object.entries(state.sources)) {
      // An outage of ours is no silence of theirs: it counts from now on, unless it had begun before.
      const isOpen = [...this.#open.values()].some((open) => open.source === source);
      this.#sources.set(source, { first_ms, last_ms: isOpen ? last_ms : now_ms });
    }
    if (now_ms - state.alive_ms >= least_down_ms) this.#add('down', null, state.alive_ms, now_ms, now_ms);
  }

  heard(source: string, now_ms: number): void {
    const known = this.#sources.get(source);
    if (known === undefined) {
      if (this.#sources.size >= limits.partitions) return;
      this.#sources.set(source, { first_ms: now_ms, last_ms: now_ms });
      return;
    }
    known.last_ms = now_ms;
    for (const open of this.#open.values()) {
      if (open.cause === 'silent' && open.source === source) this.#close(open, now_ms, now_ms);
    }
  }

  refused(events: number, now_ms: number): void {
    this.#refused += events;
    this.#refused_first_ms ??= now_ms;
    this.#refused_last_ms = now_ms;
  }

  /** Where the watermark stands (null: nowhere yet), and the partition that it waits for. */
  stands(watermark_ms: number | null, source: string | null, now_ms: number): void {
    if (this.#behind_ms === 0) return;
    if (watermark_ms === null || now_ms - watermark_ms < this.#behind_ms) {
      this.#behind = null;
      for (const open of this.#open.values()) if (open.cause === 'behind') this.#close(open, now_ms, now_ms);
      return;
    }
    this.#behind ??= { since_ms: now_ms, watermark_ms, source };
    const isOpen = [...this.#open.values()].some(({ cause }) => cause === 'behind');
    if (isOpen || now_ms - this.#behind.since_ms < least_behind_ms) return;
    this.#add('behind', this.#behind.source, this.#behind.watermark_ms, null, now_ms);
  }

  /** A field vanished from events, or is there again. */
  field({ source, gone_since_ms }: FieldNews, now_ms: number): void {
    if (gone_since_ms !== null) {
      this.#add('field', source, gone_since_ms, null, now_ms);
      return;
    }
    for (const open of this.#open.values()) {
      if (open.cause === 'field' && open.source === source) this.#close(open, now_ms, now_ms);
    }
  }

  /** Time has passed. Gives the records since the last call, in order. */
  look(now_ms: number): BlindRecord[] {
    if (this.#silent_ms > 0) {
      for (const [source, { first_ms, last_ms }] of this.#sources) {
        const shouldSpeak = last_ms - first_ms >= this.#silent_ms;
        if (shouldSpeak && now_ms - last_ms >= this.#silent_ms) this.#add('silent', source, last_ms, null, now_ms);
      }
    }
    if (this.#refused_first_ms !== null) {
      this.#add('shed', null, this.#refused_first_ms, null, now_ms);
      if (now_ms - this.#refused_last_ms >= shed_over_ms) {
        const id = idOf('shed', null, this.#refused_first_ms);
        const open = this.#open.get(id);
        if (open !== undefined) this.#close(open, this.#refused_last_ms, now_ms);
        this.#refused = 0;
        this.#refused_first_ms = null;
      }
    }
    return this.#found.splice(0);
  }

  /** Records that could not be written come again with the next look. */
  giveBack(records: readonly BlindRecord[]): void {
    this.#found = [...records, ...this.#found];
  }

  get open(): readonly Open[] {
    return [...this.#open.values()];
  }

  state(now_ms: number): BlindState {
    const sources = [...this.#sources].map(([name, { first_ms, last_ms }]) => [name, [first_ms, last_ms]] as const);
    return { alive_ms: now_ms, sources: Object.fromEntries(sources) };
  }

  /** Once for each interval: one that is known is passed over. */
  #add(cause: BlindCause, source: string | null, start_ms: number, end_ms: number | null, now_ms: number): void {
    const id = idOf(cause, source, start_ms);
    if (this.#known.has(id)) return;
    this.#known.add(id);
    const open: Open = { id, cause, source, start_ms };
    if (end_ms === null) this.#open.set(id, open);
    this.#found.push(this.#record(open, 1, end_ms, now_ms));
  }

  #close(open: Open, end_ms: number, now_ms: number): void {
    this.#open.delete(open.id);
    this.#found.push(this.#record(open, 2, end_ms, now_ms));
  }

  #record({ id, cause, source, start_ms }: Open, revision: number, end_ms: number | null, now_ms: number): BlindRecord {
    const time = (ms: number): string => new Date(ms).toISOString();
    const lasted = end_ms === null ? 'since then' : `for ${Math.round((end_ms - start_ms) / 1000)} s`;
    const what = {
      down: 'it did not run',
      silent: `the source ${source} sent nothing`,
      shed: 'more events came than it may hold, and some were refused',
      field: `a field that rules read vanished from events, ${source}`,
      behind: `what happens is decided late${source === null ? '' : `: the watermark waits for the source ${source}`}`,
    }[cause];
    return {
      ...{
        schema_version: 'v1',
        kind: 'blind',
        id,
        revision,
        status: end_ms === null ? 'open' : 'closed',
        cause,
        source,
      },
      ...{ start: time(start_ms), end: end_ms === null ? null : time(end_ms), detected_at: time(now_ms) },
      ...{ severity: 'medium', title: `Weir was blind from ${time(start_ms)} on, ${lasted}: ${what}` },
      refused_events: cause === 'shed' ? this.#refused : null,
    };
  }
}

function idOf(cause: BlindCause, source: string | null, start_ms: number): string {
  const text = JSON.stringify([cause, source, start_ms]);
  return `blind_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
