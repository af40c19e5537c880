import type { IToken } from 'chevrotain';
import { spanFrom } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { tokenSpan } from './cst.ts';
import { functionMistake } from './function-mistakes.ts';
import {
  before,
  clauses,
  header,
  here,
  isInBrackets,
  isName,
  type Mistake,
  type Situation,
  wordAt,
} from './situation.ts';
import { writtenDuration } from './written-duration.ts';

/** Small forms written a little wrong: lists, IS, NOT, names in quotes, what a clause needs. */

/** `IN 'a', 'b'`, `IN ['a']`, `IN ()`. */
const list: Mistake = (s) => {
  const { tokens, index } = s;
  const bracket = s.before === 'IN' && (s.word === '[' || s.word === '{');
  const bare = s.word === ',' && wordAt(tokens, index - 2) === 'IN' && !isInBrackets(s);
  if (bracket || bare)
    return { span: here(s), message: 'a list stands in round brackets', label: "write IN ('a', 'b')" };
  if (s.word !== ')' || s.before !== '(' || wordAt(tokens, index - 2) !== 'IN') return null;
  return { span: here(s), message: 'a list without values', label: 'nothing is in it: this would never be true' };
};

/** `IS 'x'`, `IS NOT TRUE`, `x NOT NULL`, `NOT = 'x'`. */
const isAndNot: Mistake = (s) => {
  const written = s.tokens[s.index]?.image ?? '';
  if (s.expected === 'NULL or DISTINCT' && written !== '') {
    const negated = s.before === 'NOT';
    if (s.word === 'TRUE' || s.word === 'FALSE') {
      const label = `write ${(s.word === 'TRUE') === negated ? '= FALSE' : '= TRUE'}, or IS NULL where it is missing`;
      return { span: here(s), message: `IS ${negated ? 'NOT ' : ''}${s.word} is not known`, label };
    }
    return { span: here(s), message: 'IS asks only for NULL', label: `write ${negated ? '<>' : '='} ${written}` };
  }
  if (s.before !== 'NOT' || s.expected !== 'IN, BETWEEN, LIKE, ILIKE or `~`') return null;
  if (s.word === 'NULL') return { span: here(s), message: 'NOT NULL without IS', label: 'write IS NOT NULL' };
  if (s.word === '=') return { span: here(s), message: 'NOT = is not known', label: 'write <>' };
  return null;
};

/** `=>` and `=<` for `>=` and `<=`; `a = b = c`. */
const comparison: Mistake = (s) => {
  if (s.word === '=>' && !isInBrackets(s))
    return { span: here(s), message: '`=>` is no comparison', label: 'write >=' };
  if (s.before === '=' && (s.word === '<' || s.word === '>')) {
    return {
      span: spanFrom(before(s), here(s)),
      message: `\`=${s.word}\` is no comparison`,
      label: `write ${s.word}=`,
    };
  }
  if (s.expected !== '' || !['=', '<', '>', '<=', '>=', '<>'].includes(s.word)) return null;
  return { span: here(s), message: 'comparisons do not follow one another', label: 'write a = b AND b = c' };
};

/** How other languages test a text, between the text and what it is held against. */
export const foreignTestForms: Readonly<Record<string, string>> = {
  ...{ REGEXP: "~ 'regex'", RLIKE: "~ 'regex'", MATCHES: "~ 'regex'", SIMILAR: "~ 'regex'" },
  ...{ CONTAINS: 'contains(text, part)', STARTSWITH: 'starts_with(text, start)', HAS: 'contains(text, part)' },
};

