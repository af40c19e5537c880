import { sha256Hex } from '../decode/sha256.ts';
import { contentHash } from '../decode/text-hash.ts';
import { textBytes } from '../decode/written-text.ts';
import type { Detection } from '../detection.ts';
import { limits as engineLimits } from '../limits.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareLists, compareText, type Value } from '../value.ts';
import type { StoreLimits } from './store-limits.ts';

const utf8 = new TextEncoder();

/** At most, of an open detection with a short key, a few values and 20 ids as evidence (V8). */
export const OPEN_BYTES = 4_000;

/** A longer key is remembered by its hash. */
const MOST_KEY_CHARACTERS = 64;

/** What an event of a run shows: all but what names the detection. */
export type Shown = Pick<
  Detection,
  'window' | 'decided_at' | 'first_event_at' | 'last_event_at' | 'values' | 'evidence' | 'evidence_total' | 'severity'
> &
  Partial<Pick<Detection, 'lookups'>>;

/** A detection whose rule may still give it a further revision. */
export interface OpenDetection {
  /** As it was published last; a suppressed one too. */
  detection: Detection;
  /** What it would show now, where a later event of its run changed that and no revision said so; else null. */
  latest: Shown | null;
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
  /** Where OpenDetections holds it; null: it does not. */
  held: Held | null;
}

/** Of a rule's key group, the detections in the order in which they were last active, and what their long texts take. */
interface Group {
  readonly open: Set<OpenDetection>;
  long_bytes: number;
}

