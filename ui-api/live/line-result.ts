import type { Verdict } from '../../engine/index.ts';
import type { LineResult } from '../api/service.ts';

/** One for all: almost every line has it. */
const accepted: LineResult = { status: 'accepted' };

/** A line's answer. 'accepted' is the door's word so far: a record that waits for its release may still be a duplicate. */
export function lineResult(status: Verdict, detail: string): LineResult {
  if (status === 'accepted') return accepted;
  if (status === 'rejected') {
    const [reason] = detail.split(':', 1);
    return { status, reason, message: detail.slice(reason.length + 1).trim() };
  }
  if (status === 'late') return { status, reason: 'late', message: lateMessage(detail) };
  if (detail === 'conflict') {
    return { status, reason: 'conflict', message: 'its event_id was there before, with other content' };
  }
  return { status, reason: 'repeated', message: 'its event_id was there before' };
}

/** The door says `bound_ms=1790000000000`. */
function lateMessage(detail: string): string {
  const bound_ms = Number(/bound_ms=(-?\d+)/.exec(detail)?.[1]);
  const bound = Math.abs(bound_ms) <= 8.64e15 ? new Date(bound_ms).toISOString() : detail;
  return `stream time had passed it: its timestamp is before ${bound}; it is kept as late`;
}