const foreignTests: Mistake = (s) => {
  const form = Object.hasOwn(foreignTestForms, s.word) ? foreignTestForms[s.word] : undefined;
  // In SELECT the word could be an alias, but not with a text or a bracket behind it.
  const isTest = s.expected === '' || (s.expected === 'FROM' && /^['(]|^TO$/.test(s.next));
  if (form === undefined || !isTest) return null;
  return { span: here(s), message: `${s.word} is no test of this language`, label: `write ${form}` };
};

/** KQL's `in~` and `!in`, `=~`. */
const caseless: Mistake = (s) => {
  if (s.word !== '~' || (s.before !== 'IN' && s.before !== '=')) return null;
  return {
    span: spanFrom(before(s), here(s)),
    message: `\`${s.before.toLowerCase()}~\` is how another language leaves the case out`,
    label: s.before === 'IN' ? "write lower(x) IN ('a', 'b')" : "write lower(x) = 'a', or x ILIKE 'a'",
  };
};

/** The number that stands here, with the unit behind it where there is one. */
function lengthAt({ tokens, index, next }: Situation): string {
  const number = tokens[index]?.image ?? '30';
  return writtenDuration(number, next) ?? `${number} MINUTES`;
}

const interval: Mistake = (s) => {
  const number = s.tokens[s.index];
  if (s.before !== 'INTERVAL' || number?.tokenType.name !== 'Number') return null;
  const label = `write ${lengthAt(s)}, without INTERVAL`;
  return { span: spanFrom(before(s), here(s)), message: 'the number of an INTERVAL stands in quotes', label };
};

const wrongUnit: Mistake = (s) => {
  if (!s.expected.startsWith('a unit of time') || !isName(s.tokens[s.index])) return null;
  const unit = nearest(s.word, ['MILLISECONDS', 'SECONDS', 'MINUTES', 'HOURS', 'DAYS', 'WEEKS']);
  if (unit === null) return null;
  return {
    span: here(s),
    message: `\`${s.tokens[s.index]?.image}\` is no unit of time`,
    label: `did you mean ${unit}?`,
  };
};

/** A text where a name stands, and the other way round. */
const quotes: Mistake = (s) => {
  const token = s.tokens[s.index];
  if (token === undefined) return null;
  if (s.expected === 'a name' && token.tokenType.name === 'Text') {
    const name = token.image.slice(1, -1);
    const plain = /^[A-Za-z_]\w*$/.test(name) ? name : `"${name}"`;
    return { span: here(s), message: `${token.image} is a text, and here stands a name`, label: `write ${plain}` };
  }
  if (s.expected !== 'a text in single quotes') return null;
  if (s.word === '=') return { span: here(s), message: `${s.before} needs no \`=\``, label: 'remove it' };
  const text = token.image.replaceAll('"', '');
  if (!isName(token)) return null;
  return { span: here(s), message: `${token.image} is a name, and here stands a text`, label: `write '${text}'` };
};

/** `CREATE RULE my-rule`. */
const nameWithDash: Mistake = (s) => {
  const { tokens, index } = s;
  if ((s.word !== '-' && s.word !== '.') || wordAt(tokens, index - 3) !== 'CREATE') return null;
  const name = `${tokens[index - 1]?.image}${s.word}${tokens[index + 1]?.image ?? ''}`;
  return {
    span: spanFrom(before(s), tokenSpan((tokens[index + 1] ?? tokens[index]) as IToken)),
    message: `a name with \`${s.word}\` in it needs double quotes`,
    label: `write ${name.replaceAll(/[-.]/g, '_')} or "${name}"`,
  };
};

const needs: Record<string, string> = {
  RULE: 'write CREATE RULE name AS SELECT …',
  VIEW: 'write CREATE VIEW name AS SELECT …',
  FUNCTION: 'write CREATE FUNCTION name(x string) RETURNS bool AS …',
  STREAM: 'write CREATE STREAM events',
  FROM: 'write FROM events, or the name of a view',
  SEVERITY: 'write one of info, low, medium, high, critical',
  MODE: 'write MODE live',
  PARAM: 'write PARAM name int = 10 IN 3 TO 30',
  ENTITY: 'write a type and a column: ENTITY account account_id',
  RESPOND: 'write what to do and on which column: RESPOND step_up ON account_id',
};

/** A clause that ends before it has what it needs. */
const nothingThere: Mistake = (s) => {
  const label = needs[s.before];
  const stops = ['', 'AS', ...clauses, ...header];
  if (s.expected !== 'a name' || label === undefined || !stops.includes(s.word)) return null;
  return { span: before(s), message: `${s.before} what?`, label };
};

const kinds =
  'SLIDING looks back from every event, TUMBLING cuts time into pieces, HOPPING into pieces that overlap, SESSION at pauses';

const needsMore: Mistake = (s) => {
  const { tokens, index } = s;
  if (s.before === 'WINDOW' && tokens[index]?.tokenType.name === 'Number') {
    const label = `write WINDOW SLIDING ${lengthAt(s)}, or TUMBLING`;
    return { span: here(s), message: 'WINDOW of which kind?', label, hints: [kinds] };
  }
  if (s.expected === 'ADVANCE') {
    const label = 'write for example HOPPING 15 MINUTES ADVANCE BY 1 MINUTE';
    return { span: here(s), message: 'a HOPPING window has an advance', label };
  }
  if (s.expected === 'GAP') {
    const length = tokens[index]?.tokenType.name === 'Number' ? lengthAt(s) : '30 MINUTES';
    const label = `write for example SESSION GAP ${length}`;
    return { span: here(s), message: 'a SESSION has a GAP: the pause that ends it', label };
  }
  if (s.word === 'FROM' && s.before === 'SELECT') {
    return { span: before(s), message: 'SELECT what?', label: 'write the columns that a detection shows' };
  }
  if (s.expected === 'FROM' && ['WHERE', 'GROUP', 'WINDOW', 'HAVING', ''].includes(s.word)) {
    return { span: here(s), message: 'FROM is missing', label: 'write FROM events before it' };
  }
  if (s.expected === 'a name' && wordAt(tokens, index - 2) === 'PARAM') {
    return {
      span: before(s),
      message: 'a parameter has a type',
      label: `write PARAM ${tokens[index - 1]?.image} int = 10`,
    };
  }
  if (s.expected === 'a name' && wordAt(tokens, index - 2) === 'ENTITY') {
    const label = `write ENTITY account ${tokens[index - 1]?.image}`;
    return { span: before(s), message: 'ENTITY has a type and a column', label };
  }
  if (s.expected === 'a name' && wordAt(tokens, 1) === 'STREAM' && (s.word === ',' || s.word === ')')) {
    return { span: before(s), message: 'a field has a type', label: `write ${tokens[index - 1]?.image} string` };
  }
  return null;
};

const starOfAlias: Mistake = (s) => {
  if (s.word !== '*' || s.before !== '.') return null;
  return { span: here(s), message: 'a rule reads one stream, so * needs no alias', label: 'write * alone' };
};

const groupInBrackets: Mistake = (s) => {
  if (s.word !== ',' || s.expected !== '`)`') return null;
  const words = s.tokens.slice(0, s.index).map((token) => token.image.toUpperCase());
  const open = words.lastIndexOf('(');
  if (words[open - 1] !== 'BY') return null;
  return {
    span: tokenSpan(s.tokens[open] as IToken),
    message: 'GROUP BY has no brackets',
    label: 'write GROUP BY a, b',
  };
};

/** `count(*) FILTER (result = 'fail')`. */
const filterWithoutWhere: Mistake = (s) => {
  if (s.expected !== 'WHERE' || s.before !== '(' || wordAt(s.tokens, s.index - 2) !== 'FILTER') return null;
  return { span: here(s), message: 'FILTER without WHERE', label: 'write FILTER (WHERE condition)' };
};

/** `EMIT EARLY AT END`: one clause for two wishes that exclude each other. */
const emitTwice: Mistake = (s) => {
  const isEmit = wordAt(s.tokens, s.index - 2) === 'EMIT' && (s.word === 'AT' || s.word === ',' || s.word === 'AND');
  if (!isEmit || s.before !== 'EARLY') return null;
  return {
    span: here(s),
    message: 'EMIT EARLY and EMIT AT END exclude each other',
    label: 'EARLY leaves at the event that makes it true, AT END waits for the end of the window',
    hints: ['write one of them; EMIT EARLY with UPDATE AT END leaves at once and shows the final values later'],
  };
};

/** `GROUP BY a, WINDOW SLIDING`: WINDOW was taken for a column. */
const commaBeforeWindow: Mistake = (s) => {
  if (s.before !== 'WINDOW' || wordAt(s.tokens, s.index - 2) !== ',') return null;
  const span = tokenSpan(s.tokens[s.index - 2] as IToken);
  return {
    span,
    message: 'a comma with nothing between it and `WINDOW`',
    label: 'remove it, or write what is missing',
  };
};

/** RISK without its type or its half-life. */
const riskParts: Mistake = (s) => {
  if (s.expected !== 'HALF') return null;
  if (s.word === 'LIFE') {
    const span = tokenSpan(s.tokens[s.index - 2] as IToken);
    return {
      span,
      message: 'RISK on an entity of which type?',
      label: 'write it before the column: account account_id',
    };
  }
  return {
    span: s.word === '' || s.word === ';' ? before(s) : here(s),
    message: 'RISK without a HALF LIFE would only ever rise',
    label: 'write behind it HALF LIFE 24 HOURS',
  };
};

/** In the order in which they are tried. */
export const formMistakes: readonly Mistake[] = [
  functionMistake,
  ...[
    list,
    isAndNot,
    comparison,
    foreignTests,
    caseless,
    interval,
    wrongUnit,
    quotes,
    nameWithDash,
    nothingThere,
    needsMore,
  ],
  ...[starOfAlias, groupInBrackets, commaBeforeWindow, riskParts, filterWithoutWhere, emitTwice],
];
