import { nearest } from '../diagnostics/suggest.ts';
import { here, isName, type Mistake, wordAt } from './situation.ts';
import { reserved } from './tokens.ts';

/** What CREATE makes. */
const kinds = ['STREAM', 'RULE', 'VIEW', 'TABLE', 'LOOKUP', 'EXCEPTION', 'FUNCTION'];

/** Words of an inner statement that are worth showing. */
const most_shown = 5;

/** `CREAT RULE x`, and `RULE x` without any CREATE. */
const firstWord: Mistake = (s) => {
  const token = s.tokens[0];
  if (s.index !== 0 || !isName(token)) return null;
  const message = `no statement begins with \`${token?.image}\``;
  if (kinds.includes(s.word)) return { span: here(s), message, label: `write CREATE ${s.word}` };
  const close = nearest(s.word, ['CREATE', 'TUNE']);
  return close === null ? null : { span: here(s), message, label: `did you mean ${close}?` };
};

/** `CREATE TABEL x`. */
const kindOfStatement: Mistake = (s) => {
  const token = s.tokens[1];
  if (s.index !== 1 || wordAt(s.tokens, 0) !== 'CREATE' || !isName(token)) return null;
  const close = nearest(s.word, kinds);
  if (close === null) return null;
  return { span: here(s), message: `CREATE makes no \`${token?.image}\``, label: `did you mean ${close}?` };
};

/** `CREATE RULE r AS CREATE STREAM s AS SELECT …`, `CREATE RULE r AS INSERT INTO t SELECT …`: what ksqlDB and Flink run. */
const statementBehindAs: Mistake = (s) => {
  if (s.before !== 'AS' || (s.word !== 'CREATE' && s.word !== 'INSERT')) return null;
  const rest = s.tokens.slice(s.index);
  const query = rest.findIndex(({ tokenType }) => tokenType === reserved.SELECT);
  const inner = rest.slice(0, Math.max(query, 0)).map(({ image }) => image);
  const shown = inner.length > most_shown ? [...inner.slice(0, 3), '…'] : inner;
  return {
    span: here(s),
    message: `behind AS stands the SELECT itself, and no ${s.word}`,
    label: query === -1 ? 'write SELECT … FROM events' : `remove \`${shown.join(' ')}\``,
    hints:
      s.word === 'CREATE'
        ? ['what a rule reads is a statement of its own before it: CREATE VIEW name AS SELECT …;']
        : [],
  };
};

/** What people misspell in the first two words of a statement, and a whole statement in the place of a SELECT. */
export const firstWordMistakes: readonly Mistake[] = [firstWord, kindOfStatement, statementBehindAs];
