import { bounds } from './bounds.ts';

/** The n-th part of a text between delimiters, from 1 or, negative, from the end; '' beyond the last, NULL for 0. */
export function splitPart(text: string, delimiter: string, n: number): string | null {
  if (n === 0 || delimiter === '') return null;
  const parts = text.split(delimiter);
  return parts[n > 0 ? n - 1 : parts.length + n] ?? '';
}

/** Replaces every occurrence; NULL when the result would be longer than a text may be. */
export function replaceText(text: string, from: string, to: string): string | null {
  if (from === '') return text;
  const parts = text.split(from);
  const length = text.length + (parts.length - 1) * (to.length - from.length);
  return length > bounds.text_units ? null : parts.join(to);
}
