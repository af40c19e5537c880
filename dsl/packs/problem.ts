import type { Code } from '../diagnostics/catalogue.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

/** A stretch of a file's text, in UTF-16 units; `end` is behind its last character. */
export interface Placed {
  readonly start: number;
  readonly end: number;
}

/** An error in a file that is not SQL, in the one shape that all errors have. `hint` says what to do; '' for none. */
export function problemAt(
  code: Code,
  path: string,
  place: Placed,
  message: string,
  hint: string,
  label = '',
): Diagnostic {
  return {
    code,
    severity: 'error',
    message,
    place: { path, offset: place.start, length: Math.max(0, place.end - place.start) },
    label,
    hints: hint === '' ? [] : [hint],
  };
}

/** The line of a character offset, from 1. */
export function placeLine(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
