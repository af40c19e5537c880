import type { Cell, TextProblem, TextRow, TextTable } from './table-text.ts';

const COMMA = 44;
const QUOTE = 34;
const LINE_FEED = 10;
const RETURN = 13;

interface Record {
  readonly offset: number;
  readonly length: number;
  readonly cells: readonly Cell[];
  readonly problem: TextProblem | null;
}

/**
 * A CSV file by RFC 4180: the first line is the head; fields are separated by commas; a field in double quotes may hold
 * commas, line ends and quotes written twice. Lines end in CRLF or LF, empty lines are passed over, a byte order mark
 * at the beginning too. An empty field is NULL, `""` an empty text. Spaces belong to the field.
 */
export function readCsv(text: string): TextTable {
  const records = recordsOf(text);
  const head = records.next().value;
  if (head === undefined) {
    const problem = { offset: 0, length: 1, message: 'the file is empty', label: 'the first line names the columns' };
    return { head: [], rows: [], bad_rows: [], problem };
  }
  if (head.problem !== null) return { head: [], rows: [], bad_rows: [], problem: head.problem };
  const names = head.cells.map(({ value }) => String(value ?? '').trim());
  const rows: TextRow[] = [];
  const bad_rows: TextProblem[] = [];
  for (const { offset, length, cells, problem } of records) {
    if (problem !== null) bad_rows.push(problem);
    else if (cells.length !== names.length) {
      const label = `the head names ${names.length}`;
      bad_rows.push({ offset, length, message: `a row of ${cells.length} fields`, label });
    } else rows.push({ offset, length, cells: new Map(cells.map((cell, i) => [names[i] as string, cell])) });
  }
  return { head: head.cells.map((cell, i) => ({ ...cell, value: names[i] })), rows, bad_rows, problem: null };
}

function* recordsOf(text: string): Generator<Record, undefined> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const record = readRecord(text, at);
    at = lineEnd(text, record.offset + record.length);
    const isEmpty = record.length === 0 && record.cells.length === 1;
    if (!isEmpty) yield record;
  }
}

/** Behind the CRLF, LF or end of text that stands at `at`. */
function lineEnd(text: string, at: number): number {
  const isPair = text.charCodeAt(at) === RETURN && text.charCodeAt(at + 1) === LINE_FEED;
  return isPair ? at + 2 : at + 1;
}

function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return at >= text.length || code === LINE_FEED || (code === RETURN && text.charCodeAt(at + 1) === LINE_FEED);
}

function readRecord(text: string, offset: number): Record {
  const cells: Cell[] = [];
  let at = offset;
  for (;;) {
    const quoted = text.charCodeAt(at) === QUOTE;
    const end = quoted ? quotedEnd(text, at) : plainEnd(text, at);
    const problem = quoted ? quoteProblem(text, at, end) : plainProblem(text, at, end);
    if (problem !== null) {
      // A quote that never closes takes the rest of the file; else the line is lost and the next one is read.
      const rest = end < 0 ? text.length : plainLineEnd(text, at);
      return { offset, length: rest - offset, cells, problem };
    }
    const raw = text.slice(at, end);
    const value = quoted ? raw.slice(1, -1).replaceAll('""', '"') : raw === '' ? null : raw;
    cells.push({ value, offset: at, length: end - at });
    if (isLineEnd(text, end)) return { offset, length: end - offset, cells, problem: null };
    at = end + 1;
  }
}

/** Behind the closing quote; -1 where there is none. */
function quotedEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at + 1;
  }
  return -1;
}

function plainEnd(text: string, start: number): number {
  let at = start;
  while (!isLineEnd(text, at) && text.charCodeAt(at) !== COMMA) at++;
  return at;
}

function plainLineEnd(text: string, start: number): number {
  let at = start;
  while (!isLineEnd(text, at)) at++;
  return at;
}

function quoteProblem(text: string, start: number, end: number): TextProblem | null {
  if (end < 0) {
    return {
      offset: start,
      length: 1,
      message: 'this quote is never closed',
      label: 'a quote in a text is written ""',
    };
  }
  if (isLineEnd(text, end) || text.charCodeAt(end) === COMMA) return null;
  return { offset: end, length: 1, message: 'text behind a closing quote', label: 'a comma or the line’s end is due' };
}

function plainProblem(text: string, start: number, end: number): TextProblem | null {
  const quote = text.slice(start, end).indexOf('"');
  if (quote < 0) return null;
  const label = 'put the whole field in quotes, and write "" for the one inside';
  return { offset: start + quote, length: 1, message: 'a quote inside a field that has none around it', label };
}
