import type { IToken } from 'chevrotain';
import { type Finding, spanFrom } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { tokenSpan } from './cst.ts';
import { declarationMistakes } from './declaration-mistakes.ts';
import { firstWordMistakes } from './first-word-mistakes.ts';
import { foreignTestForms, formMistakes } from './form-mistakes.ts';
import { otherSql } from './other-sql.ts';
import { queryMistakes } from './query-mistakes.ts';
import {
  clauses,
  footer,
  header,
  here,
  isInBrackets,
  isName,
  type Mistake,
  type Situation,
  wordAt,
} from './situation.ts';
import { reserved } from './tokens.ts';
import { durationInText, writtenDuration } from './written-duration.ts';

const missingSemicolon: Mistake = (s) => {
  // Behind AS it is another mistake (first-word-mistakes.ts).
  if (s.word !== 'CREATE' || s.index === 0 || s.before === 'AS') return null;
  return { span: here(s), message: 'a `;` is missing before this CREATE', label: 'every statement ends with `;`' };
};

const foreignOperators: Record<string, string> = { '==': '=', '&&': 'AND', '|': '||', '^': 'power(a, b)' };

const foreignOperator: Mistake = (s) => {
  if (s.word === '->' || s.word === '->>') {
    const label = "write details.x or details['odd key']";
    return { span: here(s), message: `\`${s.word}\` is not how a field is reached`, label };
  }
  const instead = foreignOperators[s.word];
  if (instead === undefined) return null;
  return { span: here(s), message: `\`${s.word}\` is no operator of SQL`, label: `write \`${instead}\`` };
};

/** `details.x[0].y`: a path leads to a list, and an element of a list is a text. */
const fieldOfElement: Mistake = (s) => {
  if (s.word !== '.' || s.before !== ']') return null;
  const open = s.tokens.slice(0, s.index).findLastIndex(({ image }) => image === '[');
  let first = open - 1;
  while (s.tokens[first - 1]?.image === '.') first -= 2;
  const images = s.tokens.map(({ image }) => image);
  const [list, element] = [images.slice(first, open).join(''), images.slice(first, s.index).join('')];
  const name = images[s.index + 1] ?? '';
  return {
    span: here(s),
    message: 'a path ends at an element of a list, which is a text: of an object its JSON',
    label: `write regexp_extract(${element}, '"${name}":"([^"]*)"')`,
    hints: [`whether any element has it: ANY(${list}) ~ '"${name}":"…"'`],
  };
};

/** `15m`, `1h`: the unit glued to the number, or one that is no word of the language. */
const shortUnit: Mistake = (s) => {
  const number = s.tokens[s.index - 1];
  // A unit that is written out stands where it does not belong, and is no mistake of this kind.
  if (number?.tokenType.name !== 'Number' || s.tokens[s.index]?.tokenType.name === 'Unit') return null;
  const duration = writtenDuration(number.image, s.word);
  if (duration === null) return null;
  return {
    span: spanFrom(tokenSpan(number), here(s)),
    message: `\`${number.image}${(s.tokens[s.index] as IToken).image}\` is not how a duration is written`,
    label: `write ${duration}`,
  };
};

const missingUnit: Mistake = (s) => {
  if (!s.expected.startsWith('a unit of time') || s.before === '') return null;
  const number = s.tokens[s.index - 1] as IToken;
  const inside = durationInText(number.image);
  if (inside !== null) {
    const isInterval = wordAt(s.tokens, s.index - 2) === 'INTERVAL';
    const first = isInterval ? (s.tokens[s.index - 2] as IToken) : number;
    return {
      span: spanFrom(tokenSpan(first), tokenSpan(number)),
      message: 'the unit of time stands behind the quotes',
      label: `write ${inside}`,
    };
  }
  return {
    span: tokenSpan(number),
    message: `${number.image} of what?`,
    label: `write a unit of time after it: ${number.image} SECONDS`,
    hints: ['units: MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS, WEEKS'],
  };
};

