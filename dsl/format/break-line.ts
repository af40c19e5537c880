import { isClauseHead } from './clauses.ts';
import type { Piece } from './pieces.ts';

/** Pieces [from, to) of a file on one line. */
export interface Line {
  readonly from: number;
  readonly to: number;
  readonly empty_before: boolean;
}

const columns_max = 120;

/** A line that is too long as several: before its clauses where it has some, else before AND, OR and behind commas. */
export function breakLine(pieces: readonly Piece[], line: Line, length: number): Line[] {
  if (length <= columns_max) return [line];
  const clauses = cut(pieces, line, (i) => isClauseHead(pieces, i));
  if (clauses.length > 1) return clauses.flatMap((part) => breakLine(pieces, part, lengthOf(pieces, part)));
  const { from } = line;
  const parts = cut(pieces, line, (i) => ['AND', 'OR'].includes(pieces[i].upper) && !isOfBetween(pieces, from, i));
  return parts.length > 1 ? parts : cut(pieces, line, (i) => pieces[i - 1].upper === ',');
}

/** Cuts a line before pieces that stand in no bracket of it. */
function cut(pieces: readonly Piece[], line: Line, isBefore: (at: number) => boolean): Line[] {
  const parts: Line[] = [];
  let { from } = line;
  let depth = 0;
  for (let i = line.from; i < line.to; i++) {
    const { upper, kind } = pieces[i];
    if (i > from && depth === 0 && !kind.endsWith('_comment') && isBefore(i)) {
      parts.push({ from, to: i, empty_before: from === line.from && line.empty_before });
      from = i;
    }
    if (['(', '[', 'CASE'].includes(upper)) depth++;
    // A line may begin in a bracket that it closes.
    else if ([')', ']', 'END'].includes(upper)) depth = Math.max(0, depth - 1);
  }
  parts.push({ from, to: line.to, empty_before: from === line.from && line.empty_before });
  return parts;
}

function isOfBetween(pieces: readonly Piece[], from: number, at: number): boolean {
  for (let i = at - 1; i >= from; i--) {
    if (pieces[i].upper === 'BETWEEN') return true;
    if (['AND', 'OR'].includes(pieces[i].upper)) return false;
  }
  return false;
}

function lengthOf(pieces: readonly Piece[], { from, to }: Line): number {
  let length = 0;
  for (let i = from; i < to; i++) length += pieces[i].text.length + 1;
  return length;
}
