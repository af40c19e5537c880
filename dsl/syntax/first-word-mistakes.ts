import { nearest } from '../diagnostics/suggest.ts';
import { here, isName, type Mistake, wordAt } from './situation.ts';

/** What CREATE makes. */
const kinds = ['STREAM', 'RULE', 'VIEW', 'TABLE', 'LOOKUP', 'EXCEPTION', 'FUNCTION'];

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

/** What people misspell in the first two words of a statement. */
export const firstWordMistakes: readonly Mistake[] = [firstWord, kindOfStatement];
