/**
 * ESCALATE, UPDATE AT END and CLOSE AFTER said once more, without any code of the product. One rule at a time: every
 * event at which its HAVING is true, in total order, and between them whatever falls due, found by looking at all
 * detections again each time.
 */
import type { ExpectedDetection, WindowRule } from './case.ts';
import { compareAll } from './naive-oracle.ts';
import { nextEnd } from './oracle-calendar.ts';

type Scalar = string | number | boolean | null;

/** An event (or a window's end) at which HAVING is true. */
export interface TrueAt extends ExpectedDetection {
  place: Scalar[];
  depth: number;
  /** It goes on from the key's event before. */
  continues: boolean;
  /** An exception mutes it. */
  muted?: boolean;
}

/** A revision; `by` is the key of the event that made it, `order` its place among those of the rule. */
export interface Revision extends TrueAt {
  revision: number;
  status: 'open' | 'updated' | 'closed' | 'suppressed';
  severity: string;
  by: ExpectedDetection['key'];
  order: number;
}

interface Open {
  shown: Revision;
  latest: TrueAt | null;
  rank: number;
  last: number;
  runEnd: { time: number; phase: number } | null;
  close: number | null;
  covers: number;
  opener: Open | null;
}

const ranks = ['info', 'low', 'medium', 'high', 'critical'];

/** Window ends of one millisecond stand by tenant and key. */
function isBefore({ shown }: Open, by: readonly Scalar[]): boolean {
  return compareAll([shown.tenant, ...shown.key], by) < 0;
}

