import { limits } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { DurationNode, SelectItem, ViewStatement } from '../syntax/tree.ts';
import { durationMs } from './literals.ts';

/** What a CREATE TABLE must have beyond a view: windows that end, because a row is what a window was (S8). */
export function checkTable({ name, select, span }: ViewStatement): void {
  const { window } = select;
  if (window === null) {
    refuse({
      code: 'W0211',
      // A SELECT of a UNION ALL has a name of its own, but it stands nowhere.
      span: span === select.span ? (select.items[0] as SelectItem).span : name.span,
      message: `the table ${name.text} needs a WINDOW: its rows are windows`,
      label: 'write for example GROUP BY account_id WINDOW TUMBLING 1 HOUR',
      hints: ['rows without a window are a view: CREATE VIEW; rows that are known beforehand a lookup: CREATE LOOKUP'],
    });
  }
  if (window.kind === 'sliding') {
    refuse({
      code: 'W0214',
      span: window.span,
      message: 'a row of a table appears at the end of its window, and SLIDING has a window at every event',
      label: 'write TUMBLING, HOPPING … ADVANCE BY … or SESSION GAP …',
    });
  }
}

/** RETENTION: how long after its end a window of the table is a baseline, in milliseconds. */
export function checkRetention({ duration }: { readonly duration: DurationNode }): number {
  const retention_ms = durationMs(duration);
  if (retention_ms > 0 && retention_ms <= limits.baseline_ms) return retention_ms;
  refuse({
    code: 'W0222',
    span: duration.span,
    message: retention_ms > 0 ? 'a RETENTION of more than 31 days' : 'RETENTION for no time',
    label: 'from 1 MILLISECOND to 31 DAYS',
    hints: ['so long after its end a window is what JOIN of the table finds; without RETENTION 31 days'],
  });
}

export function refuseRetention(kind: 'rule' | 'view', span: Span): never {
  refuse({
    code: 'W0006',
    span,
    message: `a ${kind} has no RETENTION`,
    label: 'it says how long the windows of a CREATE TABLE are a baseline',
    hints: ['what a rule keeps is as long as its WINDOW and its WITHIN'],
  });
}
