import type { IToken } from 'chevrotain';
import type { Code } from '../diagnostics/catalogue.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { tokenSpan } from './cst.ts';
import { foreignWindow } from './foreign-windows.ts';
import { isInBrackets } from './situation.ts';
import { windowFunctions } from './window-functions.ts';

/** A construct that stops the parser and is better named than called a syntax error. */
interface Refused {
  /** The words from the one at which the parser stopped; `*` is any word. */
  readonly at: string;
  /** The words directly before it. */
  readonly after?: string;
  readonly code: Extract<Code, 'W0010' | 'W0011'>;
  readonly message: string;
  readonly label?: string;
  readonly hints?: readonly string[];
  /** The example of a window in the label is to have the lengths that were written. */
  readonly window?: true;
}

function notYet(at: string, construct: string, rest: Partial<Refused> = {}): Refused {
  return { at, code: 'W0010', message: `not yet: ${construct}`, ...rest };
}

function never(at: string, message: string, label: string, rest: Partial<Refused> = {}): Refused {
  return { at, code: 'W0011', message, label, ...rest };
}

const unnestForm = 'write CROSS JOIN UNNEST(array) AS t(x)';
const noHistory = 'this version looks back by windows: GROUP BY key WINDOW SLIDING 1 DAY HAVING …';
export const noSequence =
  'this version says that B follows A by JOIN … WITHIN (AFTER 10 MINUTES), or counts A in a CREATE VIEW that a rule reads';

const existsForm = 'write EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id AND … WITHIN 10 MINUTES)';

