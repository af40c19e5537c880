import { sha256Hex } from '../decode/sha256.ts';
import { contentHash } from '../decode/text-hash.ts';
import { textBytes } from '../decode/written-text.ts';
import type { Detection } from '../detection.ts';
import { limits as engineLimits } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareLists, compareText } from '../value.ts';
import type { StoreLimits } from './store-limits.ts';

const utf8 = new TextEncoder();

/** At most, of an open detection with a short key, a few values and 20 ids as evidence (V8). */
export const OPEN_BYTES = 4_000;

/** A longer key is remembered by its hash. */
const MOST_KEY_CHARACTERS = 64;

/** A detection whose rule may still give it a further revision. */
export interface OpenDetection {
  /** As it was published last; a suppressed one too. */
  detection: Detection;
  /** What it would show now, where a later event of its run changed that and no revision said so; else null. */
  latest: Detection | null;
  /** Until when its run goes on if nothing comes, both inside; -Infinity: it is over. */
  runs_until: number;
  /** When it closes if nothing comes; Infinity: it does not, or it is closed. */
  closes_at: number;
  /** Until when its SUPPRESS interval covers others, which would open it again; -Infinity: nothing waits for that. */
  covers_until: number;
  /** Rises with each that is opened. */
  readonly number: number;
  /** Rank of the severity that an ESCALATE gave it, -1 without. */
  rank: number;
}

/** An act that falls due: at the same millisecond deadlines come before window ends (S2). */
export interface Due {
  readonly open: OpenDetection;
  readonly time: number;
  readonly at_end: 1 | 2;
  /** The place of its rule in the order of depth and name; operators of one name (a rule that is tuned) have one. */
  readonly rule: number;
}

/**
 * The open detections of all rules: by id, by the run of their key, and in a heap by what falls due next. Bounded per
 * rule and key group: beyond the bound the one that was silent longest goes, counted, and gets no further revision.
 */
export class OpenDetections {
  readonly #limits: StoreLimits;
  readonly #byId = new Map<string, OpenDetection>();
  readonly #byRun = new Map<string, OpenDetection>();
  /** By rule and key group, ids in the order in which they were last active. */
  readonly #groups = new Map<string, Map<string, OpenDetection>>();
  readonly #dueOf: (open: OpenDetection) => Due | null;
  /** May hold what is gone or falls due later by now; that is seen when it comes up. */
  #heap: Due[] = [];
  /** The earliest entry of the heap by detection. */
  readonly #scheduled = new Map<OpenDetection, Due>();
  /** What the long texts take that an open detection shows, where it shows any, and all of a rule's key group. */
  readonly #long = new Map<OpenDetection, number>();
  readonly #longByGroup = new Map<string, number>();
  #dropped = 0;
  /** Because of their long texts. */
  #dropped_long = 0;
  #opened = 0;

  constructor(limits: StoreLimits, dueOf: (open: OpenDetection) => Due | null) {
    this.#limits = limits;
    this.#dueOf = dueOf;
  }

  ofId(id: string): OpenDetection | undefined {
    return this.#byId.get(id);
  }

  /** The detection whose run the key is in. */
  ofRun(operator: number, tenant: string, key: Detection['key']): OpenDetection | undefined {
    return this.#byRun.get(runName(operator, tenant, key));
  }

  /** A number for the next one. */
  nextNumber(): number {
    return this.#opened++;
  }

  add(open: OpenDetection): void {
    const group = this.#groupOf(open, true);
    if (group.size >= this.#limits.open_detections_per_group) {
      const [oldest] = group.values();
      this.#forget(oldest);
      this.#dropped++;
    }
    const { operator, tenant, key, id } = open.detection;
    this.#groupOf(open, true).set(id, open);
    this.#byId.set(id, open);
    if (open.runs_until !== Number.NEGATIVE_INFINITY) this.#byRun.set(runName(operator, tenant, key), open);
    this.#schedule(open);
    this.#holdLong(open);
  }

  /** Something happened to it: it is the latest of its group, and what falls due next may have changed. */
  touch(open: OpenDetection): void {
    const group = this.#groupOf(open, true);
    group.delete(open.detection.id);
    group.set(open.detection.id, open);
    this.#holdLong(open);
    this.#settle(open);
  }

