import { limits } from '../limits.ts';

/** An event that a row rests on, and where it stands in the total order: at its time, by `order` (join-parts.ts). */
export interface RestEvent {
  readonly event_id: string;
  readonly time: number;
  readonly order: number;
  /** A window's row stands here for this event, its last one: where and when it does is no matter of the event. */
  readonly of_window: boolean;
}

/**
 * What a row rests on that more than one event made: events in total order, each once (S7: its time and id), the last
 * `limits.events_per_row` of them, and how many there are. A row of a window is one of them, by its last event; one of a
 * window without any (WITH EMPTY) is none.
 */
export interface RowEvidence {
  readonly events: readonly RestEvent[];
  readonly total: number;
  readonly first_event_at: number;
  readonly last_event_at: number;
}

/** A row that is joined: an event, or a row that rests on several. */
export interface RestingRow extends RestEvent {
  readonly rests: RowEvidence | null;
}

/** What one row rests on. */
export function evidenceOf(row: RestingRow): RowEvidence {
  if (row.rests !== null) return row.rests;
  const { event_id, time, order, of_window } = row;
  const events = event_id === '' ? [] : [{ event_id, time, order, of_window }];
  return { events, total: events.length, first_event_at: time, last_event_at: time };
}

/** What a row that two rows made rests on; the first one stands before the other. */
export function joinedEvidence(earlier: RestingRow, later: RestingRow): RowEvidence {
  const [first, second] = [evidenceOf(earlier), evidenceOf(later)];
  const all = [...first.events, ...second.events];
  // Two events, or rows of windows, stand in their order already, whatever decided them. A row that rests on others stands
  // where it was decided: one without a match behind events that its own event came before.
  if (earlier.rests !== null || later.rests !== null) all.sort((a, b) => a.time - b.time || a.order - b.order);
  const events = all.filter((one, i) => all.findIndex((other) => isOneEvent(other, one)) === i);
  return {
    events: events.slice(-limits.events_per_row),
    // Of events behind the bound nobody knows whether they are there twice.
    total: first.total + second.total - (all.length - events.length),
    first_event_at: Math.min(first.first_event_at, second.first_event_at),
    last_event_at: Math.max(first.last_event_at, second.last_event_at),
  };
}

/** An id may be given again (S7: its time and id); what stands for a window's event does not know that event's time. */
function isOneEvent(a: RestEvent, b: RestEvent): boolean {
  return a.event_id === b.event_id && (a.time === b.time || a.of_window || b.of_window);
}
