import type { IToken } from 'chevrotain';
import { spanFrom } from '../diagnostics/diagnostic.ts';
import { tokenSpan } from './cst.ts';
import { header, here, isName, type Mistake, type Situation, wordAt } from './situation.ts';

/** `SELECT TOP 10 x`, `SELECT TOP (10) x`: how SQL Server writes LIMIT. */
const topRows: Mistake = (s) => {
  const isBare = s.before === 'TOP' && wordAt(s.tokens, s.index - 2) === 'SELECT';
  const isBracketed = s.before === ')' && wordsBehind(s, 5, 'SELECT', 'TOP', '(') && isName(s.tokens[s.index]);
  const number = s.tokens[isBare ? s.index : s.index - 2];
  if ((!isBare && !isBracketed) || number?.tokenType.name !== 'Number') return null;
  const first = s.tokens[s.index - (isBare ? 1 : 4)] as IToken;
  return {
    span: spanFrom(tokenSpan(first), tokenSpan(s.tokens[isBare ? s.index : s.index - 1] as IToken)),
    message: 'TOP has no meaning on a stream, which has no end',
    label: 'remove it: rows come in the order of event time',
    hints: [
      'fewer detections: SUPPRESS BY key FOR 1 HOUR',
      `the ${number.image} most frequent values of a window: top(x, ${number.image}) AS most`,
    ],
  };
};

/** Whether these words stand there, the first one `back` before the token at which the parser stopped. */
function wordsBehind({ tokens, index }: Situation, back: number, ...words: readonly string[]): boolean {
  return words.every((word, i) => wordAt(tokens, index - back + i) === word);
}

const isRule = { kind: 'RULE', hint: 'what a rule finds is a detection: CREATE RULE name SEVERITY high AS SELECT …' };
const isTable = {
  kind: 'TABLE',
  hint: 'its rows are kept: CREATE TABLE name AS SELECT … WINDOW TUMBLING 1 HOUR; a step that other rules read is CREATE VIEW name AS SELECT …',
};
const kinds: ReadonlyMap<string, typeof isRule> = new Map([
  ...['ALERT', 'DETECTION', 'DETECTOR', 'MONITOR', 'TRIGGER', 'ALARM', 'SIGNAL', 'QUERY'].map(
    (word) => [word, isRule] as const,
  ),
  ['MATERIALIZED', isTable],
]);

/** `CREATE ALERT x`, `CREATE MATERIALIZED VIEW x`. */
const kindOfOthers: Mistake = (s) => {
  const meant = kinds.get(s.word);
  if (s.index !== 1 || s.before !== 'CREATE' || meant === undefined) return null;
  const words = s.word === 'MATERIALIZED' && s.next === 'VIEW' ? `${s.word} VIEW` : s.word;
  return {
    span: here(s),
    message: `CREATE makes no ${words}`,
    label: `write CREATE ${meant.kind}`,
    hints: [meant.hint],
  };
};

/** `JOIN b USING (account_id)`. */
const using: Mistake = (s) => {
  if (s.word !== 'USING') return null;
  const [left, right] = ['FROM', 'JOIN'].map((word) => aliasBehind(s, word));
  const close = s.tokens.findIndex(({ image }, i) => i > s.index && image === ')');
  const columns = s.tokens
    .slice(s.index + 2, Math.max(close, 0))
    .map(({ image }) => image)
    .join('')
    .split(',')
    .filter((column) => column !== '');
  const equal = (columns.length === 0 ? ['account_id'] : columns).map(
    (column) => `${right ?? 'b'}.${column} = ${left ?? 'a'}.${column}`,
  );
  return { span: here(s), message: 'a JOIN has no USING', label: `write ON ${equal.join(' AND ')}` };
};

/** The name by which the last source behind FROM or JOIN is called; null: there is none. */
function aliasBehind({ tokens, index }: Situation, word: string): string | null {
  let at = tokens.slice(0, index).findLastIndex(({ image }) => image.toUpperCase() === word) + 1;
  if (at === 0 || !isName(tokens[at])) return null;
  while (tokens[at + 1]?.image === '.') at += 2;
  return (wordAt(tokens, at + 1) === 'AS' ? tokens[at + 2] : tokens[at])?.image ?? null;
}

/** `CREATE RULE r AS SEVERITY high SELECT …`. */
const headerBehindAs: Mistake = (s) => {
  if (s.before !== 'AS' || s.index !== 4 || wordAt(s.tokens, 1) !== 'RULE') return null;
  if (![...header, 'PARAM'].includes(s.word)) return null;
  return {
    span: here(s),
    message: `${s.word} belongs to the head of the rule`,
    label: 'move it before AS, behind the name of the rule',
  };
};

/** `SLIDING -5 MINUTES`. */
const negativeDuration: Mistake = (s) => {
  const [number, unit] = [s.tokens[s.index + 1], s.tokens[s.index + 2]];
  if (s.word !== '-' || number?.tokenType.name !== 'Number' || !s.expected.includes('INTERVAL')) return null;
  const isWhole = unit?.tokenType.name === 'Unit';
  return {
    span: spanFrom(here(s), tokenSpan(isWhole ? unit : number)),
    message: 'a length of time is not negative',
    label: `write ${number.image}${isWhole ? ` ${unit.image}` : ''}`,
    hints: s.before === 'SLIDING' ? ['a SLIDING window ends at each event and looks back from there'] : [],
  };
};

/** What other dialects of SQL and other systems write in these places. */
export const otherSql: readonly Mistake[] = [topRows, kindOfOthers, using, headerBehindAs, negativeDuration];
