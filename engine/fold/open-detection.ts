import { textBytes } from '../decode/written-text.ts';
import type { Detection } from '../detection.ts';
import { limits } from '../limits.ts';
import type { Value } from '../value.ts';
import type { Due } from './due-heap.ts';
import type { OpenGroup } from './open-group.ts';

/** Of `closes_at`: it does not close. */
export const NEVER = Number.POSITIVE_INFINITY;
/** Of `runs_until` and `covers_until`: that is over. */
export const OVER = Number.NEGATIVE_INFINITY;

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
  /** Until when its run goes on if nothing comes, both inside; OVER: it is over. */
  runs_until: number;
  /** When it closes if nothing comes; NEVER: it does not, or it is closed. */
  closes_at: number;
  /** Until when its SUPPRESS interval covers others, which would open it again; OVER: nothing waits for that. */
  covers_until: number;
  /** Rises with each that is opened. */
  readonly number: number;
  /** Rank of the severity that an ESCALATE gave it, -1 without. */
  rank: number;
  /** Where OpenDetections holds it; null: it does not. */
  held: Held | null;
}

/** How OpenDetections holds one. */
export interface Held {
  /** What its run is found by, beside operator and tenant. */
  readonly run: string;
  readonly group: OpenGroup;
  /** Its neighbours in the group, by when they were active last. */
  older: OpenDetection | null;
  newer: OpenDetection | null;
  /** Its earliest entry of the heap. */
  scheduled: Due | null;
  /** What the long texts take that it shows. */
  long_bytes: number;
  /** The detection whose long texts were counted last, and what they take: of most events of a run it is the same one. */
  counted: Detection | null;
  counted_bytes: number;
}

/** When something falls due of it next; NEVER: nothing any more. */
export function dueTimeOf({ runs_until, closes_at, covers_until }: OpenDetection): number {
  if (runs_until !== OVER && runs_until < closes_at) return runs_until;
  // Closed, its run over: only what its interval covers could open it again.
  return closes_at === NEVER && covers_until !== OVER ? covers_until : closes_at;
}

/** Whether it is its run's end that falls due next. */
export function isRunDue({ runs_until, closes_at }: OpenDetection): boolean {
  return runs_until !== OVER && runs_until < closes_at;
}

/** What its long texts take. */
export function longBytesOf(detection: Detection): number {
  return longBytes(detection.tenant) + longBytesOfAll(detection.key) + longBytesOfShown(detection);
}

/** The same of what it would show now. */
export function longBytesOfShown({ values, evidence }: Pick<Detection, 'values' | 'evidence'>): number {
  let sum = longBytesOfAll(values);
  for (let k = 0; k < evidence.length; k++) {
    if (evidence[k].length * 3 > limits.long_text_bytes) sum += longBytes(evidence[k]);
  }
  return sum;
}

function longBytesOfAll(values: readonly Value[]): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += longBytes(values[k]);
  return sum;
}

function longBytes(value: Value): number {
  if (Array.isArray(value)) return longBytesOfAll(value);
  // A unit of UTF-16 is at most three bytes.
  if (typeof value !== 'string' || value.length * 3 <= limits.long_text_bytes) return 0;
  const bytes = textBytes(value);
  return bytes > limits.long_text_bytes ? bytes : 0;
}
