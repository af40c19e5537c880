import { here, isInBrackets, isName, type Mistake, wordAt } from './situation.ts';

/** `CREATE LOOKUP owners FROM 'owners.csv'`, `... AS SELECT`: what is known beforehand has columns and a file. */
const lookupForm: Mistake = (s) => {
  if (wordAt(s.tokens, 1) !== 'LOOKUP' || s.index !== 3 || s.expected !== '`(`') return null;
  const name = s.tokens[2]?.image ?? 'name';
  const file = s.tokens.find(({ tokenType }) => tokenType.name === 'Text')?.image ?? `'${name}.csv'`;
  return {
    span: here(s),
    message: 'a lookup says its columns and its file',
    label: `write CREATE LOOKUP ${name} (account_id string PRIMARY KEY, owner string) WITH (source = ${file})`,
    hints: [
      'PRIMARY KEY stands at the column by which a row is found: a string, int, bool, ip or cidr',
      ...(s.word === 'AS' ? ['rows that are computed from events are a CREATE TABLE'] : []),
    ],
  };
};

/** Two fields of a CREATE STREAM, or two columns of a CREATE LOOKUP, without a comma between them. */
const missingCommaInList: Mistake = (s) => {
  const isList = ['STREAM', 'LOOKUP'].includes(wordAt(s.tokens, 1)) && wordAt(s.tokens, 3) === '(';
  if (!isList || !isInBrackets(s) || !isName(s.tokens[s.index]) || !isName(s.tokens[s.index + 1] ?? undefined)) {
    const isPath = isList && isInBrackets(s) && isName(s.tokens[s.index]) && s.next === '.';
    if (!isPath) return null;
  }
  return {
    span: here(s),
    message: `a comma is missing before \`${s.tokens[s.index]?.image}\``,
    label: 'write `,` before it',
  };
};

/** `CREATE STREAM s (id VARCHAR KEY, …)`, as ksqlDB writes it. */
const keyOfStream: Mistake = (s) => {
  if (!['KEY', 'PRIMARY'].includes(s.word) || wordAt(s.tokens, 1) !== 'STREAM' || !isInBrackets(s)) return null;
  const hints = ['GROUP BY and JOIN … ON say by what rows belong together'];
  if (s.tokens.some((_, i) => wordAt(s.tokens, i) === 'WITH')) {
    hints.push('WITH (…) goes, too: a stream does not say where its events come from');
  }
  return {
    span: here(s),
    message: 'a stream has no key',
    label: `remove ${s.word === 'KEY' ? 'KEY' : 'PRIMARY KEY'}`,
    hints,
  };
};

/** `BECAUSE 'why' VALID TO '2026-11-01'`. */
const validBehindBecause: Mistake = (s) => {
  if (s.word !== 'VALID' || wordAt(s.tokens, 1) !== 'EXCEPTION' || wordAt(s.tokens, s.index - 2) !== 'BECAUSE')
    return null;
  return { span: here(s), message: 'VALID stands before BECAUSE', label: 'move it before BECAUSE' };
};

/** What people get wrong about declarations: streams, lookups, exceptions. */
export const declarationMistakes: readonly Mistake[] = [
  ...[lookupForm, missingCommaInList, keyOfStream, validBehindBecause],
];
