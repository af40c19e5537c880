import type { Diagnostic, Place, SourceFile } from './diagnostic.ts';
import { SourceText } from './source-text.ts';
import { displayText, displayWidth } from './width.ts';

export interface RenderOptions {
  /** Whether to use ANSI colours; the text is the same without them. */
  readonly color: boolean;
}

type Paint = (style: 'error' | 'warning' | 'frame' | 'bold', text: string) => string;

const sgr = { error: '1;31', warning: '1;33', frame: '34', bold: '1' } as const;
const plain: Paint = (_style, text) => text;
const colored: Paint = (style, text) => (text === '' ? '' : `\u001b[${sgr[style]}m${text}\u001b[0m`);

/** More of a line than this is cut around the underline: generated files have very long lines. */
const most_cells = 160;

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
    return renderOne(diagnostic, path === undefined ? undefined : texts.get(path), paint);
  });
  return parts.join('\n');
}

function renderOne(diagnostic: Diagnostic, source: SourceText | undefined, paint: Paint): string {
  const { severity, code, message, place, label } = diagnostic;
  const lines = [`${paint(severity, `${severity}[${code}]`)}${paint('bold', `: ${displayText(message)}`)}`];
  let indent = ' ';
  if (place !== null && source !== undefined) {
    const framed = frame(place, source, label, paint, severity);
    indent = framed.indent;
    lines.push(...framed.lines);
  } else if (place !== null) {
    lines.push(`${indent} ${paint('frame', '┌─')} ${place.path}`);
  }
  for (const hint of diagnostic.hints) lines.push(`${indent} ${paint('frame', '=')} ${displayText(hint)}`);
  return `${lines.join('\n')}\n`;
}

function frame(place: Place, source: SourceText, label: string, paint: Paint, severity: Diagnostic['severity']) {
  const { line, column } = source.position(place.offset);
  const number = String(line);
  const indent = ' '.repeat(number.length);
  const whole = source.line(line);
  const begin = place.offset - source.lineStart(line);
  const end = Math.min(begin + Math.max(place.length, 1), Math.max(whole.length, begin + 1));
  const cut = cutLine(whole, begin, end);
  const before = displayText(cut.before);
  const marked = displayText(cut.marked, displayWidth(before));
  const rest = displayText(cut.after, displayWidth(before) + displayWidth(marked));
  const marks = '^'.repeat(Math.max(1, displayWidth(marked)));
  const under = `${' '.repeat(displayWidth(before))}${paint(severity, label === '' ? marks : `${marks} ${label}`)}`;
  return {
    indent,
    lines: [
      `${indent} ${paint('frame', '┌─')} ${place.path}:${line}:${column}`,
      `${number} ${paint('frame', '│')} ${before}${marked}${rest}`.trimEnd(),
      `${indent} ${paint('frame', '│')} ${under}`,
    ],
  };
}

/** The line in three parts, around what is marked; long ones shortened by dots on either side. */
function cutLine(line: string, begin: number, end: number): { before: string; marked: string; after: string } {
  let before = line.slice(0, begin);
  let marked = line.slice(begin, end);
  let after = line.slice(end);
  if (line.length > most_cells) {
    if (before.length > most_cells / 2) before = `…${before.slice(-most_cells / 2)}`;
    if (marked.length > most_cells / 2) {
      marked = `${marked.slice(0, most_cells / 2)}…`;
      after = '';
    }
    if (after.length > most_cells / 4) after = `${after.slice(0, most_cells / 4)}…`;
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
