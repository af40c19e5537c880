import assert from 'node:assert/strict';
import {
  ColumnMaker,
  type LookupActivation,
  type Program,
  readsColumns,
  SortedRun,
  type SourceRecord,
  type TableRow,
  type Verdict,
} from '../../engine/index.ts';
import { segmentOf } from '../engine/runtime/column-segment.ts';

/** How many cases checkColumns() could compare. */
export const columnRuns = { made: 0 };

/**
 * The records with the verdicts that they have in a sorted run, first as records and then with some stretches of them as
 * columns: detections, tables, counters and every figure by rule must be the same. Gives nothing where rules read what only
 * a record says.
 */
export function checkColumns(
  program: Program,
  records: readonly SourceRecord[],
  activations: readonly LookupActivation[],
  random: () => number,
): void {
  if (readsColumns(program) === null) return;
  const verdicts: Verdict[] = [];
  const judging = new SortedRun(program, { on_verdict: (record, verdict) => (verdicts[record] = verdict) });
  for (const record of records) judging.add(record);
  for (const _ of judging.finish());
  const plain = runWith(program, records, verdicts, activations, [], random);
  const cuts = Array.from({ length: 3 }, () => Math.floor(random() * (records.length + 1))).sort((a, b) => a - b);
  const columns = runWith(program, records, verdicts, activations, cuts, random);
  if (columns === null || plain === null) return;
  columnRuns.made++;
  assert.deepEqual(columns, plain, `columns up to the records ${cuts} give something else than the records`);
}

/** null: a stretch cannot have columns. */
function runWith(
  program: Program,
  records: readonly SourceRecord[],
  verdicts: readonly Verdict[],
  activations: readonly LookupActivation[],
  cuts: readonly number[],
  random: () => number,
) {
  const rows: TableRow[] = [];
  const batch_rows = [1, 3, 4096][Math.floor(random() * 3)];
  const run = new SortedRun(program, {
    ...{ judged_to_ms: Number.POSITIVE_INFINITY, on_table_row: (row) => rows.push(row) },
    ...(cuts.length === 0 ? {} : { batch_rows }),
  });
  for (const activation of activations) run.activate(activation);
  let begin = 0;
  for (const end of cuts) {
    const maker = new ColumnMaker(program.schema);
    for (let i = begin; i < end; i++) maker.add(records[i], verdicts[i]);
    const made = maker.finish();
    if (made === null) return null;
    run.addColumns(segmentOf(made));
    begin = end;
  }
  for (let i = begin; i < records.length; i++) run.add(records[i], verdicts[i]);
  const detections = [...run.finish()].flat();
  const { operators, failed_values, first_event_ms, last_event_ms, drops } = run.stats();
  const figures = operators.map(({ name, events, null_key, detections }) => ({ name, events, null_key, detections }));
  return { detections, rows, figures, failed_values, first_event_ms, last_event_ms, drops, counters: run.counters };
}
