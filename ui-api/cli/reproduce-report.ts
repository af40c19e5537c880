import type { RecordAnswer } from '../reproduce/compare.ts';
import type { Output } from './output.ts';
import { type Cell, renderTable } from './table.ts';
import { formatTime, plural, type TimeZone } from './units.ts';

/** What `weir reproduce --format json` gives. */
export interface Reproduction {
  readonly id: string;
  readonly outcome: 'equal' | 'differs';
  readonly title: string;
  readonly rule: {
    readonly name: string;
    readonly plan_hash: string;
    /** now: the rule on disk still has this plan. kept: it has another one, or is gone; Weir kept this version. */
    readonly version: 'now' | 'kept';
    readonly ran_from: string | null;
  };
  readonly history: {
    readonly from: 'log' | 'store';
    readonly events: number;
    readonly first_event_at: string | null;
    /** Position of its first entry: above 0 what was before is gone. */
    readonly begins_at: number;
    readonly coverage: 'warm' | 'partial';
    readonly notes: readonly string[];
  };
  readonly records: readonly RecordAnswer[];
}

/** Lines for a person: the answer first. */
export function reproductionText(reproduction: Reproduction, zone: TimeZone, output: Output): string[] {
  const { outcome, title, rule, history, records } = reproduction;
  const { paint } = output;
  const differing = records.filter((record) => record.outcome !== 'equal').length;
  const all = records.length === 1 ? 'its core is' : `the cores of its ${records.length} records are`;
  const answer =
    outcome === 'equal'
      ? paint.green(`reproduced: ${all} equal, byte for byte`)
      : paint.style('red', `not reproduced: ${differing} of ${plural(records.length, 'record')} differ`);
  const lines = [`${paint.bold(title)}`, answer, ...records.flatMap((record) => recordLines(record, zone, output))];
  const version =
    rule.version === 'now'
      ? 'as it stands on disk'
      : `as Weir kept it on ${formatTime(Date.parse(rule.ran_from ?? ''), zone)}; the rule on disk is another one by now, or gone`;
  lines.push(`  rule     ${rule.name}, plan ${rule.plan_hash}, ${version}`);
  const begin = history.first_event_at === null ? '' : `, from ${formatTime(Date.parse(history.first_event_at), zone)}`;
  lines.push(
    `  history  ${plural(history.events, 'event')} of the ${history.from}${history.from === 'store' ? ' (as far as it was filled)' : ''}${begin}${reachText(history)}`,
  );
  for (const note of history.notes) lines.push(`  note     ${note}`);
  return lines;
}

function reachText({ begins_at, coverage }: Reproduction['history']): string {
  if (begins_at === 0) return ', nothing was removed';
  if (coverage === 'warm') return '; earlier events are gone, and the rule needs none of them';
  return '; partial: earlier events are gone that the rule remembers, and what they did to this detection is not known';
}

function recordLines(record: RecordAnswer, zone: TimeZone, { paint, table_width: width }: Output): string[] {
  const { timing, status, revision, decided_at, outcome, parts } = record;
  const head = `  ${timing}, ${status}, revision ${revision}, decided ${formatTime(Date.parse(decided_at), zone)}`;
  if (outcome === 'missing') return [`${head}: history gives no such detection`];
  if (outcome === 'equal') return [`${head}: equal`];
  const rows = parts.map(({ part, is_equal, stored, derived }): Cell[] => {
    if (is_equal) return [part, 'equal', ''];
    return [
      part,
      { text: JSON.stringify(stored), style: 'yellow' },
      { text: JSON.stringify(derived), style: 'yellow' },
    ];
  });
  const columns = [{ title: 'part' }, { title: 'stored', may_shrink: true }, { title: 'derived' }];
  return [`${head}: differs`, renderTable({ columns, rows, paint, width, indent: '    ' })];
}
