import type { Detection, DetectionPlace, LookupUse } from '../detection.ts';
import type { DetectionNames } from '../detections/id.ts';
import type { LifeSpec, OperatorSpec, Program, Severity } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import { compareLists, compareText } from '../value.ts';
import { type Calendar, makeCalendar } from '../windows/calendar.ts';
import { escalatedRank, revised, risenTo, shownBy, toDetection } from './detection-of.ts';
import type { Due } from './due-heap.ts';
import type { Emission } from './emission.ts';
import { dueTimeOf, NEVER, type OpenDetection, OVER, type Shown } from './open-detection.ts';
import { type DueOrder, OpenDetections } from './open-detections.ts';
import { isMuted, type Policy } from './policy.ts';
import type { Risk } from './risk.ts';
import type { StoreLimits } from './store-limits.ts';

/** What the fold's lookups say of the versions that acted in a time. */
interface LookupsUsed {
  usedBy(lookups: readonly number[], first_ms: number, last_ms: number): readonly LookupUse[];
}

interface LifeParts {
  readonly names: readonly DetectionNames[];
  readonly policy: Policy;
  readonly risk: Risk;
  readonly lookups: LookupsUsed;
  /** Detections get the place of what decided them; absent: nobody asks. */
  readonly placeOf?: (emission: Emission) => DetectionPlace;
}

/** In the place of what a deadline or a window's end decided. */
export const noEvent = { seq: 0, event_id: '', event_tenant: '' };

/**
 * From what the rules decided, in total order, to detections and their further revisions, in total order: SUPPRESS and
 * RISK (policy.ts, risk.ts), and the life of a detection after it was opened.
 *
 * A rule with a life gives an emission at every event at which HAVING is true: the first is the firing, those that go on
 * from it are its **run**. The run of SLIDING is over when the last of them has left the window, that of TUMBLING and
 * SESSION at the window's end. HOPPING has a life with EMIT AT END: each further window that is true goes on from the one
 * before, and the first that is not ends the run, at its end.
 * - ESCALATE: at an event of the run that makes its condition true, the severity rises: next revision. It breaks through
 *   SUPPRESS where nothing of that interval was as severe before.
 * - UPDATE AT END: when the run is over, a revision with what its last event showed, if that changed.
 * - CLOSE AFTER t QUIET: t after the last event of the run, or of one that it suppresses, a revision with status closed.
 *   An event that comes while the run or the interval goes on opens it again.
 * A suppressed detection has no further revision but by an ESCALATE that breaks through, a muted one (CREATE EXCEPTION)
 * has none. A severity never falls.
 *
 * Deadlines act after the events of their millisecond and before window ends (S2); when they are told apart by a
 * watermark or a batch cannot show.
 */
export class Life {
  readonly #specs: readonly OperatorSpec[];
  /** By operator, the first one of its name: they stand in the order of depth and name. */
  readonly #rules: readonly number[];
  readonly #names: readonly DetectionNames[];
  readonly #policy: Policy;
  readonly #risk: Risk;
  readonly #open: OpenDetections;
  readonly #lookups: LookupsUsed;
  readonly #placeOf: ((emission: Emission) => DetectionPlace) | null;
  /** Of what is acted on. */
  #place: DetectionPlace | null = null;
  /** By operator; null where it is not HOPPING. */
  readonly #calendars: readonly (Calendar | null)[];