  /** Its run is over. */
  endRun(open: OpenDetection): void {
    const { operator, tenant, key } = open.detection;
    const name = runName(operator, tenant, key);
    if (this.#byRun.get(name) === open) this.#byRun.delete(name);
    open.runs_until = Number.NEGATIVE_INFINITY;
    this.#settle(open);
  }

  /** What falls due first, if `isBefore` says so of it; it stays due until it is settled. */
  next(isBefore: (due: Due) => boolean): Due | null {
    for (;;) {
      const [top] = this.#heap;
      if (top === undefined) return null;
      const now = this.#byId.get(top.open.detection.id) === top.open ? this.#dueOf(top.open) : null;
      if (now === null || now.time !== top.time || now.at_end !== top.at_end) {
        this.#pop();
        if (now !== null) this.#schedule(top.open);
        continue;
      }
      return isBefore(top) ? top : null;
    }
  }

  /** Counts the long texts that it shows; those of its group that were silent longest go where they are too many. */
  #holdLong(open: OpenDetection): void {
    const before = this.#long.get(open) ?? 0;
    const { detection, latest } = open;
    const bytes = longBytesOf(detection) + (latest === null ? 0 : longBytesOf(latest));
    if (bytes === 0 && before === 0) return;
    const name = this.#groupName(open);
    this.#long.set(open, bytes);
    this.#longByGroup.set(name, (this.#longByGroup.get(name) ?? 0) + bytes - before);
    for (const other of this.#groupOf(open, false).values()) {
      if ((this.#longByGroup.get(name) ?? 0) <= this.#limits.text_bytes_per_group || other === open) return;
      if (!this.#long.has(other)) continue;
      this.#forget(other);
      this.#dropped_long++;
    }
  }

  #forgetLong(open: OpenDetection): void {
    const bytes = this.#long.get(open);
    if (bytes === undefined) return;
    const name = this.#groupName(open);
    const left = (this.#longByGroup.get(name) as number) - bytes;
    if (left > 0) this.#longByGroup.set(name, left);
    else this.#longByGroup.delete(name);
    this.#long.delete(open);
  }

  /** Forgets it where nothing falls due any more, else sees to it that it comes up. */
  #settle(open: OpenDetection): void {
    if (this.#dueOf(open) === null) this.#forget(open);
    else this.#schedule(open);
  }

  #schedule(open: OpenDetection): void {
    const due = this.#dueOf(open);
    if (due === null) return;
    // A later entry of the same detection brings this one up in time; only an earlier time needs one of its own.
    const scheduled = this.#scheduled.get(open);
    if (scheduled !== undefined && (scheduled.time < due.time || isSame(scheduled, due))) return;
    this.#push(due);
    if (this.#heap.length > 2 * this.#byId.size + 64) this.#rebuild();
  }

  #forget(open: OpenDetection): void {
    const { operator, tenant, key, id } = open.detection;
    this.#groupOf(open, false).delete(id);
    this.#byId.delete(id);
    this.#forgetLong(open);
    this.#scheduled.delete(open);
    const name = runName(operator, tenant, key);
    if (this.#byRun.get(name) === open) this.#byRun.delete(name);
  }

  #groupName({ detection }: OpenDetection): string {
    const { operator, tenant, key } = detection;
    const number = (contentHash(runName(operator, tenant, key)) >>> 0) % this.#limits.key_groups;
    return `${operator} ${number}`;
  }

  #groupOf(open: OpenDetection, isKept: boolean): Map<string, OpenDetection> {
    const name = this.#groupName(open);
    const group = this.#groups.get(name) ?? new Map<string, OpenDetection>();
    if (isKept) this.#groups.set(name, group);
    return group;
  }

  #rebuild(): void {
    this.#heap = [];
    this.#scheduled.clear();
    for (const open of this.#byId.values()) {
      const due = this.#dueOf(open);
      if (due !== null) this.#push(due);
    }
  }

  #push(due: Due): void {
    this.#scheduled.set(due.open, due);
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (compareDue(heap[above], due) <= 0) break;
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const top = heap[0];
    if (this.#scheduled.get(top.open) === top) this.#scheduled.delete(top.open);
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && compareDue(heap[below + 1], heap[below]) < 0) below++;
      if (compareDue(last, heap[below]) <= 0) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = last;
  }

  /** Detections that went because of open_detections_per_group. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Detections that went because of text_bytes_per_group. */
  get dropped_long(): number {
    return this.#dropped_long;
  }

  get bytes(): number {
    let long = 0;
    for (const bytes of this.#longByGroup.values()) long += bytes;
    return this.#byId.size * OPEN_BYTES + long;
  }

  snapshot(): Snapshot {
    const all = [...this.#groups.values()].flatMap((group) => [...group.values()]);
    const open = all.map((one) => ({ ...one })) as unknown as Snapshot;
    return { open, dropped: Float64Array.of(this.#dropped, this.#dropped_long), opened: this.#opened };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as unknown as { open: OpenDetection[]; dropped: Float64Array; opened: number };
    this.#heap = [];
    this.#scheduled.clear();
    for (const map of [this.#byId, this.#byRun, this.#groups, this.#long, this.#longByGroup]) map.clear();
    // Within a group the order is kept; which group stands first does not matter.
    for (const open of from.open) this.add({ ...open });
    [this.#dropped, this.#dropped_long] = from.dropped;
    this.#opened = from.opened;
  }
}

/** The order of what falls due (S2): time, deadlines before window ends, rule, tenant, key; then as they were opened. */
function compareDue(a: Due, b: Due): number {
  const [one, other] = [a.open.detection, b.open.detection];
  return (
    a.time - b.time ||
    a.at_end - b.at_end ||
    a.rule - b.rule ||
    compareText(one.tenant, other.tenant) ||
    compareLists(one.key, other.key) ||
    a.open.number - b.open.number
  );
}

function isSame(a: Due, b: Due): boolean {
  return a.time === b.time && a.at_end === b.at_end;
}

/** What its long texts take; short ones are in OPEN_BYTES. */
function longBytesOf({ tenant, key, values, evidence }: Detection): number {
  const texts = [tenant, ...key, ...values, ...evidence].flat();
  return texts.reduce<number>((sum, text) => {
    const bytes = typeof text === 'string' ? textBytes(text) : 0;
    return bytes > engineLimits.long_text_bytes ? sum + bytes : sum;
  }, 0);
}

function runName(operator: number, tenant: string, key: Detection['key']): string {
  const text = JSON.stringify([operator, tenant, ...key]);
  return text.length > MOST_KEY_CHARACTERS ? sha256Hex(utf8.encode(text)) : text;
}
