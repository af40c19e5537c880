import { durationText } from './duration-text.ts';
import type { ExplainSummary, MemoryHorizon } from './explain.ts';
import { type PlanNode, treeLines } from './plan-tree.ts';
import type { LifeSize, SuppressSize } from './state-size.ts';
import { joinsAt, type Load, stateAt, stateInAll } from './state-total.ts';

/** The example that gives the figures a scale where nobody says how many keys there are. */
const example: Load = { keys: 1_000_000, rows: 1 };

/** The summary for people, line by line; without colours, ending with a line break. */
export function explainText(summary: ExplainSummary, load: Load = example): string {
  const lines = [
    ...treeLines(summary.tree).map((line) => `  ${line}`),
    ...labelled('decided', summary.decided_text),
    ...labelled('state', [...stateText(summary, load), ...suppressText(summary.suppress), ...lifeText(summary.life)]),
    ...labelled('remembers', [...memoryText(summary.memory), ...riskMemory(summary)]),
  ];
  return `${lines.join('\n')}\n`;
}

function labelled(label: string, texts: readonly string[]): string[] {
  return texts.map((text, i) => `  ${(i === 0 ? label : '').padEnd(10)} ${text}`);
}

/** Whether rows of two inputs meet below: of a JOIN or an EXISTS, and not only beside each other. */
function meetsRows({ text, inputs }: PlanNode): boolean {
  return (inputs.length > 1 && !text.startsWith('union all')) || inputs.some(meetsRows);
}

function stateText(summary: ExplainSummary, load: Load): string[] {
  const { state } = summary;
  if (state === null) {
    const none = meetsRows(summary.tree)
      ? 'none of its own: what its joins keep stands above, with its bytes'
      : 'none: each row is decided by itself';
    return [none, ...joinLoadText(summary, load)];
  }
  const lines = [`${state.row_bytes} B a row, ${state.key_bytes} B a key`];
  if (state.hot_bytes > 0) {
    const cold = state.cold_rows === 1 ? '1 row' : `${state.cold_rows} rows`;
    const hot = `${state.hot_bytes} B more for a key ${state.cold_rows === 0 ? 'that HAVING looks at' : `with more than ${cold}`}`;
    lines.push(hot);
  }
  lines.push(...loadText(summary, load), ...joinLoadText(summary, load));
  const most = [state.most_keys, state.most_rows, state.most_rows_per_key].map((n) => n.toLocaleString('en-US'));
  lines.push(
    `never more than ${most[0]} keys, ${most[1]} rows, ${most[2]} of a key: what goes first is counted and named`,
  );
  if (state.shared_with.length > 0) {
    const kept = durationText(state.rows_kept_ms);
    lines.push(`rows and keys are shared with ${state.shared_with.join(', ')}, kept ${kept}`);
  }
  return lines;
}

/** `50,000 keys with 3 rows each are 14 MB`. */
function loadText(summary: ExplainSummary, load: Load): string[] {
  const at = stateAt(summary, load);
  if (at === null) return [];
  const rows = at.rows === 1 ? 'one row' : `${at.rows.toLocaleString('en-US')} rows`;
  const hot = at.hot_bytes === 0 ? '' : `, and ${bytesText(at.hot_bytes)} more if all of them are hot`;
  const cut = at.keys < load.keys || at.rows < load.rows ? ' (its bounds)' : '';
  return [`${at.keys.toLocaleString('en-US')} keys with ${rows} each are ${bytesText(at.bytes)}${hot}${cut}`];
}

/** `50,000 keys with 3 rows of each side are 31 MB in the join`; of all its joins together. */
function joinLoadText(summary: ExplainSummary, load: Load): string[] {
  const joins = joinsAt(summary, load).filter(({ bytes }) => bytes > 0);
  if (joins.length === 0) return [];
  const bytes = joins.reduce((sum, join) => sum + join.bytes, 0);
  const isBaseline = summary.joins.every(({ is_baseline }) => is_baseline);
  const rows = load.rows === 1 || isBaseline ? 'one row' : `${load.rows.toLocaleString('en-US')} rows`;
  const where = joins.length === 1 ? 'the join' : `its ${joins.length} joins`;
  const sides = isBaseline ? '' : ' of each side';
  const keys = Math.max(...joins.map((join) => join.keys));
  const cut = keys < load.keys ? ' (its bounds)' : '';
  return [`${keys.toLocaleString('en-US')} keys with ${rows}${sides} are ${bytesText(bytes)} in ${where}${cut}`];
}

/** Bytes as people read them: 12 kB, 120 MB, 3.4 GB. */
export function bytesText(bytes: number): string {
  const [unit, size] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  const scaled = bytes / size;
  return `${scaled < 10 && unit === 'GB' ? scaled.toFixed(1) : Math.ceil(scaled)} ${unit}`;
}

/** What all of them hold at a load; rows and keys that they share count once. */
export function stateInAllText(summaries: readonly ExplainSummary[], load: Load): string {
  const { bytes, hot_bytes } = stateInAll(summaries, load);
  const hot = hot_bytes === 0 ? '' : `, and at most ${bytesText(hot_bytes)} more if all of them are hot`;
  return `in all at ${load.keys.toLocaleString('en-US')} keys of each: ${bytesText(bytes)}${hot}`;
}

function suppressText(suppress: SuppressSize | null): string[] {
  if (suppress === null) return [];
  const { interval_bytes, most_intervals } = suppress;
  const most = most_intervals.toLocaleString('en-US');
  return [
    `${interval_bytes} B for a SUPPRESS key that is covered, never more than ${most}: what ends first goes, counted`,
  ];
}

function lifeText(life: LifeSize | null): string[] {
  if (life === null) return [];
  const most = (count: number) => count.toLocaleString('en-US');
  const open = `about ${most(life.open_bytes ?? 0)} B for an open detection, never more than ${most(life.most_open)}: what was silent longest goes, counted`;
  const entity = `${life.entity_bytes} B for an entity with a score, never more than ${most(life.most_entities)} of all rules`;
  return [...(life.open_bytes === null ? [] : [open]), ...(life.entity_bytes === null ? [] : [entity])];
}

/** A score is context, and no part of what must be equal: it needs no warm-up to fire. */
function riskMemory({ life }: ExplainSummary): string[] {
  if (life === null || life.entity_bytes === null) return [];
  return ['the scores of its entities since the beginning: of a backtest from --since on they begin at 0 there'];
}

function memoryText(memory: MemoryHorizon): string[] {
  const { window_ms, windows, quiet_ms, below, total_ms } = memory;
  const parts = [
    ...(window_ms > 0 ? [`${durationText(window_ms)} of its window${windows > 1 ? ' and the one before' : ''}`] : []),
    ...below.filter((view) => view.window_ms > 0).map((view) => `${durationText(view.window_ms)} of ${view.name}`),
  ];
  const sum = parts.length > 1 ? ` = ${durationText(total_ms)}` : '';
  const reach = total_ms > 0 ? [`${parts.join(' + ')}${sum}: a backtest warms up that long`] : [];
  if (quiet_ms === 0) return reach.length > 0 ? reach : ['nothing: a backtest needs no warm-up'];
  if (quiet_ms === null)
    return [...reach, `each ${memory.unbounded} since the beginning: a backtest from --since on is partial`];
  const pause = durationText(quiet_ms);
  return [...reach, `its detections back to a pause of ${pause}: a backtest from --since on is warm after one`];
}
