import type { IToken } from 'chevrotain';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { tokenSpan } from './cst.ts';
import { isName, wordAt } from './situation.ts';

/**
 * `x IN (SELECT y FROM v ...)`, with the EXISTS that it means written out: in a stream the question is not complete
 * without how far apart the two rows may lie. null when the token at which the parser stopped is not this SELECT.
 */
export function inSelect(tokens: readonly IToken[], index: number): Finding | null {
  if (wordAt(tokens, index) !== 'SELECT' || wordAt(tokens, index - 1) !== '(' || wordAt(tokens, index - 2) !== 'IN') {
    return null;
  }
  const isNegated = wordAt(tokens, index - 3) === 'NOT';
  const left = pathBefore(tokens, index - (isNegated ? 4 : 3));
  const from = tokens.findIndex((token, at) => at > index && token.image.toUpperCase() === 'FROM');
  const source = from === -1 ? 'events' : (tokens[from + 1]?.image ?? 'events');
  const inner = wordAt(tokens, from + 2) === 'AS' ? `${tokens[from + 3]?.image}.` : null;
  const right = pathFrom(tokens, index + 1) || left;
  const alias = aliasOfRows(tokens, index);
  const isOfAlias = left.startsWith(`${alias ?? 'e'}.`);
  const outer = isOfAlias ? left : `${alias ?? 'e'}.${left}`;
  const equality =
    left === ''
      ? 's.… = e.…'
      : `s.${inner !== null && right.startsWith(inner) ? right.slice(inner.length) : right} = ${outer}`;
  const not = isNegated ? 'NOT ' : '';
  return {
    code: 'W0011',
    span: tokenSpan(tokens[index] as IToken),
    message: `${not}IN (SELECT …) is written with ${not}EXISTS`,
    label: `write ${not}EXISTS (SELECT 1 FROM ${source} AS s WHERE ${equality} AND … WITHIN 10 MINUTES)`,
    hints: [
      'WITHIN says how far from this row the other one may lie: a stream never ends',
      ...(alias === null && !isOfAlias ? ['the rows of the rule need a name there: FROM events AS e'] : []),
      `a list that stands in a file: CREATE LOOKUP, and ${left || 'x'} ${not}IN LOOKUP name`,
    ],
  };
}

function pathBefore(tokens: readonly IToken[], end: number): string {
  if (!isName(tokens[end])) return '';
  let first = end;
  while (tokens[first - 1]?.image === '.' && isName(tokens[first - 2])) first -= 2;
  return imagesOf(tokens.slice(first, end + 1));
}

function pathFrom(tokens: readonly IToken[], first: number): string {
  if (!isName(tokens[first])) return '';
  let end = first;
  while (tokens[end + 1]?.image === '.' && isName(tokens[end + 2])) end += 2;
  return imagesOf(tokens.slice(first, end + 1));
}

function imagesOf(tokens: readonly IToken[]): string {
  return tokens.map(({ image }) => image).join('');
}

/** What the FROM before the place calls its rows; null when it gives them no name. */
function aliasOfRows(tokens: readonly IToken[], index: number): string | null {
  const from = tokens.slice(0, index).findLastIndex(({ image }) => image.toUpperCase() === 'FROM');
  return from !== -1 && wordAt(tokens, from + 2) === 'AS' ? (tokens[from + 3]?.image ?? null) : null;
}