/** Tried in order; the first that fits is said. */
const refused: readonly Refused[] = [
  notYet('BY', 'SEQUENCE', { after: 'SEQUENCE', label: noSequence }),
  notYet('(', 'SEQUENCE', { after: 'SEQUENCE', label: noSequence }),
  notYet('SEQUENCE', 'SEQUENCE', { label: noSequence }),
  notYet('MATCH SEQUENCE', 'SEQUENCE', { label: noSequence }),
  notYet('OVER', 'OVER (history and statistics per key)', { label: noHistory }),
  notYet('QUALIFY', 'QUALIFY (history and statistics per key)', { label: noHistory }),
  never('(', 'a table here is a SELECT over windows', 'write CREATE TABLE name AS SELECT … WINDOW TUMBLING 1 HOUR', {
    after: 'CREATE TABLE *',
    hints: ['rows that are known beforehand (watch lists, owners) are a lookup: CREATE LOOKUP name (…)'],
  }),
  never('WITH', 'where a table is written is not said in its text', 'remove WITH (…)', { after: 'CREATE TABLE *' }),
  ...['SELECT', 'DISTINCT'].map((word) =>
    never(word, 'UNION without ALL would remember every row for ever', 'write UNION ALL', {
      after: 'UNION',
      hints: ['each value once a day: GROUP BY it WINDOW TUMBLING 1 DAY over a view with UNION ALL'],
    }),
  ),
  never('(', 'the SELECTs of a UNION ALL stand without brackets', 'remove the brackets', { after: 'UNION ALL' }),
  never('UNION', 'UNION ALL stands directly behind a SELECT', 'move it in front of what belongs to all of the rows', {
    hints: ['SUPPRESS, ENTITY, EMIT, … come behind the last SELECT'],
  }),
  never('INTERSECT *', 'INTERSECT would remember every row for ever', 'write WHERE EXISTS (SELECT … WITHIN n)'),
  ...['EXCEPT', 'MINUS'].map((word) =>
    never(`${word} *`, `${word} would remember every row for ever`, 'write WHERE NOT EXISTS (SELECT … WITHIN n)'),
  ),
  never('*', 'no view reads itself: its rows would make new rows without end', 'remove RECURSIVE', {
    after: 'WITH RECURSIVE',
    hints: ['steps in an order and counts over time are what sequences and windows are for'],
  }),
  never('(', 'columns are named in the SELECT', 'remove the brackets and write the names there: SELECT x AS a', {
    after: 'WITH *',
  }),
  never('MATERIALIZED', 'a view in a rule is always computed once', 'remove the word', { after: 'AS' }),
  never('WITH', 'WITH stands in a rule or a view', 'write CREATE RULE name AS WITH v AS (SELECT …) SELECT …', {
    after: '^',
  }),
  never('*', 'EXISTS asks for a row of a SELECT', existsForm, { after: 'EXISTS' }),
  never(
    'SELECT',
    'a SELECT gives rows, and here stands a value',
    'read it in FROM or JOIN: JOIN (SELECT …) AS x WITHIN …',
    {
      after: '(',
      hints: ['each of its rows has a time of its own: WITHIN says how far from this row it may lie'],
    },
  ),
  never('*', '`~*` is how another system writes a match without case', "write ILIKE, or ~ '(?i)…'", { after: '~' }),
  notYet('=>', 'named arguments', { label: 'write the arguments in their order' }),
  never(', UNNEST (', 'UNNEST is joined with words', unnestForm),
  never('(', 'UNNEST stands behind CROSS JOIN', unnestForm, { after: 'JOIN UNNEST' }),
  never('(', 'UNNEST stands behind what it takes apart', 'write FROM events CROSS JOIN UNNEST(array) AS t(x)', {
    after: 'FROM UNNEST',
  }),
  ...['LATERAL', 'ARRAY JOIN', 'CROSS APPLY', 'OUTER APPLY'].map((words) =>
    never(words, 'the elements of an array are rows by UNNEST', unnestForm),
  ),
  never('LATERAL', 'the elements of an array are rows by UNNEST', unnestForm, { after: 'CROSS JOIN' }),
  never('APPLY', 'the elements of an array are rows by UNNEST', unnestForm, { after: 'CROSS' }),
  never('*', 'rules have no CROSS JOIN but that of UNNEST', 'write JOIN … WITHIN … ON …, or LEFT JOIN …', {
    after: 'CROSS JOIN',
  }),
  notYet('WITH ORDINALITY', 'WITH ORDINALITY', { label: 'each row is named by its place; x[0] is the first element' }),
  ...['RIGHT', 'INNER', 'FULL', 'NATURAL'].map((word) =>
    never(`${word} *`, `rules have no ${word} JOIN`, 'write JOIN … WITHIN … ON …, or LEFT JOIN …'),
  ),
  never('WITHIN', 'WITHIN says nothing here', 'to look back, write GROUP BY key WINDOW SLIDING 10 MINUTES', {
    hints: ['it stands in JOIN … WITHIN n ON … and in EXISTS (SELECT … WITHIN n); sequences are not here yet'],
  }),
  never('CHANGES', "this is ksqlDB's EMIT CHANGES", 'remove EMIT CHANGES: a view gives its rows as they are decided', {
    after: 'EMIT',
  }),
  never('FINAL', "this is ksqlDB's EMIT FINAL", 'write EMIT AT END: one row at the end of the window', {
    after: 'EMIT',
  }),
  never('AS', 'CREATE STREAM … AS SELECT is a view here', 'write CREATE VIEW name AS SELECT …', {
    after: 'CREATE STREAM *',
  }),
  ...['CREATE STREAM *', ')'].map((after) =>
    never('WITH (', 'a stream does not say where its events come from', 'remove WITH (…)', {
      after,
      hints: ['events come over HTTP or by weir ingest; LATENESS, IDLE, MAX AHEAD and DEDUP follow the fields'],
    }),
  ),
  ...['FOR', '*'].map((at) =>
    never(at, "this is Flink's WATERMARK FOR", 'remove it, and write LATENESS 5 SECONDS behind the fields', {
      after: at === 'FOR' ? 'WATERMARK' : 'WATERMARK FOR',
    }),
  ),
  never('(', 'a timestamp is in milliseconds always', 'write timestamp', { after: 'TIMESTAMP' }),
  never('PARTITION BY', 'a stream is not partitioned by a rule', 'remove it: GROUP BY says what belongs together'),
  never('GRACE', "this is ksqlDB's GRACE PERIOD", 'remove it: LATENESS of CREATE STREAM says how late an event may be'),
  never('FOR SYSTEM_TIME', 'a lookup is joined as of the time of the row always', 'remove FOR SYSTEM_TIME AS OF …'),
  ...['* MILLISECONDS', '* SECONDS', '* MINUTES', '* HOURS', '* DAYS', '* SECOND', '* MINUTE', '* HOUR', '* DAY'].map(
    (at) =>
      never(at, 'the two sides of WITHIN are named', 'write WITHIN (BEFORE 1 HOUR, AFTER 2 HOURS)', {
        after: 'WITHIN (',
        hints: ['the right row lies so long before the left one, or so long after it; WITHIN 1 HOUR is both'],
      }),
  ),
  never('MATCH_RECOGNIZE', 'steps in an order are not written with MATCH_RECOGNIZE', noSequence),
  ...['TABLE', 'TUMBLE', 'HOP', 'SESSION', 'CUMULATE'].map((word) =>
    never('(', 'this is how Flink writes windows', 'write FROM events, and WINDOW TUMBLING 15 MINUTES after GROUP BY', {
      ...{ after: `FROM ${word}`, window: true },
      hints: ['window_start and window_end are columns then; they need no GROUP BY'],
    }),
  ),
  never('ORDER BY', 'ORDER BY has no meaning on a stream', 'remove it: rows come in the order of event time', {
    hints: ['for the earliest or latest value write first(x) or last(x); the least is min(x), the greatest max(x)'],
  }),
  never('ORDER BY', 'aggregates read rows in the order of event time', 'remove it'),
  never('LIMIT', 'LIMIT has no meaning on a stream', 'remove it: a stream has no end', {
    hints: ['fewer detections: SUPPRESS BY key FOR 1 HOUR; fewer events shown on each: EVIDENCE 20'],
  }),
  never('DISTINCT', 'SELECT DISTINCT would remember every row for ever', 'group by the columns instead', {
    after: 'SELECT',
    hints: [
      'GROUP BY account_id WINDOW TUMBLING 1 DAY HAVING count(*) >= 1 gives each value at its first event of a day',
    ],
  }),
  never('(', 'this is how ksqlDB writes windows', 'write WINDOW TUMBLING 5 MINUTES', {
    ...{ after: 'TUMBLING', window: true },
  }),
  never('(', 'windows are written without brackets', 'write WINDOW SLIDING 15 MINUTES', {
    ...{ after: 'SLIDING', window: true },
  }),
  never('(', 'windows are written without brackets', 'write WINDOW HOPPING 15 MINUTES ADVANCE BY 1 MINUTE', {
    ...{ after: 'HOPPING', window: true },
  }),
  never('(', 'windows are written without brackets', 'write WINDOW SESSION GAP 30 MINUTES', {
    ...{ after: 'SESSION', window: true },
  }),
  never('HOP', "Flink's HOP is written HOPPING", 'write WINDOW HOPPING 15 MINUTES ADVANCE BY 1 MINUTE', {
    window: true,
  }),
  never('* AS', "SQL's WINDOW name AS (…) is not how a rule looks back", 'write WINDOW SLIDING 15 MINUTES', {
    after: 'WINDOW',
    hints: [
      'windows: TUMBLING n (one after the other), HOPPING n ADVANCE BY m (they overlap), SLIDING n (every span of that length that ends at an event), SESSION GAP n MAX m (until it is quiet)',
    ],
  }),
  never('TUMBLE', "Flink's TUMBLE is written TUMBLING", 'write WINDOW TUMBLING 5 MINUTES', { window: true }),
  never(',', 'a rule reads one stream', 'remove the second one', { after: 'FROM *' }),
  never('SELECT', 'a SELECT alone is not a rule', 'write CREATE RULE name AS SELECT …', { after: '^' }),
  never('INSERT', 'rules do not write tables', 'write CREATE RULE name AS SELECT …', { after: '^' }),
  never('DROP', 'rules are removed by removing their text', 'delete the CREATE statement', { after: '^' }),
  never('OR', 'a rule has one definition', 'write CREATE RULE; a changed file replaces the rule', { after: 'CREATE' }),
  never('IF', 'a rule has one definition', 'write CREATE RULE name', { after: 'CREATE RULE' }),
  never('NOT', 'a table has one definition', 'write CREATE TABLE name AS SELECT …', { after: 'CREATE TABLE IF' }),
];

