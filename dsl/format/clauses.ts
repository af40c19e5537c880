import type { Piece } from './pieces.ts';

const reservedHeads = new Set(['SELECT', 'FROM', 'WHERE', 'GROUP', 'HAVING', 'JOIN', 'UNION']);
const selectHeads = new Set([
  ...['WINDOW', 'ENTITY', 'SUPPRESS', 'RISK', 'SEVERITY', 'ESCALATE', 'UPDATE', 'CLOSE', 'EVIDENCE', 'RESPOND', 'EMIT'],
  ...['STATE', 'RETENTION', 'QUALIFY', 'LEFT', 'CROSS'],
]);

/**
 * Whether a word begins a clause of a SELECT or of its footer. Most of these words are also names: one that stands where
 * a name can stand (behind a comma, an operator, AS, BY, ...) is none.
 */
export function isClauseHead(pieces: readonly Piece[], at: number): boolean {
  const { upper, kind } = pieces[at];
  if (pieces[at - 1]?.upper === '.') return false;
  if (upper === 'JOIN' && ['LEFT', 'CROSS'].includes(pieces[at - 1]?.upper ?? '')) return false;
  if (upper === 'WITH' && kind === 'reserved') return beginsQuery(pieces, at);
  if (kind === 'reserved' && reservedHeads.has(upper)) return upper !== 'FROM' || pieces[at - 1]?.upper !== 'DISTINCT';
  if (upper === 'WITHIN' && kind === 'word') return isDistance(pieces, at) && isBehindWhere(pieces, at);
  return kind === 'word' && selectHeads.has(upper) && endsExpression(pieces, at - 1) && beginsClause(pieces, at + 1);
}

/** WITH before a SELECT, and not WITH EMPTY or the source of a lookup. */
function beginsQuery(pieces: readonly Piece[], at: number): boolean {
  const before = pieces.slice(0, at).findLast(({ kind }) => !kind.endsWith('_comment'));
  return before?.upper === '(' || before?.upper === 'AS';
}

/** WITHIN n, WITHIN (BEFORE a, AFTER b): whether a word is one of its keywords. */
function isDistance(pieces: readonly Piece[], at: number): boolean {
  const [before, piece, next] = [pieces[at - 1], pieces[at], pieces[at + 1]];
  const isNumber = next?.kind === 'text' && /^\d/.test(next.text);
  if (piece.upper === 'WITHIN')
    return (
      (isNumber || next?.upper === '(') &&
      (before?.kind === 'text' || before?.kind === 'word' || endsExpression(pieces, at - 1))
    );
  return (piece.upper === 'BEFORE' || piece.upper === 'AFTER') && isNumber && ['(', ','].includes(before?.upper ?? '');
}

/** The WITHIN of an EXISTS ends its SELECT; that of a JOIN stands before its ON. */
function isBehindWhere(pieces: readonly Piece[], at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    if (pieces[i].kind !== 'reserved') continue;
    if (pieces[i].upper === 'WHERE') return true;
    if (pieces[i].upper === 'JOIN' || pieces[i].upper === 'CREATE') return false;
  }
  return false;
}

/** Whether what comes before a place is complete, so that a name cannot stand there. */
function endsExpression(pieces: readonly Piece[], at: number): boolean {
  let place = at;
  while (pieces[place]?.kind.endsWith('_comment')) place--;
  const piece = pieces[place];
  if (piece === undefined) return false;
  if (piece.kind === 'reserved') return ['END', 'NULL', 'TRUE', 'FALSE'].includes(piece.upper);
  return piece.kind === 'symbol' ? [')', ']'].includes(piece.upper) : piece.kind !== 'semicolon';
}

/** A name is followed by an operator, a comma or a dot; the first word of a clause by what it is about. */
function beginsClause(pieces: readonly Piece[], at: number): boolean {
  const piece = pieces[at];
  return piece !== undefined && piece.kind !== 'semicolon' && (piece.kind !== 'symbol' || piece.upper === '(');
}
