import type { Piece } from './pieces.ts';

/** Words behind which a bracket is no call: `FILTER (WHERE ...)`, `OVER (...)`. */
const clauseWords = new Set(['FILTER', 'OVER', 'WITHIN', 'KEYS', 'KEY', 'OFFSET']);
/** `CREATE LOOKUP nets (...)`: what stands before the name. */
const definitions = new Set(['STREAM', 'LOOKUP', 'TABLE']);

/** Whether a space stands between a piece and the one before it on the same line. */
export function hasSpace(pieces: readonly Piece[], at: number): boolean {
  const piece = pieces[at];
  const before = pieces[at - 1];
  if (before === undefined) return false;
  if ([',', ')', ']', '.', '::', '['].includes(piece.upper) || piece.kind === 'semicolon') return false;
  if (['(', '[', '.', '::'].includes(before.upper)) return false;
  if (piece.upper === '(') return !isCall(pieces, at);
  return !isSign(pieces, at - 1) || piece.upper === '-';
}

function isCall(pieces: readonly Piece[], at: number): boolean {
  const before = pieces[at - 1];
  if (before.kind !== 'word') return false;
  if (pieces[at - 2]?.upper === '.') return true;
  return !clauseWords.has(before.upper) && !definitions.has(pieces[at - 2]?.upper ?? '');
}

/** Whether a minus (or plus) stands before its only operand. */
function isSign(pieces: readonly Piece[], at: number): boolean {
  const sign = pieces[at];
  if (sign.upper !== '-' && sign.upper !== '+') return false;
  const before = pieces[at - 1];
  if (before === undefined) return true;
  return before.kind === 'symbol'
    ? ![')', ']', '*'].includes(before.upper)
    : before.kind === 'reserved' && before.upper !== 'END';
}
