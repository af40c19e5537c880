import { sha256Hex } from '../decode/sha256.ts';
import { contentHash } from '../decode/text-hash.ts';
import type { Detection } from '../detection.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Due, DueHeap } from './due-heap.ts';
import {
  dueTimeOf,
  type Held,
  isRunDue,
  longBytesOf,
  longBytesOfShown,
  NEVER,
  type OpenDetection,
  OVER,
} from './open-detection.ts';
import { OpenGroup } from './open-group.ts';
import type { StoreLimits } from './store-limits.ts';

const utf8 = new TextEncoder();

/** At most, of an open detection with a short key, a few values and 20 ids as evidence (V8). */
export const OPEN_BYTES = 4_000;

/** A longer key is remembered by its hash. */
const MOST_KEY_CHARACTERS = 64;

/** What names that are no texts of their own begin with: JSON, and a hash. */
const BRACKET = 0x5b;
const HASH = 0x23;

/** Of an operator, where what falls due of its detections stands in the order (S2). */
export interface DueOrder {
  /** The place of its rule in the order of depth and name. */
  readonly rule: number;
  /** Its runs end as a deadline (1) or as a window (2). */
  readonly run_at_end: 1 | 2;
}

/**
 * The open detections of all rules: by id, by the run of their key, and in a heap by what falls due next. Bounded per
 * rule and key group: beyond the bound the one that was silent longest goes, counted, and gets no further revision.
 */
export class OpenDetections {
  readonly #limits: StoreLimits;
  /** By operator. */
  readonly #orders: readonly DueOrder[];
  readonly #byId = new Map<string, OpenDetection>();
  /** By operator and tenant. */
  readonly #byRun: readonly Map<string, Map<string, OpenDetection>>[];
  /** By operator and key group. */
  readonly #groups: readonly Map<number, OpenGroup>[];
  /** May hold what is gone or falls due later by now; that is seen when it comes up. */
  readonly #heap = new DueHeap();
  #dropped = 0;
  /** Because of their long texts. */
  #dropped_long = 0;
  #opened = 0;

  constructor(limits: StoreLimits, orders: readonly DueOrder[]) {
    this.#limits = limits;
    this.#orders = orders;
    this.#byRun = orders.map(() => new Map());
    this.#groups = orders.map(() => new Map());
  }

  ofId(id: string): OpenDetection | undefined {
    return this.#byId.get(id);
  }

  /** The detection whose run the key is in. */
  ofRun(operator: number, tenant: string, key: Detection['key']): OpenDetection | undefined {
    return this.#byRun[operator].get(tenant)?.get(runName(key));
  }

  /** A number for the next one. */
  nextNumber(): number {
    return this.#opened++;
  }

  add(open: OpenDetection): void {
    const { operator, tenant, key, id } = open.detection;
    const group = this.#groupOf(operator, keyName(tenant, key));
    // A window fires once more where a bound dropped its key meanwhile (S14): from now on the id is of this one alone.
    const same = this.#byId.get(id);
    if (same !== undefined) this.#forget(same);
    if (group.size >= this.#limits.open_detections_per_group) {
      this.#forget(group.oldest as OpenDetection);
      this.#dropped++;
    }
    const held: Held = {
      run: runName(key),
      group,
      older: null,
      newer: null,
      scheduled: null,
      long_bytes: 0,
      counted: null,
      counted_bytes: 0,
    };
    open.held = held;
    group.add(open, held);
    this.#byId.set(id, open);
    if (open.runs_until !== OVER) this.#addRun(operator, tenant, held.run, open);
    const time = dueTimeOf(open);
    if (time !== NEVER) this.#schedule(open, held, time);
    this.#holdLong(open, held);
  }

