import assert from 'node:assert/strict';
import { buildProgram, compile, selectOperators } from '../../dsl/index.ts';
import {
  type Detection,
  type DetectionPlace,
  type LookupActivation,
  type PlacedItem,
  PlacedMerge,
  type Program,
  partsOf,
  SortedRun,
  type SortedRunOptions,
  type SourceRecord,
  statsOfParts,
  type TableRow,
} from '../../engine/index.ts';

/** What was compared so far: runs of several parts, and detections in runs where two parts gave some. */
export const partRuns = { made: 0, mixed: 0, with_rows: 0 };

/**
 * A program in parts, each run by itself over all records and the detections sorted in among each other: they must be those
 * of the whole program, in its order, and so must the rows of tables and the figures of rules.
 */
export function checkParts(
  text: string,
  records: readonly SourceRecord[],
  activations: readonly LookupActivation[],
  random: () => number,
): void {
  const { plan } = compile([{ path: 'case.rule.sql', text }]);
  assert.ok(plan !== null);
  const program = buildProgram(plan);
  const passed = new Map(program.operators.map(({ name }) => [name, Math.floor(random() * 100)]));
  const parts = partsOf(program, 2 + Math.floor(random() * 3), passed);
  if (parts.length < 2) return;
  partRuns.made++;
  const batch_rows = [1, 3, 7, 4096][Math.floor(random() * 4)];
  const whole = runOf(program, records, activations, {});
  const merge = new PlacedMerge<Detection & PlacedItem>(parts.length);
  const firstOf = program.operators.map(({ name }) => program.operators.findIndex((one) => one.name === name));
  const runs = parts.map((part, k) => {
    const own = buildProgram(selectOperators(plan, part.names));
    const run = runOf(own, records, activations, { batch_rows, part });
    const detections = run.detections.map((one) => ({ ...one, operator: part.operators[one.operator] }));
    const placed = detections.map((one) => ({ ...one, place: placeOf(one), rule_number: firstOf[one.operator] }));
    merge.add(k, placed);
    return { part, run, detections };
  });
  for (const k of parts.keys()) merge.reach(k, Number.POSITIVE_INFINITY);
  const merged = merge.take();
  if (runs.filter(({ detections }) => detections.length > 0).length > 1) partRuns.mixed++;
  assert.deepEqual(merged.map(withoutPlace), whole.detections.map(withoutPlace), 'parts decide something else');
  const rows = runs.flatMap(({ run, part }) => {
    return run.rows.map((row) => ({ ...row, operator: part.operators[row.operator] }));
  });
  if (rows.length > 0) partRuns.with_rows++;
  assert.deepEqual(rows, whole.rows, 'tables of parts have other rows');
  const stats = statsOfParts(
    program,
    runs.map(({ part, run }) => ({ part, stats: run.stats })),
  );
  const figures = ({ operators, drops, failed_casts }: typeof stats) => ({
    ...{ drops, failed_casts },
    operators: operators.map(({ state_bytes: _, keys: __, ...figures }) => figures),
  });
  assert.deepEqual(figures(stats), figures(whole.stats), 'figures of parts are others');
}

function runOf(
  program: Program,
  records: readonly SourceRecord[],
  activations: readonly LookupActivation[],
  options: SortedRunOptions,
) {
  const rows: TableRow[] = [];
  const run = new SortedRun(program, { ...options, on_table_row: (row) => rows.push(row) });
  for (const activation of activations) run.activate(activation);
  for (const record of records) run.add(record);
  const detections: Detection[] = [...run.finish()].flat();
  return { detections, rows, stats: run.stats() };
}

function placeOf({ place }: Detection): DetectionPlace {
  assert.ok(place !== undefined);
  return place;
}

function withoutPlace({ place: _, rule_number: __, ...detection }: Detection & { rule_number?: number }) {
  return detection;
}