interface Held {
  /** What its run is found by. */
  readonly run: string;
  readonly group: Group;
  /** Its earliest entry of the heap. */
  scheduled: Due | null;
  /** What the long texts take that it shows. */
  long_bytes: number;
  /** The detection whose long texts were counted last, and what they take: of most events of a run it is the same one. */
  counted: Detection | null;
  counted_bytes: number;
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
  /** By rule and key group. */
  readonly #groups = new Map<string, Group>();
  readonly #dueOf: (open: OpenDetection) => Due | null;
  /** May hold what is gone or falls due later by now; that is seen when it comes up. */
  #heap: Due[] = [];
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
    const { operator, tenant, key, id } = open.detection;
    const run = runName(operator, tenant, key);
    const group = this.#groupOf(operator, keyName(tenant, key));
    // A window fires once more where a bound dropped its key meanwhile (S14): from now on the id is of this one alone.
    const same = this.#byId.get(id);
    if (same !== undefined) this.#forget(same);
    if (group.open.size >= this.#limits.open_detections_per_group) {
      const [oldest] = group.open;
      this.#forget(oldest);
      this.#dropped++;
    }
    const held: Held = { run, group, scheduled: null, long_bytes: 0, counted: null, counted_bytes: 0 };
    open.held = held;
    group.open.add(open);
    this.#byId.set(id, open);
    if (open.runs_until !== Number.NEGATIVE_INFINITY) this.#byRun.set(run, open);
    const due = this.#dueOf(open);
    if (due !== null) this.#schedule(due, held);
    this.#holdLong(open, held);
  }

  /** Something happened to it: it is the latest of its group, and what falls due next may have changed. */
  touch(open: OpenDetection): void {
    const { held } = open;
    if (held === null) return;
    held.group.open.delete(open);
    held.group.open.add(open);
    this.#holdLong(open, held);
    this.#settle(open, held);
  }

  /** Its run is over. */
  endRun(open: OpenDetection): void {
    const { held } = open;
    open.runs_until = Number.NEGATIVE_INFINITY;
    if (held === null) return;
    if (this.#byRun.get(held.run) === open) this.#byRun.delete(held.run);
    this.#settle(open, held);
  }

  /** What falls due first, if `isBefore` says so of it; it stays due until it is settled. */
  next(isBefore: (due: Due) => boolean): Due | null {
    for (;;) {
      const top = this.#heap.length === 0 ? undefined : this.#heap[0];
      // Nothing falls due earlier than its entry says.
      if (top === undefined || !isBefore(top)) return null;
      const { held } = top.open;
      const now = held === null ? null : this.#dueOf(top.open);
      if (held !== null && now !== null && isSame(now, top)) return top;
      this.#pop();
      if (held !== null && now !== null) this.#schedule(now, held);
    }
  }

  /** Counts the long texts that it shows; those of its group that were silent longest go where they are too many. */
  #holdLong(open: OpenDetection, held: Held): void {
    const { detection, latest } = open;
    if (held.counted !== detection) {
      held.counted = detection;
      held.counted_bytes = longBytesOf(detection);
    }
    const bytes = held.counted_bytes + (latest === null ? 0 : longBytesOfShown(latest));
    if (bytes === 0 && held.long_bytes === 0) return;
    const { group } = held;
    group.long_bytes += bytes - held.long_bytes;
    held.long_bytes = bytes;
    for (const other of group.open) {
      if (group.long_bytes <= this.#limits.text_bytes_per_group || other === open) return;
      if (other.held?.long_bytes === 0) continue;
      this.#forget(other);
      this.#dropped_long++;
    }
  }

  /** Forgets it where nothing falls due any more, else sees to it that it comes up. */
  #settle(open: OpenDetection, held: Held): void {
    const due = this.#dueOf(open);
    if (due === null) this.#forget(open);
    else this.#schedule(due, held);
  }

  #schedule(due: Due, held: Held): void {
    // A later entry of the same detection brings this one up in time; only an earlier time needs one of its own.
    const { scheduled } = held;
    if (scheduled !== null && (scheduled.time < due.time || isSame(scheduled, due))) return;
    this.#push(due, held);
    if (this.#heap.length > 2 * this.#byId.size + 64) this.#rebuild();
  }

  #forget(open: OpenDetection): void {
    const { held } = open;
    if (held === null) return;
    open.held = null;
    held.group.open.delete(open);
    held.group.long_bytes -= held.long_bytes;
    this.#byId.delete(open.detection.id);
    if (this.#byRun.get(held.run) === open) this.#byRun.delete(held.run);
  }

  /** Which group a key is in does not rest on how many rules stand before its own. */
  #groupOf(operator: number, key: string): Group {
    const name = `${operator} ${(contentHash(key) >>> 0) % this.#limits.key_groups}`;
    const group = this.#groups.get(name) ?? { open: new Set(), long_bytes: 0 };
    this.#groups.set(name, group);
    return group;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const open of this.#byId.values()) {
      const due = this.#dueOf(open);
      if (due !== null && open.held !== null) this.#push(due, open.held);
    }
  }

  #push(due: Due, held: Held): void {
    held.scheduled = due;
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
    const { held } = top.open;
    if (held?.scheduled === top) held.scheduled = null;
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
    for (const { long_bytes } of this.#groups.values()) long += long_bytes;
    return this.#byId.size * OPEN_BYTES + long;
  }

  snapshot(): Snapshot {
    const all = [...this.#groups.values()].flatMap(({ open }) => [...open]);
    const open = all.map((one) => ({ ...one, held: null }));
    return {
      open: open as unknown as Snapshot,
      dropped: Float64Array.of(this.#dropped, this.#dropped_long),
      opened: this.#opened,
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as unknown as { open: OpenDetection[]; dropped: Float64Array; opened: number };
    this.#heap = [];
    for (const map of [this.#byId, this.#byRun, this.#groups]) map.clear();
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
function longBytesOf(detection: Detection): number {
  return longBytes(detection.tenant) + longBytesOfAll(detection.key) + longBytesOfShown(detection);
}

function longBytesOfShown({ values, evidence }: Pick<Detection, 'values' | 'evidence'>): number {
  return longBytesOfAll(values) + longBytesOfAll(evidence);
}

function longBytesOfAll(values: readonly Value[]): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += longBytes(values[k]);
  return sum;
}

function longBytes(value: Value): number {
  if (Array.isArray(value)) return longBytesOfAll(value);
  // A unit of UTF-16 is at most three bytes.
  if (typeof value !== 'string' || value.length * 3 <= engineLimits.long_text_bytes) return 0;
  const bytes = textBytes(value);
  return bytes > engineLimits.long_text_bytes ? bytes : 0;
}

/** Two keys have two names: one of one text stands behind its tenant, whose length is said; any other one is JSON. */
function keyName(tenant: string, key: Detection['key']): string {
  const [first] = key;
  const isText = key.length === 1 && typeof first === 'string';
  const text = isText ? `${tenant.length} ${tenant}${first}` : JSON.stringify([tenant, ...key]);
  return text.length > MOST_KEY_CHARACTERS ? sha256Hex(utf8.encode(text)) : text;
}

function runName(operator: number, tenant: string, key: Detection['key']): string {
  return `${operator} ${keyName(tenant, key)}`;
}
