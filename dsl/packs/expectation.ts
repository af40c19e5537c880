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
  /** Which revision; null: every one, where `closed` says which. */
  readonly revision: number | null;
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

/** Forms of language.md that need a part of Weir that is not there yet. */
const later = ['timing', 'suppressed_by'];

export function readExpectations(path: string, text: string, list: YamlList, problems: Diagnostic[]): Expectation[] {
  return list.items.flatMap((item) => readExpectation(path, text, item, problems) ?? []);
}

function readExpectation(path: string, text: string, node: YamlNode, problems: Diagnostic[]): Expectation | null {
  const before = problems.length;
  const map = MapReader.of(path, node, 'an expectation', problems);
  if (map === null) return null;
  const rule = map.text('rule');
  if (rule === null && !map.has('rule')) map.problem(node, 'this expectation names no rule', 'add "rule: <name>"');
  const at_ms = map.duration('at', Number.NEGATIVE_INFINITY);
  const suppressed = map.flag('suppressed') ?? false;
  const severity = map.text('severity');
  const evidence = map.count('evidence', 0, 1_000_000_000);
  const closed = map.flag('closed') ?? false;
  const revision = map.count('revision', 1, 1_000_000) ?? (closed ? null : 1);
  for (const key of later) {
    if (map.has(key)) map.problem(map.entry(key)?.value ?? node, `\`${key}\` is not there yet`, 'leave it out');
  }
  const keyEntry = map.entry('key');
  const own = ['rule', 'at', 'suppressed', 'severity', 'evidence', 'key', 'values', 'revision', 'closed'];
  const known = new Set([...own, ...later]);
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
    ...{ suppressed, severity, revision, closed },
    evidence,
    line: placeLine(text, node.start),
    place: map.entry('rule')?.value ?? node,
  };
}

/** A key of one part may be written without brackets. */
function readKey(node: YamlNode, map: MapReader): readonly Expected[] {
  const value = readValue(node, map);
  return Array.isArray(value) ? value : [value];
}

function readValue(node: YamlNode, map: MapReader): Expected {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map((item) => readValue(item, map));
  map.problem(node, `a column's value is no ${describe(node)}`, 'write a text, a number, true, false, null or a list');
  return null;
}
