import assert from 'node:assert/strict';
import {
  ColumnMaker,
  Coverage,
  type LookupActivation,
  MemoryScratch,
  type Program,
  readsColumns,
  SortedRun,
  type SortedRunOptions,
  type SourceRecord,
  type TableRow,
  type Verdict,
} from '../../engine/index.ts';
import { segmentOf } from '../engine/runtime/column-segment.ts';

/** What was compared so far. */
export const columnRuns = { made: 0, detections: 0, warm_up: 0, after_until: 0, duplicates: 0, parts: 0 };

type Judged = readonly [SourceRecord, Verdict | undefined];

/**
 * The records as a log may hold them (out of order, in two partitions, the last ones without a verdict), first as records and
 * then with some stretches of them as columns, of all the time or of a part of it: detections, tables, counters and every figure
 * by rule must be the same. Gives nothing where rules read what only a record says.
 * @param times of the records
 */
export function checkColumns(
  program: Program,
  records: readonly SourceRecord[],
  times: readonly number[],
  activations: readonly LookupActivation[],
  random: () => number,
): void {
  if (readsColumns(program) === null) return;
  const below = (end: number): number => Math.floor(random() * end);
  const span_ms = Math.max(...times) - Math.min(...times) + 2;
  const drawn_ms = () => Math.min(...times) + below(span_ms);
  const spread_ms = [0, 100, 2000][below(3)];
  const order = records.map((record, i) => ({ record, time_ms: times[i], at: times[i] + random() * spread_ms }));
  order.sort((a, b) => a.at - b.at);
  const arrived = order.map(({ record }) => ({ ...record, partition: `p${below(2)}` }));
  const judging = new SortedRun(program, { on_verdict: (record, verdict) => (verdicts[record] = verdict) });
  const verdicts: Verdict[] = [];
  for (const record of arrived) judging.add(record);
  for (const _ of judging.finish());
  const cuts = Array.from({ length: 3 }, () => below(records.length + 1)).sort((a, b) => a - b);
  const judged_to_ms = random() < 0.4 ? Number.POSITIVE_INFINITY : drawn_ms();
  const judged = arrived.map((record, i): Judged => {
    if (order[i].time_ms < judged_to_ms) return [record, random() < 0.05 ? 'late' : verdicts[i]];
    // What W has not passed is judged again by a run over the log: no column has it as accepted.
    return [record, i >= cuts[2] ? undefined : verdicts[i] === 'accepted' ? 'late' : verdicts[i]];
  });
  const options = {
    judged_to_ms,
    ...(random() < 0.5 ? {} : { until_ms: drawn_ms() }),
    ...(random() < 0.5 ? {} : { since_ms: drawn_ms() }),
  };
  const plain = runWith(program, judged, activations, [], options);
  const scratch = random() < 0.3 ? { scratch: new MemoryScratch(), memory_rows: 3 } : {};
  const batch_rows = [1, 3, 4096][below(3)];
  const columns = runWith(program, judged, activations, cuts, { ...options, ...scratch, batch_rows });
  if (columns === null || plain === null) return;
  columnRuns.made++;
  columnRuns.detections += plain.detections.length;
  columnRuns.warm_up += plain.warm_up_detections;
  columnRuns.after_until += plain.after_until;
  columnRuns.duplicates += Number(judged_to_ms < Number.POSITIVE_INFINITY) * plain.counters.duplicate;
  assert.deepEqual(columns, plain, `columns up to the records ${cuts} give something else than the records`);
  const { since_ms, until_ms = Number.POSITIVE_INFINITY } = options as SortedRunOptions;
  const { quiet_ms, horizon_ms } = new Coverage(program, null).reach;
  // What SUPPRESS remembers is looked for by whoever reads a part (ui-api/cli/history-part.ts).
  if (since_ms === undefined || quiet_ms !== 0) return;
  const end_ms = Number.isFinite(until_ms) ? until_ms : (plain.last_event_ms ?? since_ms);
  const complete_from_ms = Math.min(since_ms, end_ms) - horizon_ms - 1;
  if (complete_from_ms <= (plain.first_event_ms ?? complete_from_ms)) return;
  const part = runWith(program, judged, activations, cuts, { ...options, complete_from_ms, batch_rows });
  columnRuns.parts++;
  assert.deepEqual(asked(part), asked(plain), `of columns from ${complete_from_ms} on is read less than it takes`);
}

/** What must not depend on how much before `since` is read. */
function asked(run: ReturnType<typeof runWith>): object {
  assert.ok(run !== null);
  const { warm_up_detections: _, failed_values: __, drops: ___, figures, ...rest } = run;
  return { ...rest, figures: figures.map(({ name, events, null_key }) => ({ name, events, null_key })) };
}

/** null: a stretch cannot have columns. */
function runWith(
  program: Program,
  judged: readonly Judged[],
  activations: readonly LookupActivation[],
  cuts: readonly number[],
  options: SortedRunOptions,
) {
  const rows: TableRow[] = [];
  const run = new SortedRun(program, { ...options, on_table_row: (row) => rows.push(row) });
  for (const activation of activations) run.activate(activation);
  let begin = 0;
  for (const end of cuts) {
    const maker = new ColumnMaker(program.schema);
    for (const [record, verdict] of judged.slice(begin, end)) maker.add(record, verdict as Verdict);
    const made = maker.finish();
    if (made === null) return null;
    run.addColumns(segmentOf(made));
    begin = end;
  }
  for (const [record, verdict] of judged.slice(begin)) run.add(record, verdict);
  const detections = [...run.finish()].flat();
  const { operators, failed_values, failed_casts, first_event_ms, last_event_ms, drops, ...stats } = run.stats();
  const figures = operators.map(({ name, events, null_key, detections }) => ({ name, events, null_key, detections }));
  const { after_until, undecided, warm_up_detections, coverage } = stats;
  const ends = { first_event_ms, last_event_ms, after_until, undecided, warm_up_detections, coverage };
  return { detections, rows, figures, failed_values, failed_casts, drops, ...ends, counters: run.counters };
}
