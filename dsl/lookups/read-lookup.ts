import { type LookupContent, limits, lookupContent, type Value } from '../../engine/index.ts';
import type { Diagnostic, SourceFile } from '../diagnostics/diagnostic.ts';
import { SourceText } from '../diagnostics/source-text.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import type { LookupPlan } from '../plan/plan.ts';
import { cellValue } from './cell-value.ts';
import { readCsv } from './csv.ts';
import { readJson, readNdjson } from './json-rows.ts';
import { RowKeys } from './row-keys.ts';
import type { TextProblem, TextRow, TextTable } from './table-text.ts';

/** A lookup's file as the engine takes it; `content` is null when the file is of no use. */
export interface LookupFile {
  readonly content: LookupContent | null;
  /** Rows that are left out, each of the first ones named in a diagnostic. */
  readonly bad_rows: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Bad rows that are named one by one; the others are counted. */
const named_rows = 20;

/**
 * Reads the file of a lookup: typed rows with distinct keys, or what is wrong with line, column and why. A bad row is
 * left out, named and counted; a file that lacks a column, has no good row among bad ones, or is too large is refused whole.
 * Never throws.
 */
export function readLookup(plan: LookupPlan, file: SourceFile): LookupFile {
  const read = readTable(plan, file, tableOf(file));
  return read.content?.rows === 0 && read.bad_rows > 0 ? withoutGoodRow(read, file) : read;
}

/** A lookup that is empty by mistake would let everything pass, or nothing. The place is that of the first bad row. */
function withoutGoodRow({ bad_rows, diagnostics: [first] }: LookupFile, { path }: SourceFile): LookupFile {
  const { message: why, place, label } = first as Diagnostic;
  const message = `no row of ${path} is right: ${why}${bad_rows === 1 ? '' : `; ${bad_rows - 1} more are wrong`}`;
  const diagnostics: Diagnostic[] = [{ code: 'W0404', severity: 'error', message, place, label, hints: [] }];
  return { content: null, bad_rows: 0, diagnostics };
}

/** The same for rows that stand in another file, such as a rule test. */
export function readTable(plan: LookupPlan, file: SourceFile, table: TextTable): LookupFile {
  const refusal = table.problem ?? headProblem(plan, table);
  if (refusal !== null) return refused(file, refusal);
  const source = new SourceText(file.text);
  const keys = new RowKeys(plan);
  const rows: Value[][] = [];
  const bad: TextProblem[] = [...table.bad_rows];
  for (const row of table.rows) {
    const values = typedRow(plan, row);
    if ('message' in values) {
      bad.push(values);
      continue;
    }
    const taken = keys.add(values, source.position(row.offset).line);
    if (taken === null) rows.push(values);
    else bad.push({ offset: row.offset, length: row.length, ...taken });
  }
  const content = lookupContent(plan.name, plan.columns, rows);
  if (content.bytes.length > limits.lookup_bytes) {
    const megabytes = Math.floor(limits.lookup_bytes / 1024 / 1024);
    const message = `${plan.name} is too large: ${rows.length} rows, more than ${megabytes} MiB`;
    return refused(file, { offset: 0, length: 1, message, label: 'split it, or leave columns out' });
  }
  bad.sort((a, b) => a.offset - b.offset);
  return { content, bad_rows: bad.length, diagnostics: nameRows(plan, file, bad) };
}

function tableOf({ path, text }: SourceFile): TextTable {
  if (/\.csv$/i.test(path)) return readCsv(text);
  return /\.json$/i.test(path) ? readJson(text) : readNdjson(text);
}

/** A column that the file lacks is a mistake of the whole file, not of each row. */
function headProblem(plan: LookupPlan, { head }: TextTable): TextProblem | null {
  if (head === null) return null;
  const names = head.map(({ value }) => String(value));
  const missing = plan.columns.find(({ name }) => !names.includes(name));
  const [first] = head;
  if (missing !== undefined) {
    const near = didYouMean(missing.name, names);
    return {
      ...{ offset: first?.offset ?? 0, length: lengthOf(head) },
      message: `the head has no column \`${missing.name}\`, which the lookup ${plan.name} declares`,
      label: near === '' ? `it has ${listOf(names)}` : near,
    };
  }
  const twice = head.find(({ value }, i) => names.indexOf(String(value)) !== i);
  if (twice === undefined) return null;
  const { offset, length } = twice;
  return { offset, length, message: `two columns are called \`${String(twice.value)}\``, label: 'remove one' };
}

function lengthOf(head: readonly { readonly offset: number; readonly length: number }[]): number {
  const [first, last] = [head[0], head.at(-1)];
  return first === undefined || last === undefined ? 1 : Math.max(1, last.offset + last.length - first.offset);
}

function typedRow(plan: LookupPlan, row: TextRow): Value[] | TextProblem {
  const values: Value[] = [];
  for (const { name, type } of plan.columns) {
    const cell = row.cells.get(name);
    const read = cellValue(cell, type);
    const { offset, length } = cell ?? row;
    if ('why' in read)
      return { offset, length: Math.max(1, length), message: `${name}: ${read.why}`, label: read.label };
    if (read.value === null && plan.key.includes(name)) {
      const label = 'the primary key of a row is never empty';
      return { offset: row.offset, length: Math.max(1, row.length), message: `${name} is empty`, label };
    }
    values.push(read.value);
  }
  return values;
}

function refused({ path }: SourceFile, { offset, length, message, label }: TextProblem): LookupFile {
  const place = { path, offset, length };
  return {
    content: null,
    bad_rows: 0,
    diagnostics: [{ code: 'W0404', severity: 'error', message, place, label, hints: [] }],
  };
}

function nameRows(plan: LookupPlan, { path }: SourceFile, bad: readonly TextProblem[]): Diagnostic[] {
  const named = bad.slice(0, named_rows).map(({ offset, length, message, label }, i): Diagnostic => {
    const last = i === bad.length - 1 && i < named_rows;
    const counted = bad.length === 1 ? '1 row is' : `${bad.length} rows are`;
    const hints = last ? [`${counted} left out of ${plan.name}; the others are in it`] : [];
    const place = { path, offset, length: Math.max(1, Math.min(length, 200)) };
    return { code: 'W0405', severity: 'warning', message, place, label, hints };
  });
  if (bad.length <= named_rows) return named;
  const more = bad.length - named_rows;
  const message = `${more} more rows of ${path} are wrong: ${bad.length} in all are left out of ${plan.name}`;
  return [...named, { code: 'W0405', severity: 'warning', message, place: null, label: '', hints: [] }];
}
