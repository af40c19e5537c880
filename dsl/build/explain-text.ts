import { durationText } from './duration-text.ts';
import type { ExplainSummary, MemoryHorizon } from './explain.ts';
import type { LifeSize, StateSize, SuppressSize } from './state-size.ts';

/** Keys of the example that gives the figures a scale. */
const exampleKeys = 1_000_000;

/** The summary for people, line by line; without colours, ending with a line break. */
export function explainText(summary: ExplainSummary): string {
  const lines = [
    `  ${summary.pipeline.join(' ─ ')}`,
    ...labelled('decided', summary.decided_text),
    ...labelled('state', [...stateText(summary.state), ...suppressText(summary.suppress), ...lifeText(summary.life)]),
    ...labelled('remembers', memoryText(summary.memory)),
  ];
  return `${lines.join('\n')}\n`;
}

function labelled(label: string, texts: readonly string[]): string[] {
  return texts.map((text, i) => `  ${(i === 0 ? label : '').padEnd(10)} ${text}`);
}

function stateText(state: StateSize | null): string[] {
  if (state === null) return ['none: each row is decided by itself'];
  const lines = [`${state.row_bytes} B a row, ${state.key_bytes} B a key`];
  if (state.hot_bytes > 0) {
    const cold = state.cold_rows === 1 ? '1 row' : `${state.cold_rows} rows`;
    const hot = `${state.hot_bytes} B more for a key ${state.cold_rows === 0 ? 'that HAVING looks at' : `with more than ${cold}`}`;
    lines.push(hot);
  }
  const bytes = exampleKeys * (state.row_bytes + state.key_bytes);
  lines.push(`1,000,000 keys with one row each are ${Math.round(bytes / 1e6)} MB`);
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
