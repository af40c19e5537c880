import type { WindowRule } from './case.ts';
import type { Fired, Row } from './naive-oracle.ts';
import { windowsOf } from './oracle-calendar.ts';
import type { Expected } from './oracle-expected.ts';

/** Whether HAVING is true of the rows; what it gives is kept. `by`: whose key and tenant it has. */
type Judge = (rows: Row[], by: Row, window: [number, number], anchor: string | number, atEnd: boolean) => boolean;

/** The naive oracle's TUMBLING, HOPPING and SESSION: every window of a key's rows, one after the other (S8). */
export function fireEnding(
  rule: WindowRule,
  group: Row[],
  early: boolean,
  reached: number,
  judge: Judge,
  fired: Fired[],
  expected: Expected | undefined = undefined,
): void {
  const { window } = rule;
  if (window.type === 'session') {
    for (const rows of sessions(group, window.gap, window.max ?? Number.POSITIVE_INFINITY)) {
      const [first] = rows as [Row];
      const endAt = (last: Row) =>
        Math.min(last.time + window.gap, first.time + (window.max ?? Number.POSITIVE_INFINITY));
      const last = rows.at(-1) as Row;
      if (!early) judge(rows, last, [first.time, endAt(last)], first.id, true);
      else decide(rule, rows, fired, (r, i) => judge(rows.slice(0, i + 1), r, [first.time, endAt(r)], first.id, false));
    }
    return;
  }
  if (window.type === 'sliding') throw new Error('SLIDING has no end');
  const { empty = 0 } = window;
  const times = [...group.map(({ time }) => time), ...(expected === undefined ? [] : [expected.since, reached])];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  let wasTrue = false;
  for (const [start, end] of windowsOf(window, first, last + empty)) {
    const rows = group.filter((r) => r.time >= start && r.time < end);
    const seen = group.findLast((r) => r.time < end);
    const isExpected = rows.length === 0 && expected?.isExpected(start, end) === true;
    const isWaitedFor = empty > 0 && seen !== undefined && end - 1 - seen.time <= empty && start <= reached;
    let isTrue = false;
    if (rows.length > 0 || isWaitedFor || isExpected) {
      const judged: [number, number] = [start, end];
      const by = isExpected ? { ...expected.row, place: [] } : (seen as Row);
      if (!early || empty > 0 || window.expected) isTrue = judge(rows, by, judged, start, true);
      else isTrue = decide(rule, rows, fired, (r, i) => judge(rows.slice(0, i + 1), r, judged, start, false));
    }
    // One detection for each run; a rule with a life is told of each window of it.
    if (isTrue && wasTrue && window.type === 'hopping' && !rule.view) {
      if (rule.life) (fired.at(-1) as Fired).continues = true;
      else fired.pop();
    }
    wasTrue = isTrue;
  }
}

/** The first row at which it is true decides; a rule with a life is told of each further one. */
function decide(rule: WindowRule, rows: Row[], fired: Fired[], isTrueAt: (row: Row, i: number) => boolean): boolean {
  if (!rule.life) return rows.some(isTrueAt);
  let wasTrue = false;
  for (const [i, row] of rows.entries()) {
    if (!isTrueAt(row, i)) continue;
    if (wasTrue) (fired.at(-1) as Fired).continues = true;
    wasTrue = true;
  }
  return wasTrue;
}

function sessions(group: Row[], gap: number, max: number): Row[][] {
  const all: Row[][] = [];
  for (const row of group) {
    const open = all.at(-1);
    const [first, last] = [open?.[0], open?.at(-1)];
    if (first && last && row.time < last.time + gap && row.time < first.time + max) open?.push(row);
    else all.push([row]);
  }
  return all;
}
