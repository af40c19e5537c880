import type { Diagnostic, Place, SourceFile } from './diagnostic.ts';
import { SourceText } from './source-text.ts';
import { displayText, displayWidth } from './width.ts';

export interface RenderOptions {
  /** Whether to use ANSI colours; the text is the same without them. */
  readonly color: boolean;
  /** Columns of the terminal: source lines are cut and sentences wrapped to fit. Absent: as wide as they are. */
  readonly width?: number;
}

type Paint = (style: 'error' | 'warning' | 'frame' | 'bold', text: string) => string;

const sgr = { error: '1;31', warning: '1;33', frame: '34', bold: '1' } as const;
const plain: Paint = (_style, text) => text;
const colored: Paint = (style, text) => (text === '' ? '' : `\u001b[${sgr[style]}m${text}\u001b[0m`);

/** More of a line than this is cut around the underline: generated files have very long lines. */
const most_cells = 160;
/** A narrower terminal wraps by itself. */
const least_cells = 20;

/**
 * Diagnostics as text for people: each with its place, the source line underlined, and what to do; a blank line
 * between two. Ends with a line end unless there is nothing to say. `sources` are the files that were compiled.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
  options: RenderOptions,
): string {
  const texts = new Map<string, SourceText>();
  const paint = options.color ? colored : plain;
  const parts = diagnostics.map((diagnostic) => {
    const path = diagnostic.place?.path;
    const source = sources.find((file) => file.path === path);
    if (path !== undefined && source !== undefined && !texts.has(path)) texts.set(path, new SourceText(source.text));
    return renderOne(diagnostic, path === undefined ? undefined : texts.get(path), paint, options.width);
  });
  return parts.join('\n');
}

function renderOne(
  diagnostic: Diagnostic,
  source: SourceText | undefined,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): string {
  const { severity, code, message, place, label } = diagnostic;
  const head = `${severity}[${code}]`;
  const [first = '', ...more] = wrap(displayText(message), width, head.length + 2, 2);
  const lines = [
    `${paint(severity, head)}${paint('bold', `: ${first}`)}`,
    ...more.map((line) => paint('bold', `  ${line}`)),
  ];
  let indent = ' ';
  if (place !== null && source !== undefined) {
    const framed = frame(place, source, label, paint, severity, width);
    indent = framed.indent;
    lines.push(...framed.lines);
  } else if (place !== null) {
    lines.push(`${indent} ${paint('frame', '┌─')} ${place.path}`);
  }
  for (const hint of diagnostic.hints) {
    const [begin = '', ...rest] = wrap(displayText(hint), width, indent.length + 3, indent.length + 3);
    lines.push(`${indent} ${paint('frame', '=')} ${begin}`, ...rest.map((line) => `${indent}   ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

function frame(
  place: Place,
  source: SourceText,
  label: string,
  paint: Paint,
  severity: Diagnostic['severity'],
  width: number,
) {
  const { line, column } = source.position(place.offset);
  const number = String(line);
  const indent = ' '.repeat(number.length);
  const whole = source.line(line);
  const begin = place.offset - source.lineStart(line);
  const end = Math.min(begin + Math.max(place.length, 1), Math.max(whole.length, begin + 1));
  const cut = cutLine(whole, begin, end, Math.max(least_cells, Math.min(most_cells, width - indent.length - 4)));
  const before = displayText(cut.before);
  const marked = displayText(cut.marked, displayWidth(before));
  const rest = displayText(cut.after, displayWidth(before) + displayWidth(marked));
  const marks = '^'.repeat(Math.max(1, displayWidth(marked)));
  return {
    indent,
    lines: [
      `${indent} ${paint('frame', '┌─')} ${place.path}:${line}:${column}`,
      `${number} ${paint('frame', '│')} ${before}${marked}${rest}`.trimEnd(),
      ...underlines(displayWidth(before), marks, label, width - indent.length - 3).map(
        ({ at, text }) => `${indent} ${paint('frame', '│')} ${' '.repeat(at)}${paint(severity, text)}`,
      ),
    ],
  };
}

/** The marks with the label beside them; where there is no room, below them. */
function underlines(at: number, marks: string, label: string, room: number): { at: number; text: string }[] {
  const text = displayText(label);
  if (text === '') return [{ at, text: marks }];
  if (at + marks.length + 1 + displayWidth(text) <= room) return [{ at, text: `${marks} ${text}` }];
  const beside = at + marks.length + 1;
  // Beside the marks while at least half of the line is left for it.
  const from = beside <= room / 2 ? beside : Math.min(at, Math.floor(room / 4));
  const lines = wrap(text, room, from, from);
  const [first = '', ...rest] = lines;
  const below = rest.map((line) => ({ at: from, text: line }));
  if (from === beside) return [{ at, text: `${marks} ${first}` }, ...below];
  return [{ at, text: marks }, { at: from, text: first }, ...below];
}