/** The diagnostic for a construct that the parser stopped at, or null when it is none of these. */
export function refusalAt(tokens: readonly IToken[], index: number): Finding | null {
  const words = tokens.map((token) => token.image.toUpperCase());
  // Outside a call `=>` is a comparison turned round.
  if (words[index] === '=>' && !isInBrackets({ tokens, index })) return null;
  const entry = refused.find(
    ({ at, after }) => matches(words, index, at.split(' ')) && (after === undefined || endsWith(words, index, after)),
  );
  if (entry === undefined) return null;
  const { code, message, hints = [] } = entry;
  const label = entry.window === true ? withWindow(entry.label ?? '', tokens, index) : (entry.label ?? '');
  // For "SEQUENCE BY" the word that names the construct stands before the one that stopped the parser.
  const named = entry.after === 'SEQUENCE' ? index - 1 : index;
  const more = entry.after === '^' ? flinkForms(tokens, words) : entry.at === 'OVER' ? overForms(tokens, index) : [];
  return { code, span: tokenSpan(tokens[named] as IToken), message, label, hints: [...hints, ...more] };
}

/** `lag(x) OVER (…)`: what the function before OVER is here. */
function overForms(tokens: readonly IToken[], over: number): string[] {
  let open = 0;
  for (let i = over - 1; i > 0; i--) {
    const image = tokens[i]?.image;
    if (image === ')') open++;
    else if (image === '(' && --open === 0) {
      const form = windowFunctions.get(tokens[i - 1]?.image.toLowerCase() ?? '');
      return form === undefined ? [] : [form.label, form.hint];
    }
  }
  return [];
}

