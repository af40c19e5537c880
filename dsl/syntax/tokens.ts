import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * The words of the language. Few are reserved; every other word is a name wherever a name can stand, so that fields
 * called rule, severity, window or risk need no quotes. Keywords are read without regard to case.
 */

/** A category: every word, reserved or not. After a dot any word is a name: `details.order`. */
export const AnyWord = createToken({ name: 'AnyWord', pattern: Lexer.NA, label: 'a name' });

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [AnyWord],
  label: 'a name',
});
export const QuotedName = createToken({
  name: 'QuotedName',
  pattern: /"(?:[^"]|"")*"/,
  categories: [Identifier, AnyWord],
  label: 'a name',
  line_breaks: true,
});

function keyword(word: string, categories: TokenType[]): TokenType {
  return createToken({
    name: word,
    pattern: new RegExp(word, 'i'),
    longer_alt: Identifier,
    categories,
    label: word,
  });
}

function keywords<const Words extends readonly string[]>(words: Words, categories: TokenType[]) {
  return Object.fromEntries(words.map((word) => [word, keyword(word, categories)])) as Record<Words[number], TokenType>;
}

/** Core SQL words; as a name they need double quotes. */
export const reserved = keywords(
  [
    ...['SELECT', 'FROM', 'WHERE', 'GROUP', 'BY', 'HAVING', 'AND', 'OR', 'NOT', 'IN', 'IS', 'NULL', 'TRUE', 'FALSE'],
    ...['LIKE', 'ILIKE', 'BETWEEN', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END', 'AS', 'DISTINCT', 'CREATE', 'JOIN', 'ON'],
    ...['UNION', 'ORDER', 'LIMIT', 'WITH', 'EXISTS'],
  ] as const,
  [AnyWord],
);

/** Words with a meaning in one place only; everywhere else they are names. */
export const contextual = keywords(
  [
    ...['STREAM', 'RULE', 'VIEW', 'TABLE', 'LATENESS', 'IDLE', 'MAX', 'AHEAD', 'DEDUP'],
    ...['TITLE', 'SEVERITY', 'CONFIDENCE', 'ATTACK', 'DESCRIPTION', 'RUNBOOK', 'TAGS', 'REFERENCES', 'MODE', 'PARAM'],
    ...['TO', 'WINDOW', 'TUMBLING', 'SLIDING', 'FILTER', 'CAST', 'EXTRACT', 'INTERVAL', 'AT', 'TIME', 'ZONE'],
    ...['ENTITY', 'SUPPRESS', 'FOR', 'RESET', 'EVIDENCE', 'EMIT', 'EARLY', 'RESPOND', 'WHILE', 'OPEN', 'RISK'],
    ...[
      'HALF',
      'LIFE',
      'ESCALATE',
      'UPDATE',
      'CLOSE',
      'AFTER',
      'QUIET',
      'STATE',
      'RETENTION',
      'KEYS',
      'LOOKUP',
      'PRIMARY',
      'KEY',
    ],
    ...[
      'EXCEPTION',
      'IGNORE',
      'MUTE',
      'VALID',
      'BECAUSE',
      'OWNER',
      'TUNE',
      'SET',
      'LEFT',
      'ACROSS',
      'TENANTS',
      'SHARING',
    ],
    ...['FUNCTION', 'RETURNS'],
    ...['HOPPING', 'ADVANCE', 'SESSION', 'GAP', 'OFFSET', 'EMPTY', 'OF', 'WITHIN', 'BEFORE', 'ALL', 'CROSS', 'UNNEST'],
  ] as const,
  [Identifier, AnyWord],
);

export const Unit = createToken({
  name: 'Unit',
  pattern: /(?:MILLISECOND|SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|YEAR)S?/i,
  longer_alt: Identifier,
  categories: [Identifier, AnyWord],
  label: 'a unit of time (SECONDS, MINUTES, HOURS, DAYS)',
});

export const Text = createToken({
  name: 'Text',
  pattern: /'(?:[^']|'')*'/,
  label: 'a text in single quotes',
  line_breaks: true,
});
/** Only there to be reported: a quote that never closes would else be read as single strange characters. */
export const UnclosedText = createToken({ name: 'UnclosedText', pattern: /'(?:[^']|'')*/, line_breaks: true });
export const UnclosedName = createToken({ name: 'UnclosedName', pattern: /"(?:[^"]|"")*/, line_breaks: true });
export const UnclosedComment = createToken({
  name: 'UnclosedComment',
  pattern: /\/\*(?:[^*]|\*(?!\/))*/,
  line_breaks: true,
});
export const NumberLiteral = createToken({
  name: 'Number',
  pattern: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/,
  label: 'a number',
});
export const Parameter = createToken({
  name: 'Parameter',
  pattern: /:[A-Za-z_][A-Za-z0-9_]*/,
  label: 'a :parameter',
});

function symbol(name: string, text: string): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\`` });
}

export const Semicolon = symbol('Semicolon', ';');
export const Comma = symbol('Comma', ',');
export const Dot = symbol('Dot', '.');
export const OpenParen = symbol('OpenParen', '(');
export const CloseParen = symbol('CloseParen', ')');
export const OpenBracket = symbol('OpenBracket', '[');
export const CloseBracket = symbol('CloseBracket', ']');
export const DoubleColon = symbol('DoubleColon', '::');
export const Star = symbol('Star', '*');
export const Slash = symbol('Slash', '/');
export const Percent = symbol('Percent', '%');
export const Plus = symbol('Plus', '+');
export const Minus = symbol('Minus', '-');
export const Concat = symbol('Concat', '||');
export const Tilde = createToken({ name: 'Tilde', pattern: /!?~/, label: '`~`' });
export const Equals = symbol('Equals', '=');
export const Comparison = createToken({
  name: 'Comparison',
  pattern: /<=|>=|<>|!=|<|>/,
  label: 'a comparison',
});
/** Operators of other languages: read as one token so that the message can name them. */
export const ForeignOperator = createToken({ name: 'ForeignOperator', pattern: /=>|==|&&|->>|->|\^|&|\|/ });

const skipped = [
  createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED, line_breaks: true }),
  createToken({ name: 'LineComment', pattern: /--[^\n]*/, group: Lexer.SKIPPED }),
  createToken({
    name: 'BlockComment',
    pattern: /\/\*(?:[^*]|\*(?!\/))*\*\//,
    group: Lexer.SKIPPED,
    line_breaks: true,
  }),
];

/** Longer words first: OR would else take the beginning of ORDER. */
const words = [...Object.values(reserved), ...Object.values(contextual)].sort((a, b) => b.name.length - a.name.length);

/** In the order in which the lexer tries them. */
export const tokenTypes: TokenType[] = [
  ...skipped,
  ...[UnclosedComment, QuotedName, UnclosedName, Text, UnclosedText, NumberLiteral, DoubleColon, Parameter],
  ...words,
  ...[Unit, Identifier],
  ...[Semicolon, Comma, Dot, OpenParen, CloseParen, OpenBracket, CloseBracket],
  ...[Concat, ForeignOperator, Tilde, Comparison, Equals, Star, Slash, Percent, Plus, Minus],
  AnyWord,
];
