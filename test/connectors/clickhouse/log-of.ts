import { SegmentLog } from '../../../connectors/log/segment-log.ts';
import type { LogEntry, Verdict } from '../../../engine/index.ts';

const verdicts: readonly Verdict[] = ['accepted', 'accepted', 'accepted', 'accepted', 'late', 'duplicate', 'rejected'];
const hostile = ['plain', 'blank\n\nDROP TABLE events', 'quote\' \\ " `', 'tab\t\u0000\u{1f600}', 'x'];

/** The record of a number: now and then without an id, with text that wants to be SQL, or no event at all. */
export function recordText(i: number): string {
  const verdict = verdicts[i % verdicts.length];
  if (verdict === 'rejected') return i % 2 === 0 ? `{"broken": ${i}` : JSON.stringify({ account_id: `a${i}` });
  const id = i % 3 === 0 ? {} : { event_id: `id-${i} ${hostile[i % hostile.length]}` };
  return JSON.stringify({
    ...id,
    timestamp: 1_767_571_200_000 + i * 1000,
    ...{ platform: 'inhouse', event_type: 'login', account_id: `acct ${hostile[(i >> 2) % hostile.length]}` },
    actor: { ip: `198.51.100.${i % 200}` },
    extra: { big: 'x', number: i },
  });
}

/** What the store must hold of record `i`, by the text itself. */
export function verdictOf(i: number): Verdict {
  return verdicts[i % verdicts.length];
}

/** Appends records from..to, and the verdicts on those up to a few before the end: they come later, as in life. */
export async function grow(log: SegmentLog, from: number, to: number, waiting: Map<number, number>): Promise<void> {
  const entries: LogEntry[] = [];
  const position = () => log.end_position + entries.length;
  for (let i = from; i < to; i++) {
    waiting.set(i, position());
    const bytes = new TextEncoder().encode(recordText(i));
    entries.push({
      kind: 'record',
      record: { partition: `p${i % 3}`, position: i, received_at: 1_767_571_200_000 + i, bytes },
    });
    if (i % 50 === 0) entries.push({ kind: 'tick', now_ms: 1_767_571_200_000 + i });
    for (const [number, record] of waiting) {
      if (number > i - 20) break;
      waiting.delete(number);
      const verdict = verdictOf(number);
      const detail = verdict === 'rejected' ? 'not_json: it is none' : '';
      entries.push({ kind: 'verdict', position: record, verdict, detail });
    }
  }
  await log.append(entries);
}

export function openLog(directory: string): Promise<SegmentLog> {
  return SegmentLog.open({ directory });
}
