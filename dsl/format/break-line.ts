import { isClauseHead } from './clauses.ts';
import { isQuery, type Piece } from './pieces.ts';

/** Pieces [from, to) of a file on one line. */
export interface Line {
  readonly from: number;
  readonly to: number;
  readonly empty_before: boolean;
}

const columns_max = 120;

/**
 * A line that is too long as several: before its clauses where it has some, else before AND, OR, inside of a bracket with a
 * SELECT, behind commas, inside of its longest bracket. What is told of a line must be told of it when it is formatted
 * once more: each part is asked again.
 */
export function breakLine(pieces: readonly Piece[], line: Line, lengthOf: LengthOf): Line[] {
  if (lengthOf(line) <= columns_max) return [line];
  const again = (parts: readonly Line[]) => parts.flatMap((part) => breakLine(pieces, part, lengthOf));
  const clauses = cut(pieces, line, (i) => isClauseHead(pieces, i));
  if (clauses.length > 1) return again(clauses);
  const { from } = line;
  const parts = cut(pieces, line, (i) => ['AND', 'OR'].includes(pieces[i].upper) && !isOfBetween(pieces, from, i));
  if (parts.length > 1) return again(parts);
  const query = bracketOf(pieces, line, (open) => isQuery(pieces[open + 1]));
  if (query !== null) return again(breakBracket(pieces, line, query));
  const items = cut(pieces, line, (i) => pieces[i - 1].upper === ',');
  if (items.length > 1) return again(items);
  const bracket = bracketOf(pieces, line, () => true);
  return bracket === null ? [line] : again(breakBracket(pieces, line, bracket));
}

/** How long a line is when it is written, without its indentation. */
type LengthOf = (line: Line) => number;

/** A bracket that opens and closes in a line. */
interface Bracket {
  readonly open: number;
  readonly close: number;
}

/** The longest of those that stand in no other one. */
function bracketOf(pieces: readonly Piece[], { from, to }: Line, isWanted: (open: number) => boolean): Bracket | null {
  let longest: Bracket | null = null;
  let open = from;
  let depth = 0;
  for (let i = from; i < to; i++) {
    const { upper } = pieces[i];
    if (upper === '(' && depth++ === 0) open = i;
    else if (upper === ')' && depth > 0 && --depth === 0 && isWanted(open)) {
      if (longest === null || i - open > longest.close - longest.open) longest = { open, close: i };
    }
  }
  return longest === null || longest.close - longest.open < 4 ? null : longest;
}

/** What is in the bracket on lines of its own, by clauses or items, and the bracket that closes it before the rest. */
function breakBracket(pieces: readonly Piece[], line: Line, { open, close }: Bracket): Line[] {
  const inside = { from: open + 1, to: close, empty_before: false };
  const clauses = cut(pieces, inside, (i) => isClauseHead(pieces, i));
  const items = cut(pieces, inside, (i) => pieces[i - 1].upper === ',');
  const rest = { from: close, to: line.to, empty_before: false };
  return [{ ...line, to: open + 1 }, ...(clauses.length > 1 ? clauses : items), rest];
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
