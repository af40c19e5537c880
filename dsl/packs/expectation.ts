import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { describe, MapReader } from './map-reader.ts';
import { type Placed, placeLine } from './problem.ts';
import type { YamlEntry, YamlList, YamlNode } from './yaml-tree.ts';

/** A detection that a test expects. What it does not mention may be anything. */
export interface Expectation {
  readonly rule: string;
  /** decided_at, from the start of the test; null: at any time (the order still counts). */
  readonly at_ms: number | null;
  /** Values by output column. */
  readonly values: readonly ExpectedValue[];
  /** Parts of the group's key, in the order of GROUP BY. */
  readonly key: readonly Expected[] | null;
  /** true: it is there, but suppressed. */
  readonly suppressed: boolean;
  readonly severity: string | null;
  /** Where it stands; else the whole. */
  readonly severity_place: Placed;
  /** What suppresses it: the time of the detection that does ('9m'), or the name of an exception; null: not said. */
  readonly suppressed_by: string | null;
  /** Which revision; null: not said. Then it is the first, or any where `closed` says which. */
  readonly revision: number | null;
  /** early: what left on arrival (EMIT EARLY), which may be mentioned and need not be. */
  readonly timing: 'early' | 'final';
  /** true, with timing early: it did not become final. */
  readonly withdrawn: boolean;
  /** true: it is the revision that closes it. */
  readonly closed: boolean;
  /** How many events are behind it (the total, not only the listed ones). */
  readonly evidence: number | null;
  readonly line: number;
  readonly place: Placed;
}

export interface ExpectedValue {
  readonly column: string;
  readonly value: Expected;
  /** Place of the column's name, for the message about an unknown one. */
  readonly start: number;
  readonly end: number;
}

export type Expected = string | number | boolean | null | readonly Expected[];

/** What an expectation says besides columns, in the order in which messages list it. */
export const expectation_keys: readonly string[] = [
  ...['rule', 'at', 'key', 'values', 'severity', 'evidence', 'suppressed', 'suppressed_by'],
  ...['revision', 'closed', 'timing', 'withdrawn'],
];

export function readExpectations(path: string, text: string, list: YamlList, problems: Diagnostic[]): Expectation[] {
  return list.items.flatMap((item) => readExpectation(path, text, item, problems) ?? []);
}

function readExpectation(path: string, text: string, node: YamlNode, problems: Diagnostic[]): Expectation | null {
  const before = problems.length;
  const map = MapReader.of(
    path,
    node,
    'an expectation',
    problems,
    'write - { rule: <name>, at: 9m, <column>: <value> }',
  );
  if (map === null) return null;
  const rule = map.text('rule');
  if (rule === null && !map.has('rule')) map.problem(node, 'this expectation names no rule', 'add "rule: <name>"');
  const at_ms = map.duration('at', Number.NEGATIVE_INFINITY);
  const suppressed_by = readSuppressedBy(map);
  const suppressed = map.flag('suppressed') ?? suppressed_by !== null;
  const severity = map.text('severity');
  const evidence = map.count('evidence', 0, 1_000_000_000);
  const closed = map.flag('closed') ?? false;
  const revision = map.count('revision', 1, 1_000_000);
  const { timing, withdrawn } = readTiming(map, node);
  const keyEntry = map.entry('key');
  const known = new Set(expectation_keys);
  const columns: YamlEntry[] = map.map.entries.filter(({ key }) => !known.has(key));
  const values = map.child('values', '`values`');
  columns.push(...(values?.map.entries ?? []));
  if (problems.length > before) return null;
  return {
    rule: rule ?? '',
    at_ms,
    key: keyEntry === null ? null : readKey(keyEntry.value, map),
    values: columns.map((entry) => ({
      column: entry.key,
      value: readValue(entry.value, map),
      start: entry.key_start,
      end: entry.key_end,
    })),
    ...{ suppressed, suppressed_by, severity, revision, closed, timing, withdrawn },
    evidence,
    line: placeLine(text, node.start),
    place: map.entry('rule')?.value ?? node,
    severity_place: map.entry('severity')?.value ?? node,
  };
}

/** `0` is a time too. */
function readSuppressedBy(map: MapReader): string | null {
  const entry = map.entry('suppressed_by');
  if (entry === null) return null;
  const value = entry.value.kind === 'scalar' ? entry.value.value : null;
  if (typeof value === 'string' || value === 0) return String(value);
  const hint = 'for example suppressed_by: 9m, or suppressed_by: pentest';
  map.problem(entry.value, '`suppressed_by` is the time of a detection or the name of an exception', hint);
  return null;
}

function readTiming(map: MapReader, node: YamlNode): Pick<Expectation, 'timing' | 'withdrawn'> {
  const timing = map.text('timing') ?? 'final';
  const withdrawn = map.flag('withdrawn') ?? false;
  const place = map.entry('timing')?.value ?? map.entry('withdrawn')?.value ?? node;
  if (timing !== 'early' && timing !== 'final') map.problem(place, `\`timing\` is early or final, not '${timing}'`, '');
  else if (withdrawn && timing !== 'early') {
    map.problem(place, 'only what left early can be withdrawn', 'add "timing: early"');
  }
  return { timing: timing === 'early' ? 'early' : 'final', withdrawn };
}

/** A key of one part may be written without brackets. */
function readKey(node: YamlNode, map: MapReader): readonly Expected[] {
  const value = readValue(node, map);
  return Array.isArray(value) ? value : [value];
}

function readValue(node: YamlNode, map: MapReader): Expected {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map((item) => readValue(item, map));
  map.problem(
    node,
    `a column's value cannot be ${describe(node)}`,
    'write a text, a number, true, false, null or a list',
  );
  return null;
}