/** A sentence in lines of at most so many cells, of which the first begins `taken` and the others `indent` cells in. */
function wrap(text: string, width: number, taken: number, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const room = Math.max(least_cells, width - (lines.length === 0 ? taken : indent));
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The line in three parts, around what is marked; long ones shortened by dots on either side. */
function cutLine(
  line: string,
  begin: number,
  end: number,
  most: number,
): { before: string; marked: string; after: string } {
  let before = line.slice(0, begin);
  let marked = line.slice(begin, end);
  let after = line.slice(end);
  if (line.length > most) {
    const half = Math.floor(most / 2);
    if (before.length > half) before = `…${before.slice(1 - half)}`;
    const room = most - before.length;
    if (marked.length > room) {
      marked = `${marked.slice(0, room - 1)}…`;
      after = '';
    } else if (after.length > room - marked.length) {
      after = `${after.slice(0, Math.max(0, room - marked.length - 1))}…`;
    }
  }
  return { before, marked, after };
}

/** A diagnostic as JSON: lines and columns count from 1, `end_column` is the column behind the last character. */
export interface DiagnosticJson {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly label: string;
  readonly hints: readonly string[];
  readonly path: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly end_line: number | null;
  readonly end_column: number | null;
  /** As the Language Server Protocol counts: lines from 0, `character` in UTF-16 units of the line from 0. */
  readonly range: { readonly start: EditorPosition; readonly end: EditorPosition } | null;
  /** Offsets in the file's bytes (UTF-8), from 0; `end` is behind the last one. */
  readonly bytes: { readonly start: number; readonly end: number } | null;
}

interface EditorPosition {
  readonly line: number;
  readonly character: number;
}

/** For `--format json`, the API and the editor. */
export function diagnosticsToJson(
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceFile[],
): readonly DiagnosticJson[] {
  const texts = new Map(sources.map((file) => [file.path, new SourceText(file.text)]));
  return diagnostics.map(({ code, severity, message, label, hints, place }) => {
    const source = place === null ? undefined : texts.get(place.path);
    const start = place === null ? undefined : source?.position(place.offset);
    const end = place === null ? undefined : source?.position(place.offset + place.length);
    return {
      ...{ code, severity, message, label, hints, path: place?.path ?? null },
      ...{ line: start?.line ?? null, column: start?.column ?? null },
      ...{ end_line: end?.line ?? null, end_column: end?.column ?? null },
      ...editorPlaces(place, source),
    };
  });
}

function editorPlaces(place: Place | null, source: SourceText | undefined): Pick<DiagnosticJson, 'range' | 'bytes'> {
  if (place === null || source === undefined) return { range: null, bytes: null };
  const end = place.offset + place.length;
  return {
    range: { start: source.editorPosition(place.offset), end: source.editorPosition(end) },
    bytes: { start: source.byteOffset(place.offset), end: source.byteOffset(end) },
  };
}