  constructor(program: Program, parts: LifeParts, limits: StoreLimits) {
    this.#lookups = parts.lookups;
    this.#placeOf = parts.placeOf ?? null;
    this.#specs = program.operators;
    const names = program.operators.map(({ name }) => name);
    this.#rules = names.map((name) => names.indexOf(name));
    this.#calendars = program.operators.map(({ window }) =>
      window?.kind === 'hopping' ? makeCalendar(window.size_ms, window.advance_ms, window.calendar) : null,
    );
    this.#names = parts.names;
    this.#policy = parts.policy;
    this.#risk = parts.risk;
    this.#open = new OpenDetections(limits, dueOrders(program.operators, this.#rules));
  }

  /** Deadlines before the emission, then what it is: at most a few detections, nothing for most events of a run. */
  apply(emission: Emission, out: Detection[]): void {
    if (this.#open.first_due <= emission.time) {
      this.#actWhile((due) => isBefore(due, emission, this.#rules[emission.operator]), out);
    }
    if (this.#placeOf !== null) this.#place = this.#placeOf(emission);
    const { life } = emission.spec;
    if (life === undefined) {
      this.#give(this.#scored(this.#policy.apply(this.#detectionOf(emission), -1)), out);
      return;
    }
    const run = this.#open.ofRun(emission.operator, emission.tenant, emission.key);
    // Without its detection, which a bound has dropped, a run is nothing.
    if (emission.continues) {
      if (run !== undefined) this.#goOn(run, emission, life, out);
      return;
    }
    if (run !== undefined) this.#endRun(run, emission.time, out);
    this.#fire(emission, life, out);
  }

  /** What falls due before `until`: no event with an earlier time comes any more. */
  actUntil(until: number, out: Detection[]): void {
    if (this.#open.first_due < until) this.#actWhile((due) => due.time < until, out);
  }

  #fire(emission: Emission, life: LifeSpec, out: Detection[]): void {
    const { spec } = emission;
    const plain = this.#detectionOf(emission);
    const rank = escalatedRank(life, plain);
    const detection = this.#scored(this.#policy.apply(risenTo(plain, rank), rank));
    const { decided_at, suppressed_by } = detection;
    if (suppressed_by !== null) this.#keepOpen(suppressed_by, decided_at, out);
    this.#give(detection, out);
    if (isMuted(detection)) return;
    const closes = suppressed_by === null && life.close_after_ms !== null;
    const open: OpenDetection = {
      detection,
      latest: null,
      rank,
      number: this.#open.nextNumber(),
      runs_until: this.#runsUntil(emission),
      closes_at: closes ? decided_at + (life.close_after_ms as number) : NEVER,
      covers_until: closes && spec.suppress !== null ? decided_at + spec.suppress.for_ms : OVER,
      held: null,
    };
    if (dueTimeOf(open) !== NEVER) this.#open.add(open);
  }

  /**
   * Until when the run goes on if no event comes. A TUMBLING window or a session that is decided at its end has no run; a
   * HOPPING one goes on when the next window ends and is true as well.
   */
  #runsUntil({ operator, spec: { window }, time, window: span, at_end }: Emission): number {
    if (window === null || span === null) return OVER;
    if (window.kind === 'sliding') return time + window.size_ms;
    const calendar = this.#calendars[operator];
    if (calendar !== null) return calendar.endOf(calendar.next(span.start)) - 1;
    return window.kind !== 'hopping' && window.decided === 'early' && at_end < 2 ? span.end - 1 : OVER;
  }

  /** HAVING is true at a further event of the run. */
  #goOn(open: OpenDetection, emission: Emission, life: LifeSpec, out: Detection[]): void {
    open.runs_until = this.#runsUntil(emission);
    const shown = this.#shownBy(emission, open.detection.severity);
    const { tenant, key } = emission;
    const { decided_at, values } = shown;
    const rank = escalatedRank(life, { tenant, decided_at, key, values });
    const rises = rank > open.rank;
    if (rises) open.rank = rank;
    const { suppressed_by } = open.detection;
    if (suppressed_by !== null) {
      this.#keepOpen(suppressed_by, emission.time, out);
      const seen = rises ? { ...open.detection, ...shown } : null;
      if (seen !== null && this.#policy.escalate(seen, rank)) {
        const broken = { ...risenTo(seen, rank), suppressed_by: null };
        this.#publish(open, this.#scored(broken), 'open', out);
        if (life.close_after_ms !== null) open.closes_at = emission.time + life.close_after_ms;
      }
    } else {
      if (rises) {
        const seen = { ...open.detection, ...shown };
        this.#policy.escalate(seen, rank);
        this.#publish(open, risenTo(seen, rank), 'updated', out);
      } else if (open.detection.status === 'closed') this.#publish(open, { ...open.detection, ...shown }, 'open', out);
      else open.latest = shown;
      if (life.close_after_ms !== null) open.closes_at = emission.time + life.close_after_ms;
    }
    this.#open.touch(open);
  }

  /** What a detection suppresses keeps it open, or opens it again. */
  #keepOpen(id: string, time: number, out: Detection[]): void {
    const opener = this.#open.ofId(id);
    if (opener === undefined) return;
    const close_after_ms = this.#specs[opener.detection.operator].life?.close_after_ms ?? null;
    if (close_after_ms === null) return;
    // In the millisecond in which its interval ends it is there still, and covers nothing.
    const isOver = opener.runs_until === OVER && opener.closes_at === NEVER && time >= opener.covers_until;
    if (isOver) return;
    opener.closes_at = time + close_after_ms;
    if (opener.detection.status === 'closed') {
      this.#publish(opener, { ...opener.detection, decided_at: time }, 'open', out);
    }
    this.#open.touch(opener);
  }

  #actWhile(isDue: (due: Due) => boolean, out: Detection[]): void {
    for (let due = this.#open.next(isDue); due !== null; due = this.#open.next(isDue)) this.#act(due, out);
  }

  /** Closing comes first where both fall on one time: it says what the update would say. */
  #act({ open, time, at_end }: Due, out: Detection[]): void {
    if (this.#placeOf !== null) this.#place = { at_end, ...noEvent };
    if (open.closes_at === time) {
      open.closes_at = NEVER;
      this.#tell(open, revised(open.detection, open.latest, time, 'closed'), out);
    }
    if (open.runs_until === time) this.#endRun(open, time, out);
    else if (open.covers_until <= time) {
      open.covers_until = OVER;
      this.#open.touch(open);
    } else this.#open.touch(open);
  }

  #endRun(open: OpenDetection, time: number, out: Detection[]): void {
    const { life } = this.#specs[open.detection.operator];
    if (open.latest !== null && life?.update_at_end === true) {
      this.#tell(open, revised(open.detection, open.latest, time, 'updated'), out);
    }
    this.#open.endRun(open);
  }

  #publish(open: OpenDetection, shown: Detection, status: Detection['status'], out: Detection[]): void {
    this.#tell(open, { ...shown, revision: open.detection.revision + 1, status }, out);
  }

  #tell(open: OpenDetection, next: Detection, out: Detection[]): void {
    open.detection = next;
    open.latest = null;
    this.#give(next, out);
  }

  #give(detection: Detection, out: Detection[]): void {
    out.push(this.#place === null ? detection : { ...detection, place: this.#place });
  }

  #detectionOf(emission: Emission): Detection {
    const detection = toDetection(emission, this.#names[emission.operator]);
    return emission.spec.lookups === undefined ? detection : { ...detection, ...this.#lookupsOf(emission) };
  }

  #shownBy(emission: Emission, before: Severity): Shown {
    const shown = shownBy(emission, before);
    return emission.spec.lookups === undefined ? shown : { ...shown, ...this.#lookupsOf(emission) };
  }

  #lookupsOf({ spec: { lookups }, first_event_at, time }: Emission): Pick<Detection, 'lookups'> {
    return lookups === undefined ? {} : { lookups: this.#lookups.usedBy(lookups, first_event_at, time) };
  }

  #scored(detection: Detection): Detection {
    return this.#specs[detection.operator].risk === undefined
      ? detection
      : { ...detection, risk: this.#risk.of(detection) };
  }

  /** Whether a detection may still have a further revision. */
  isOpen(id: string): boolean {
    return this.#open.ofId(id) !== undefined;
  }

  get dropped(): number {
    return this.#open.dropped;
  }

  /** Because of their long texts. */
  get dropped_long(): number {
    return this.#open.dropped_long;
  }

  get bytes(): number {
    return this.#open.bytes;
  }

  snapshot(): Snapshot {
    return this.#open.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.#open.restore(snapshot);
  }
}

/** Whether something falls due before what was emitted stands in the order (S2). */
function isBefore(due: Due, emission: Emission, rule: number): boolean {
  if (due.time !== emission.time) return due.time < emission.time;
  if (emission.at_end === 0) return false;
  if (due.at_end !== emission.at_end) return due.at_end < emission.at_end;
  const { tenant, key } = due.open.detection;
  return (due.rule - rule || compareText(tenant, emission.tenant) || compareLists(key, emission.key)) < 0;
}

function dueOrders(specs: readonly OperatorSpec[], rules: readonly number[]): DueOrder[] {
  return specs.map(({ window }, operator) => ({
    rule: rules[operator],
    run_at_end: window !== null && window.kind !== 'sliding' ? 2 : 1,
  }));
}