  #addRun(operator: number, tenant: string, run: string, open: OpenDetection): void {
    const runs = this.#byRun[operator].get(tenant);
    if (runs === undefined) this.#byRun[operator].set(tenant, new Map([[run, open]]));
    else runs.set(run, open);
  }

  #deleteRun(open: OpenDetection, run: string): void {
    const { operator, tenant } = open.detection;
    const runs = this.#byRun[operator].get(tenant);
    if (runs?.get(run) !== open) return;
    runs.delete(run);
    if (runs.size === 0) this.#byRun[operator].delete(tenant);
  }

  /** Something happened to it: it is the latest of its group, and what falls due next may have changed. */
  touch(open: OpenDetection): void {
    const { held } = open;
    if (held === null) return;
    const time = dueTimeOf(open);
    // Nothing falls due any more: it is forgotten before its texts could push out others.
    if (time === NEVER) {
      this.#forget(open);
      return;
    }
    held.group.touch(open, held);
    this.#holdLong(open, held);
    this.#schedule(open, held, time);
  }

  /** Its run is over. */
  endRun(open: OpenDetection): void {
    const { held } = open;
    open.runs_until = OVER;
    if (held === null) return;
    this.#deleteRun(open, held.run);
    this.#settle(open, held);
  }

  /** Before this nothing falls due. */
  get first_due(): number {
    return this.#heap.first?.time ?? NEVER;
  }

  /** What falls due first, if `isBefore` says so of it; it stays due until it is settled. */
  next(isBefore: (due: Due) => boolean): Due | null {
    for (;;) {
      const top = this.#heap.first;
      // Nothing falls due earlier than its entry says.
      if (top === null || !isBefore(top)) return null;
      const { open } = top;
      const { held } = open;
      const time = held === null ? NEVER : dueTimeOf(open);
      if (time === top.time && this.#atEndOf(open) === top.at_end) return top;
      this.#heap.pop();
      if (held?.scheduled === top) held.scheduled = null;
      if (held !== null && time !== NEVER) this.#schedule(open, held, time);
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
    for (const other of group) {
      if (group.long_bytes <= this.#limits.text_bytes_per_group || other === open) return;
      if (other.held?.long_bytes === 0) continue;
      this.#forget(other);
      this.#dropped_long++;
    }
  }

  /** Forgets it where nothing falls due any more, else sees to it that it comes up. */
  #settle(open: OpenDetection, held: Held): void {
    const time = dueTimeOf(open);
    if (time === NEVER) this.#forget(open);
    else this.#schedule(open, held, time);
  }

  #schedule(open: OpenDetection, held: Held, time: number): void {
    const at_end = this.#atEndOf(open);
    // A later entry of the same detection brings this one up in time; only an earlier time needs one of its own.
    const { scheduled } = held;
    if (scheduled !== null && (scheduled.time < time || (scheduled.time === time && scheduled.at_end === at_end)))
      return;
    this.#push(open, held, time);
    if (this.#heap.size > 2 * this.#byId.size + 64) this.#rebuild();
  }

  #push(open: OpenDetection, held: Held, time: number): void {
    const { rule } = this.#orders[open.detection.operator];
    held.scheduled = { open, time, at_end: this.#atEndOf(open), rule };
    this.#heap.push(held.scheduled);
  }

  #atEndOf(open: OpenDetection): Due['at_end'] {
    return isRunDue(open) ? this.#orders[open.detection.operator].run_at_end : 1;
  }

  #forget(open: OpenDetection): void {
    const { held } = open;
    if (held === null) return;
    held.group.delete(held);
    open.held = null;
    held.group.long_bytes -= held.long_bytes;
    this.#byId.delete(open.detection.id);
    this.#deleteRun(open, held.run);
  }

  /** Which group a key is in does not rest on how many rules stand before its own. */
  #groupOf(operator: number, key: string): OpenGroup {
    const groups = this.#groups[operator];
    const number = (contentHash(key) >>> 0) % this.#limits.key_groups;
    let group = groups.get(number);
    if (group === undefined) {
      group = new OpenGroup();
      groups.set(number, group);
    }
    return group;
  }

  #rebuild(): void {
    this.#heap.clear();
    for (const open of this.#byId.values()) {
      const time = dueTimeOf(open);
      if (time !== NEVER && open.held !== null) this.#push(open, open.held, time);
    }
  }

  #all(): OpenGroup[] {
    return this.#groups.flatMap((groups) => [...groups.values()]);
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
    for (const { long_bytes } of this.#all()) long += long_bytes;
    return this.#byId.size * OPEN_BYTES + long;
  }

  snapshot(): Snapshot {
    const open = this.#all().flatMap((group) => Array.from(group, (one) => ({ ...one, held: null })));
    return {
      open: open as unknown as Snapshot,
      dropped: Float64Array.of(this.#dropped, this.#dropped_long),
      opened: this.#opened,
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as unknown as { open: OpenDetection[]; dropped: Float64Array; opened: number };
    this.#heap.clear();
    for (const map of [this.#byId, ...this.#byRun, ...this.#groups]) map.clear();
    // Within a group the order is kept; which group stands first does not matter.
    for (const open of from.open) this.add({ ...open });
    [this.#dropped, this.#dropped_long] = from.dropped;
    this.#opened = from.opened;
  }
}

/** Two keys have two names: one of one text stands behind its tenant, whose length is said; any other one is JSON. */
function keyName(tenant: string, key: Detection['key']): string {
  const [first] = key;
  const isText = key.length === 1 && typeof first === 'string';
  const text = isText ? `${tenant.length} ${tenant}${first}` : JSON.stringify([tenant, ...key]);
  return text.length > MOST_KEY_CHARACTERS ? sha256Hex(utf8.encode(text)) : text;
}

/** Two keys of an operator and tenant have two names: a text is its own, unless it looks like another one's. */
function runName(key: Detection['key']): string {
  const [first] = key;
  if (key.length === 1 && typeof first === 'string' && first.length <= MOST_KEY_CHARACTERS) {
    const unit = first.charCodeAt(0);
    if (unit !== BRACKET && unit !== HASH) return first;
  }
  const text = JSON.stringify(key);
  return text.length > MOST_KEY_CHARACTERS ? `#${sha256Hex(utf8.encode(text))}` : text;
}