const trailingComma: Mistake = (s) => {
  if (s.before !== ',' || !['', ')', ...clauses].includes(s.word)) return null;
  const what = s.word === '' ? 'the end' : `\`${s.word}\``;
  return {
    span: tokenSpan(s.tokens[s.index - 1] as IToken),
    message: `a comma with nothing between it and ${what}`,
    label: 'remove it, or write what is missing',
  };
};

/** `count(*) failures` and `FROM events e`: the language wants the AS that SQL leaves out. */
const missingAs: Mistake = (s) => {
  const token = s.tokens[s.index];
  if (!isName(token) || s.expected !== 'FROM' || s.next === '(' || s.next === '.') return null;
  if (Object.hasOwn(foreignTestForms, s.word) && /^['(]|^TO$/.test(s.next)) return null;
  const name = (token as IToken).image;
  return {
    span: here(s),
    message: `an alias needs AS: \`AS ${name}\``,
    label: `write AS ${name}, or a comma before it if it is a column of its own`,
  };
};

/** `FROM events AS a, events AS b WHERE …`: two streams need to be told how far their rows may be apart. */
const commaJoin: Mistake = (s) => {
  if (s.word !== ',' || s.next === 'UNNEST' || isInBrackets(s)) return null;
  let from = s.index - 1;
  while (from > 0 && (isName(s.tokens[from]) || ['AS', '.'].includes(wordAt(s.tokens, from)))) from--;
  if (wordAt(s.tokens, from) !== 'FROM' || from === s.index - 1) return null;
  return {
    span: here(s),
    message: 'streams are not joined with a comma',
    label: 'write JOIN … WITHIN …',
    hints: [
      'FROM events AS a JOIN events AS b WITHIN 10 MINUTES ON b.account_id = a.account_id WHERE …',
      'WITHIN is how far the two rows are apart at most; (AFTER 10 MINUTES): the right one comes after the left one',
    ],
  };
};

const missingTableAs: Mistake = (s) => {
  const token = s.tokens[s.index];
  if (!isName(token) || wordAt(s.tokens, s.index - 2) !== 'FROM') return null;
  if ([...clauses, ...header, ...footer].includes(s.word)) return null;
  const close = nearest(s.word, ['WHERE', 'GROUP BY', 'WINDOW', 'HAVING']);
  const name = (token as IToken).image;
  if (close !== null)
    return { span: here(s), message: `\`${name}\` cannot stand here`, label: `did you mean ${close}?` };
  return { span: here(s), message: `an alias needs AS: \`AS ${name}\``, label: `write FROM events AS ${name}` };
};

const missingComma: Mistake = (s) => {
  if (!isName(s.tokens[s.index]) || s.expected !== 'FROM') return null;
  return { span: here(s), message: 'a comma is missing before this column', label: 'write `,` before it' };
};

/** A clause of SELECT that stands after one which it must precede. */
const wrongOrder: Mistake = (s) => {
  const rank = clauses.indexOf(s.word);
  if (rank === -1 || isInBrackets(s)) return null;
  // CREATE, RULE and its name, which may be a word like `window`.
  const seen = s.tokens.slice(3, s.index).map((token) => token.image.toUpperCase());
  const later = clauses.slice(rank).find((clause) => seen.includes(clause));
  if (later === undefined) {
    const back = footer.find((word) => seen.includes(word) && seen.includes('FROM'));
    if (back === undefined) return null;
    const hint = 'the order is SELECT, FROM, WHERE, GROUP BY, WINDOW, HAVING, then what follows the SELECT';
    return {
      span: here(s),
      message: `${s.word} stands before ${back}`,
      label: `move it before ${back}`,
      hints: [hint],
    };
  }
  if (later === s.word) return { span: here(s), message: `a second ${s.word}`, label: 'a SELECT has one' };
  return {
    span: here(s),
    message: `${s.word === 'GROUP' ? 'GROUP BY' : s.word} stands before ${later === 'GROUP' ? 'GROUP BY' : later}`,
    label: `move it before ${later === 'GROUP' ? 'GROUP BY' : later}`,
    hints: ['the order is SELECT, FROM, WHERE, GROUP BY, WINDOW, HAVING'],
  };
};

const headerAfterSelect: Mistake = (s) => {
  const seen = s.tokens.slice(0, s.index).map((token) => token.image.toUpperCase());
  if (![...header, 'PARAM'].includes(s.word) || !seen.includes('FROM')) return null;
  return {
    span: here(s),
    message: `${s.word} belongs to the head of the rule`,
    label: 'move it between the name of the rule and AS',
  };
};

const headerOfView: Mistake = (s) => {
  if (wordAt(s.tokens, 1) !== 'VIEW' || s.expected !== 'AS' || ![...header, 'PARAM'].includes(s.word)) return null;
  return { span: here(s), message: `a view has no ${s.word}`, label: 'rules have a head, views only a name' };
};

const footerBeforeSelect: Mistake = (s) => {
  if (!footer.includes(s.word) || s.tokens.slice(0, s.index).some((token) => token.tokenType === reserved.FROM)) {
    return null;
  }
  return { span: here(s), message: `${s.word} stands after the SELECT`, label: 'move it to the end of the statement' };
};

const missingRuleAs: Mistake = (s) => {
  if (s.word !== 'SELECT' || s.expected !== 'AS') return null;
  return { span: here(s), message: 'AS is missing before SELECT', label: 'write AS SELECT …' };
};

/** What other systems call a clause of the head, and a clause behind the SELECT. */
const foreignHeader: Readonly<Record<string, string>> = {
  ...{ LEVEL: 'SEVERITY', PRIORITY: 'SEVERITY', URGENCY: 'SEVERITY', CRITICALITY: 'SEVERITY' },
  ...{ RISK_SCORE: 'CONFIDENCE', MITRE: 'ATTACK', TECHNIQUE: 'ATTACK', TECHNIQUES: 'ATTACK', TACTIC: 'ATTACK' },
  ...{ MESSAGE: 'TITLE', SUMMARY: 'DESCRIPTION', REFERENCE: 'REFERENCES', STATUS: 'MODE', ENABLED: 'MODE' },
  ...{ LABELS: 'TAGS', VAR: 'PARAM', PARAMETER: 'PARAM', PARAMS: 'PARAM' },
};
const foreignFooter: Readonly<Record<string, string>> = {
  ...{ THROTTLE: 'SUPPRESS BY account_id FOR 1 HOUR', COOLDOWN: 'SUPPRESS BY account_id FOR 1 HOUR' },
  ...{ DEDUP: 'SUPPRESS BY account_id FOR 1 HOUR', DEDUPLICATE: 'SUPPRESS BY account_id FOR 1 HOUR' },
  ...{ ACTION: 'RESPOND step_up ON account_id', NOTIFY: 'RESPOND notify ON account_id' },
};

const foreignClause: Mistake = (s) => {
  const instead = foreignFooter[s.word];
  const isBehind = s.tokens.slice(0, s.index).some((token) => token.tokenType === reserved.FROM);
  if (instead === undefined || !isBehind || isInBrackets(s)) return null;
  return { span: here(s), message: `a rule has no ${s.word}`, label: `write ${instead}` };
};

const unknownHeader: Mistake = (s) => {
  if (s.expected !== 'AS' || wordAt(s.tokens, 1) !== 'RULE' || !isName(s.tokens[s.index])) return null;
  if (s.tokens.slice(0, s.index).some((token) => token.tokenType === reserved.SELECT)) return null;
  const close = foreignHeader[s.word] ?? nearest(s.word, [...header, 'PARAM']);
  return {
    span: here(s),
    message: `a rule has no ${s.word}`,
    label: close === null ? 'expected AS or a header clause' : `did you mean ${close}?`,
    hints: [`header clauses: ${[...header, 'PARAM'].join(', ')}; then AS SELECT …`],
  };
};

const missingBy: Mistake = (s) => {
  if (s.expected !== 'BY') return null;
  const rest = s.before === 'SUPPRESS' ? 'SUPPRESS BY account_id FOR 1 HOUR' : `${s.before} BY`;
  return {
    span: tokenSpan(s.tokens[s.index - 1] as IToken),
    message: `${s.before} without BY`,
    label: `write ${rest}`,
  };
};

const suppressWithoutFor: Mistake = (s) => {
  if (s.expected !== 'FOR') return null;
  const span = s.word === '' ? tokenSpan(s.tokens[s.index - 1] as IToken) : here(s);
  if (s.tokens[s.index - 2]?.image.toUpperCase() === 'EXCEPTION') {
    return { span, message: 'an exception for which rules?', label: 'write FOR and their names: FOR account_guessing' };
  }
  return { span, message: 'SUPPRESS for how long?', label: 'write FOR and a duration: FOR 1 HOUR' };
};

const reservedName: Mistake = (s) => {
  const token = s.tokens[s.index];
  if (token === undefined || !isReserved(token) || !/\ba name\b/.test(s.expected)) return null;
  return {
    span: here(s),
    message: `${s.word} is a word of the language`,
    label: `as a name it needs double quotes: "${token.image}"`,
  };
};

/** `account_id AS group`: a clause may begin with that word, and none does here. */
const reservedAlias: Mistake = (s) => {
  const isAlias = s.before === 'AS' && ['', ',', ')', ';', 'FROM'].includes(s.next);
  return isAlias ? reservedName({ ...s, expected: 'a name' }) : null;
};

function isReserved(token: IToken): boolean {
  return Object.values(reserved).includes(token.tokenType);
}

const unbalanced: Mistake = (s) => {
  if (s.word === ')' && !isInBrackets(s)) {
    return {
      span: here(s),
      message: 'a closing bracket without an opening one',
      label: 'remove it, or open it before',
    };
  }
  if (s.expected !== '`)`') return null;
  const open: IToken[] = [];
  for (const token of s.tokens.slice(0, s.index)) {
    if (token.image === '(') open.push(token);
    else if (token.image === ')') open.pop();
  }
  const last = open.at(-1);
  if (last === undefined || !['', 'AS', ...clauses].includes(s.word)) return null;
  return {
    span: tokenSpan(last),
    message: 'this bracket is never closed',
    label: `expected ) before ${s.word || 'the end'}`,
  };
};

const misspelledClause: Mistake = (s) => {
  const token = s.tokens[s.index];
  if (!isName(token) || s.index === 0) return null;
  const words = [
    ...[...clauses, ...footer, 'STREAM', 'RULE', 'VIEW', 'LOOKUP', 'FILTER'],
    ...['TUMBLING', 'SLIDING', 'HOPPING', 'SESSION'],
  ];
  const close = nearest(s.word, words);
  if (close === null || close === s.word) return null;
  const image = (token as IToken).image;
  return { span: here(s), message: `\`${image}\` cannot stand here`, label: `did you mean ${close}?` };
};

/** Tried in order, the certain ones first. */
const mistakes: readonly Mistake[] = [
  ...otherSql,
  ...firstWordMistakes,
  ...formMistakes,
  ...declarationMistakes,
  ...queryMistakes,
  ...[
    missingSemicolon,
    foreignOperator,
    fieldOfElement,
    shortUnit,
    missingUnit,
    missingRuleAs,
    headerAfterSelect,
    headerOfView,
  ],
  ...[
    footerBeforeSelect,
    foreignClause,
    unknownHeader,
    missingBy,
    suppressWithoutFor,
    trailingComma,
    reservedAlias,
    wrongOrder,
    unbalanced,
  ],
  ...[commaJoin, missingTableAs, missingAs, missingComma, reservedName, misspelledClause],
];

/** The diagnostic for a mistake that people often make, or null. `expected` is what the parser waited for. */
export function mistakeAt(tokens: readonly IToken[], index: number, expected: string): Finding | null {
  const situation: Situation = {
    ...{ tokens, index, expected },
    word: wordAt(tokens, index),
    next: wordAt(tokens, index + 1),
    before: wordAt(tokens, index - 1),
  };
  for (const mistake of mistakes) {
    const found = mistake(situation);
    if (found !== null) return { code: 'W0004', ...found };
  }
  return null;
}
