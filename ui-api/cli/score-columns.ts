import type { RuleScore, ScenarioScore } from '../score/score.ts';
import type { Shell } from './command.ts';
import { type Cell, renderTable } from './table.ts';
import { formatCount, formatDuration } from './units.ts';

/** A column of a table of things of one kind: its title, and what stands there of one of them. */
export interface ShownColumn<T> {
  readonly title: string;
  readonly align: 'left' | 'right';
  cell(one: T): Cell;
}

export const shownShare = (value: number | null): string => (value === null ? '' : value.toFixed(3));
export const shownTime = (value_ms: number | null): string => (value_ms === null ? '' : formatDuration(value_ms));

export function text<T>(title: string, cell: (one: T) => Cell): ShownColumn<T> {
  return { title, align: 'left', cell };
}

export function figure<T>(title: string, cell: (one: T) => Cell): ShownColumn<T> {
  return { title, align: 'right', cell };
}

/** One line for each. */
export function shownTable<T>(columns: readonly ShownColumn<T>[], all: readonly T[], { stdout }: Shell): string {
  const rows = all.map((one) => columns.map(({ cell }) => cell(one)));
  return renderTable({ columns, rows, paint: stdout.paint });
}

export const scenarioColumns: readonly ShownColumn<ScenarioScore>[] = [
  text('scenario', ({ scenario }) => scenario),
  text('verdict', ({ verdict }) => ({
    text: verdict,
    style: verdict === 'found' || verdict === 'quiet' ? 'green' : 'yellow',
  })),
  figure('attacks', ({ attacks }) => formatCount(attacks)),
  figure('found', ({ found }) => formatCount(found)),
  figure('in time', ({ in_time }) => formatCount(in_time)),
  figure('p50', ({ p50_ms }) => shownTime(p50_ms)),
  figure('p95', ({ p95_ms }) => shownTime(p95_ms)),
  figure('within', ({ within_ms }) => shownTime(within_ms)),
  figure('takeovers', ({ takeovers, takeovers_found }) =>
    takeovers === 0 ? '' : `${formatCount(takeovers_found)} of ${formatCount(takeovers)}`,
  ),
  figure('loud mistakes', ({ loud_mistakes }) => formatCount(loud_mistakes)),
  text('first found by', ({ first_rule }) => first_rule ?? ''),
];

/** What a rule is worth, in `score` beside its name and in `sweep` beside each value of a parameter. */
export const ruleFigures: readonly ShownColumn<RuleScore>[] = [
  figure('detections', ({ detections }) => formatCount(detections)),
  figure('right', ({ right }) => formatCount(right)),
  figure('precision', ({ precision, claims_too_much }) => ({
    text: shownShare(precision),
    style: claims_too_much ? 'red' : 'green',
  })),
  figure('stated', ({ confidence }) => (confidence === null ? '' : String(confidence))),
  figure('recall', ({ recall }) => shownShare(recall)),
  figure('per entity', ({ detections_per_entity }) => detections_per_entity?.toFixed(2) ?? ''),
  figure('wrong per million', ({ wrong_per_million }) => wrong_per_million.toFixed(2)),
  figure('p50', ({ p50_ms }) => shownTime(p50_ms)),
  figure('p95', ({ p95_ms }) => shownTime(p95_ms)),
];
