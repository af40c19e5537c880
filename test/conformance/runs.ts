import { buildProgram, compile } from '../../dsl/index.ts';
import {
  type Detection,
  Engine,
  type LookupActivation,
  type Program,
  SortedRun,
  type SourceRecord,
  type Value,
} from '../../engine/index.ts';

const utf8 = new TextEncoder();

/** The program of some texts, or the compiler's first refusal. */
export function programOf(text: string): { program: Program } | { refusal: string } {
  const { plan, diagnostics } = compile([{ path: 'conformance.sql', text }]);
  if (plan !== null) return { program: buildProgram(plan) };
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  return { refusal: error?.message ?? 'refused without a word' };
}

/** Events of one partition as records, received at one time, as the records of a file are. */
export function recordsOf(partition: string, events: readonly object[], received_at: number): SourceRecord[] {
  return events.map((event, i) => {
    const bytes = utf8.encode(JSON.stringify(event));
    return { partition, position: i + 1, received_at, bytes };
  });
}

/** A bounded source: sorted whole, closed at its end. */
export function runSorted(
  program: Program,
  records: readonly SourceRecord[],
  lookups: readonly LookupActivation[] = [],
): Detection[] {
  const run = new SortedRun(program, {});
  for (const lookup of lookups) run.activate(lookup);
  for (const record of records) run.add(record);
  return [...run.finish()].flat();
}

/** The live door: records in the order they came, taken in batches of 500; what it did not accept is counted. */
export function runLive(
  program: Program,
  records: readonly SourceRecord[],
  lookups: readonly LookupActivation[] = [],
): { detections: Detection[]; refused: number } {
  const engine = new Engine(program, {});
  const detections: Detection[] = [];
  let refused = 0;
  let position = 0;
  const take = () => {
    const output = engine.advance();
    detections.push(...output.detections);
    refused += output.verdicts.filter(({ verdict }) => verdict !== 'accepted').length;
  };
  for (const lookup of lookups) engine.apply(position++, { kind: 'lookup', ...lookup });
  records.forEach((record, i) => {
    engine.apply(position++, { kind: 'record', record });
    if (i % 500 === 499) take();
  });
  engine.apply(position, { kind: 'end' });
  take();
  return { detections, refused };
}

/** The values of one rule's detections by the names of its columns. */
export function rowsOf(program: Program, rule: string, detections: readonly Detection[]): Record<string, Value>[] {
  const outputs = program.operators.find((operator) => operator.name === rule)?.outputs ?? [];
  return detections
    .filter((detection) => detection.rule === rule && detection.suppressed_by === null)
    .map(({ values }) => Object.fromEntries(outputs.map(({ name }, i) => [name, values[i] as Value])));
}

/** Rows as a multiset that can be compared: each as JSON, sorted. */
export function multiset(rows: readonly (readonly unknown[])[]): string {
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n');
}
