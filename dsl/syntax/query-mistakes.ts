import { nearest } from '../diagnostics/suggest.ts';
import { tokenSpan } from './cst.ts';
import { before, here, isName, type Mistake, type Situation, wordAt } from './situation.ts';

/** `WITH v AS SELECT ...`. */
const bracketsMissing: Mistake = (s) => {
  if (s.before !== 'AS' || s.expected !== '`(`' || s.word !== 'SELECT') return null;
  return { span: here(s), message: 'a SELECT of WITH stands in brackets', label: 'write WITH name AS (SELECT …)' };
};

/** `WITH v AS (...) w AS (...)`. */
const commaMissing: Mistake = (s) => {
  if (s.before !== ')' || s.expected !== 'SELECT' || s.next !== 'AS') return null;
  return {
    span: before(s),
    message: 'a comma is missing between two views of WITH',
    label: 'write `,` behind this bracket',
  };
};

/** `FROM (SELECT ...) x`. */
const aliasWithoutAs: Mistake = (s) => {
  const token = s.tokens[s.index];
  if (s.before !== ')' || token === undefined || !isName(token) || !closesSource(s)) return null;
  if (nearest(s.word, ['WHERE', 'GROUP BY', 'WINDOW', 'HAVING']) !== null) return null;
  const message = `a subquery gets its name with AS: \`AS ${token.image}\``;
  return { span: here(s), message, label: 'write AS before it' };
};

/** Whether the bracket before was opened behind FROM or JOIN. */
function closesSource({ tokens, index }: Situation): boolean {
  let depth = 0;
  for (let i = index - 1; i >= 0; i--) {
    const { image } = tokens[i] as (typeof tokens)[0];
    if (image === ')') depth++;
    else if (image === '(') depth--;
    if (depth === 0) return ['FROM', 'JOIN'].includes(wordAt(tokens, i - 1));
  }
  return false;
}

/** `EXISTS (SELECT 1 FROM x AS s WITHIN … WHERE …)`, as it stands in a JOIN. */
const withinBeforeWhere: Mistake = (s) => {
  if (s.expected !== '`)`' || s.word !== 'WHERE') return null;
  let depth = 0;
  let within = -1;
  for (let i = s.index - 1; i >= 0; i--) {
    const { image } = s.tokens[i] as (typeof s.tokens)[0];
    if (image === ')') depth++;
    else if (image === '(' && --depth < 0) {
      if (within < 0 || wordAt(s.tokens, i - 1) !== 'EXISTS') return null;
      return {
        span: tokenSpan(s.tokens[within] as (typeof s.tokens)[0]),
        message: 'WITHIN of EXISTS stands behind its WHERE',
        label: 'move it before the last bracket',
        hints: ['EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id AND … WITHIN 10 MINUTES)'],
      };
    } else if (depth === 0 && image.toUpperCase() === 'WITHIN') within = i;
  }
  return null;
};

/** What people get wrong about WITH and about SELECTs in brackets. */
export const queryMistakes: readonly Mistake[] = [bracketsMissing, commaMissing, aliasWithoutAs, withinBeforeWhere];