export function lives(rule: WindowRule, events: readonly TrueAt[]): Revision[] {
  const life = rule.life ?? { escalate: [], update: false, close: null };
  const out: Revision[] = [];
  const opens: Open[] = [];
  const intervals: { by: string; until: number; opener: Open; rank: number }[] = [];

  const rankOf = (e: TrueAt) =>
    Math.max(
      -1,
      ...life.escalate
        .filter(({ on, over }) => Number(e.values[on] ?? Number.NaN) > over)
        .map(({ to }) => ranks.indexOf(to)),
    );
  const intervalOf = (e: TrueAt) => {
    const by = JSON.stringify([e.tenant, ...(rule.suppress?.by ?? []).map((k) => e.key[rule.group_by.indexOf(k)])]);
    return { by, found: intervals.find((one) => one.by === by && e.decided_at < one.until) };
  };
  const severityAt = (rank: number) => ranks[Math.max(2, rank)] as string;
  const publish = (open: Open, content: TrueAt, status: Revision['status'], changes: object = {}) => {
    const { anchor, revision } = open.shown;
    const severity = ranks[Math.max(ranks.indexOf(open.shown.severity), open.rank)] as string;
    const suppressed = status === 'suppressed';
    const by = content.key;
    const made = { ...content, anchor, revision: revision + 1, status, severity, suppressed, by, key: open.shown.key };
    open.shown = { ...made, order: out.length, ...changes };
    open.latest = null;
    out.push(open.shown);
  };
  const runEndOf = (e: TrueAt): Open['runEnd'] => {
    if (rule.window.type === 'sliding') return { time: e.decided_at + rule.window.size, phase: 1 };
    if (rule.window.type === 'hopping') {
      return { time: nextEnd(rule.window, e.window as [number, number]) - 1, phase: 2 };
    }
    return (e.place[1] as number) < 2 && rule.emit === 'auto'
      ? { time: (e.window as [number, number])[1] - 1, phase: 2 }
      : null;
  };
  const endRun = (open: Open, place: Scalar[]) => {
    const time = place[0] as number;
    if (open.latest && life.update)
      publish(open, { ...open.latest, decided_at: time, place }, 'updated', { by: open.shown.key });
    open.runEnd = null;
  };
  const keepOpen = (open: Open, e: TrueAt) => {
    if (life.close === null) return;
    // Its run over, it is remembered while it is open or its interval covers others.
    if (open.runEnd === null && open.close === null && e.decided_at >= open.covers) return;
    open.close = e.decided_at + life.close;
    if (open.shown.status === 'closed') {
      publish(open, { ...open.shown, decided_at: e.decided_at, place: e.place }, 'open', { by: e.key });
    }
  };
  const actBefore = (place: readonly number[], by: readonly Scalar[] = []) => {
    for (;;) {
      const due = opens.flatMap((open, i) => {
        const times = open.close === null ? [] : [[open.close, 1, i]];
        return open.runEnd === null ? times : [...times, [open.runEnd.time, open.runEnd.phase, i]];
      });
      const before = due.filter(
        ([time, phase, i]) =>
          (time as number) < (place[0] as number) ||
          (time === place[0] && (phase as number) < (place[1] as number)) ||
          (time === place[0] && phase === 2 && place[1] === 2 && isBefore(opens[i as number] as Open, by)),
      );
      // Several at one time stand by tenant and key, then as they were opened; the sort at the end does the rest.
      const [next] = before.sort(
        (a, b) =>
          (a[0] as number) - (b[0] as number) ||
          (a[1] as number) - (b[1] as number) ||
          (a[2] as number) - (b[2] as number),
      );
      if (next === undefined) return;
      const [time, phase, index] = next as [number, number, number];
      const open = opens[index] as Open;
      if (open.close === time) {
        open.close = null;
        publish(open, { ...(open.latest ?? open.shown), decided_at: time, place: [time, 1] }, 'closed', {
          by: open.shown.key,
        });
      }
      if (open.runEnd?.time === time) endRun(open, [time, phase]);
    }
  };

  for (const e of events) {
    actBefore([e.decided_at, e.place[1] as number], [e.tenant, ...e.key]);
    const run = opens.find(
      (open) =>
        open.runEnd && open.shown.tenant === e.tenant && JSON.stringify(open.shown.key) === JSON.stringify(e.key),
    );
    const rank = rankOf(e);
    if (e.continues) {
      // The run of a muted detection is nothing.
      if (run === undefined) continue;
      const open = run;
      open.runEnd = runEndOf(e);
      const rises = rank > open.rank;
      open.rank = Math.max(rank, open.rank);
      const { found } = intervalOf(e);
      const breaks = rises && (found === undefined || rank > found.rank);
      if (rises && found) found.rank = Math.max(rank, found.rank);
      if (open.shown.suppressed) {
        keepOpen(open.opener as Open, e);
        if (!breaks) continue;
        publish(open, e, 'open');
      } else if (rises) publish(open, e, 'updated');
      else if (open.shown.status === 'closed') publish(open, e, 'open');
      else open.latest = e;
      if (life.close !== null) open.close = e.decided_at + life.close;
      continue;
    }
    if (run) endRun(run, e.place);
    if (e.muted) {
      const muted = { revision: 1, status: 'suppressed', severity: severityAt(rank), suppressed: true } as const;
      out.push({ ...e, ...muted, by: e.key, order: out.length });
      continue;
    }
    const { by, found } = intervalOf(e);
    const suppressed = rule.suppress !== undefined && found !== undefined && rank <= found.rank;
    if (found && rank > found.rank) found.rank = rank;
    const blank = { ...e, revision: 0, status: 'open', severity: 'medium', by: e.key, order: 0 } as const;
    const open: Open = {
      ...{ shown: blank, latest: null, rank, last: e.decided_at, runEnd: runEndOf(e), close: null },
      ...{ covers: Number.NEGATIVE_INFINITY, opener: suppressed ? (found?.opener ?? null) : null },
    };
    if (open.opener) keepOpen(open.opener, e);
    publish(open, e, suppressed ? 'suppressed' : 'open');
    if (!suppressed && life.close !== null) open.close = e.decided_at + life.close;
    if (!suppressed && life.close !== null && rule.suppress) open.covers = e.decided_at + rule.suppress.for;
    if (rule.suppress && !found) {
      intervals.push({ by, until: e.decided_at + rule.suppress.for, opener: open, rank: Math.max(2, rank) });
    }
    opens.push(open);
  }
  actBefore([Number.POSITIVE_INFINITY, 0]);
  return out;
}