function withWindow(label: string, tokens: readonly IToken[], index: number): string {
  // The word that names the window is what the parser stopped at, or stands before.
  const written = foreignWindow(tokens, Math.max(0, index - 1));
  return written === null
    ? label
    : label.replace(/WINDOW .*? (?:MINUTES?)(?: ADVANCE BY 1 MINUTE)?(?=$| after)/, written);
}

/** A whole statement of Flink SQL: what its windows and patterns are here. */
function flinkForms(tokens: readonly IToken[], words: readonly string[]): string[] {
  const table = words.findIndex((word, i) => word === 'TABLE' && words[i + 1] === '(');
  const group = words.findIndex((word, i) => /^(TUMBLE|HOP|SESSION)$/.test(word) && words[i + 1] === '(');
  const window = group < 0 ? null : foreignWindow(tokens, group);
  const hints: string[] = [];
  if (window !== null) {
    const instead =
      table >= 0 && table < group ? `FROM TABLE(${words[group]}(…)) is FROM events` : `${words[group]}(…) goes`;
    const dialect = words[group - 1] === 'WINDOW' ? 'ksqlDB' : 'Flink';
    hints.push(`${dialect}'s ${instead}, and ${window} stands after GROUP BY`);
  }
  if (words.includes('MATCH_RECOGNIZE')) hints.push(`MATCH_RECOGNIZE: steps in an order come later; ${noSequence}`);
  return hints;
}

function matches(words: readonly string[], start: number, pattern: readonly string[]): boolean {
  return pattern.every((word, i) => (word === '*' ? words[start + i] !== undefined : words[start + i] === word));
}

function endsWith(words: readonly string[], index: number, after: string): boolean {
  if (after === '^') return index === 0;
  const pattern = after.split(' ');
  return index >= pattern.length && matches(words, index - pattern.length, pattern);
}
