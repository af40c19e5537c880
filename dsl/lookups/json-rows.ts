import type { Cell, TextProblem, TextRow, TextTable } from './table-text.ts';

interface Stretch {
  readonly offset: number;
  readonly text: string;
}

/** One object per line; empty lines are passed over. */
export function readNdjson(text: string): TextTable {
  let offset = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const stretches = text
    .slice(offset)
    .split('\n')
    .map((line): Stretch => {
      const stretch = { offset, text: line };
      offset += line.length + 1;
      return stretch;
    });
  return tableOf(stretches.filter((stretch) => stretch.text.trim() !== ''));
}

/** A list of objects. */
export function readJson(text: string): TextTable {
  const start = text.search(/[^\s\uFEFF]/);
  const elements = start >= 0 && text[start] === '[' ? elementsOf(text, start + 1) : null;
  if (elements !== null) return tableOf(elements);
  const offset = Math.max(start, 0);
  const problem =
    text[offset] === '['
      ? { offset, length: 1, message: 'this list is never closed', label: 'a `]` is missing' }
      : { offset, length: 1, message: 'a lookup in JSON is a list of objects', label: 'write [ {…}, {…} ]' };
  return { head: null, rows: [], bad_rows: [], problem };
}

/** The stretches between the commas of a list, up to its closing bracket; null when there is none. */
function elementsOf(text: string, start: number): Stretch[] | null {
  const elements: Stretch[] = [];
  let from = start;
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      at = textEnd(text, at);
    } else if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || (sign === ']' && depth > 0)) depth--;
    else if (depth === 0 && (sign === ',' || sign === ']')) {
      const element = { offset: from, text: text.slice(from, at) };
      if (sign === ',' || element.text.trim() !== '') elements.push(element);
      if (sign === ']') return elements;
      from = at + 1;
    }
  }
  return null;
}

/** The closing quote of a JSON text, or the end. */
function textEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function tableOf(stretches: readonly Stretch[]): TextTable {
  const rows: TextRow[] = [];
  const bad_rows: TextProblem[] = [];
  for (const stretch of stretches) {
    const blank = stretch.text.length - stretch.text.trimStart().length;
    const place = { offset: stretch.offset + blank, length: Math.max(1, stretch.text.trim().length) };
    const object = parsed(stretch.text);
    if (object === null) {
      bad_rows.push({ ...place, message: 'this is no JSON object', label: 'a row is written {"column": value, …}' });
      continue;
    }
    rows.push({ ...place, cells: cellsOf(object, stretch, place) });
  }
  return { head: null, rows, bad_rows, problem: null };
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** A cell stands where its name stands: good enough to find it by line and column. */
function cellsOf(object: object, { offset, text }: Stretch, row: { offset: number; length: number }) {
  const cells = new Map<string, Cell>();
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    const written = JSON.stringify(name);
    const at = text.indexOf(written);
    const place = at < 0 ? row : { offset: offset + at, length: written.length };
    const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    cells.set(name, { ...place, value: isPlain ? (value as Cell['value']) : undefined });
  }
  return cells;
}
