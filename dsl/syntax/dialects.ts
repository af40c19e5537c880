import type { Finding } from '../diagnostics/diagnostic.ts';
import { eqlForms, esqlForms, type Form, kustoForms, pantherForms, sigmaForms, splunkForms } from './dialect-forms.ts';

/** A language whose rules people paste into a rule file: how its text begins, and how the same is said in Weir SQL. */
interface Dialect {
  readonly name: string;
  /** What its text has that no statement of Weir has; the match is underlined. */
  readonly sign: RegExp;
  readonly label: string;
  /** A whole rule of the kind. */
  readonly example: string;
  /** Constructs of the language; those that the text has are answered. */
  readonly forms: readonly Form[];
  /** It has SELECT, too: then only a statement of Weir says that the text is none of its. */
  readonly selects?: true;
}

/** More hints than this are not read. */
const most_hints = 5;

const counted =
  "CREATE RULE name SEVERITY medium AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login' " +
  'GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 10;';
const single = "CREATE RULE name SEVERITY medium AS SELECT account_id FROM events WHERE event_type = 'login';";

const dialects: readonly Dialect[] = [
  {
    name: 'a Sigma rule (YAML)',
    sign: /^(?:logsource|detection|correlation|action)\s*:|^type\s*:\s*(?:event_count|value_count|temporal\w*)\s*$/m,
    label: 'a selection becomes a WHERE, `condition` its AND, OR and NOT',
    example: single,
    forms: sigmaForms,
  },
  {
    name: 'an ElastAlert rule (YAML)',
    sign: /^(?:type\s*:\s*(?:any|blacklist|whitelist|change|frequency|spike|flatline|new_term|cardinality|metric_aggregation|percentage_match)\s*$|num_events\s*:|timeframe\s*:)/m,
    label: 'filter is WHERE, query_key GROUP BY, timeframe WINDOW SLIDING, num_events HAVING count(*) >= n',
    example: counted,
    forms: [
      [/^type\s*:\s*cardinality/m, '`type: cardinality` is HAVING count(DISTINCT field) > n'],
      [/^type\s*:\s*flatline/m, '`type: flatline` is WINDOW TUMBLING … HAVING count(*) < n WITH EMPTY FOR 1 DAY'],
      [/^realert\s*:/m, '`realert:` is SUPPRESS BY key FOR 1 HOUR'],
    ],
  },
  {
    name: 'a Panther rule',
    sign: /^(?:def (?:rule|title|dedup|severity)\(|from panther\w*|import \w+|AnalysisType\s*:)/m,
    label: 'what rule(event) returns is the WHERE of a rule',
    example: single,
    forms: pantherForms,
  },
  {
    name: 'Elastic ES|QL',
    sign: /^\s*(?:from\s+[\w*.,:-]+|row\s)[^|]*\|/i,
    label: '`FROM … | WHERE` is FROM events WHERE, `| STATS … BY` SELECT with GROUP BY',
    example: counted,
    forms: esqlForms,
  },
  {
    name: 'Splunk (SPL)',
    sign: /^[ \t]*(?:search\s|index\s*=|sourcetype\s*=|\|\s*tstats\b)|\|\s*(?:stats|eval|bucket|bin|streamstats|transaction)\b/im,
    label: 'search terms are WHERE, `| stats … by` is SELECT with GROUP BY',
    example: counted,
    forms: splunkForms,
  },
  {
    name: 'Kusto (KQL)',
    sign: /\|\s*(?:where|summarize|extend|project|join|mv-expand)\b/i,
    label: '`| where` is WHERE, `| summarize … by` is SELECT with GROUP BY',
    example: counted,
    forms: kustoForms,
  },
  {
    name: 'Elastic EQL',
    sign: /^[ \t]*(?:sequence\s+(?:by|with)\b|(?:any|process|network|file|registry|authentication|iam)\s+where\b)/im,
    label: '`category where` is FROM events WHERE event_type = …',
    example: single,
    forms: eqlForms,
  },
  {
    name: 'YARA-L',
    sign: /^[ \t]*rule\s+\w+\s*\{/im,
    label: 'events are WHERE, match … over is GROUP BY with WINDOW, condition is HAVING',
    example: counted,
    forms: [],
  },
  {
    name: 'Siddhi',
    sign: /#window\.\w+|^[ \t]*@app:name\b/im,
    label: '`from S#window.time(5 min) select …` is SELECT … FROM events … WINDOW SLIDING 5 MINUTES',
    example: counted,
    forms: [
      [/->/, '`e1 -> e2 within 10 min` is JOIN … WITHIN (AFTER 10 MINUTES) ON …'],
      [/timeBatch/i, '#window.timeBatch(5 min) is WINDOW TUMBLING 5 MINUTES'],
    ],
    selects: true,
  },
  {
    name: 'Esper (EPL)',
    sign: /\bpattern\s*\[|\.win:\w+|\w#(?:time|length|keepall|ext_timed)\w*\b|^[ \t]*@name\s*\(/im,
    label: '`select … from Login#time(10 min)` is SELECT … FROM events WHERE … WINDOW SLIDING 10 MINUTES',
    example: counted,
    forms: [
      [/->/, '`every a=A -> b=B` is JOIN … WITHIN (AFTER 10 MINUTES) ON …'],
      [/time_batch/i, '#time_batch(5 min) is WINDOW TUMBLING 5 MINUTES'],
    ],
    selects: true,
  },
  {
    name: 'YAML',
    sign: /^[a-z][\w-]*[ \t]*:(?:[ \t]+\S.*)?\r?\n(?:[a-z][\w-]*[ \t]*:|[ \t]*-[ \t]|[ \t]+[\w-]+[ \t]*:)/im,
    label: 'a rule is a statement: its conditions are WHERE, its counts GROUP BY with WINDOW and HAVING',
    example: counted,
    forms: [],
  },
  {
    name: 'JSON',
    sign: /^\s*(?:\{\s*"[^"\n]*"\s*:|\[\s*\{)/,
    label: 'a rule file holds statements; events are read with `weir backtest rules --from FILE`',
    example: single,
    forms: [],
    selects: true,
  },
];

/**
 * What to say of a file that is written in another rule language; null for SQL, however wrong. Only a file without any
 * statement of Weir is asked, so that a text in a rule cannot look like one.
 */
export function dialectOf(text: string): Finding | null {
  if (/\bCREATE\s+(?:RULE|VIEW|TABLE|STREAM|LOOKUP|FUNCTION|EXCEPTION)\b|\bTUNE\b/i.test(text)) return null;
  return foreignIn(text, 0, () => true);
}

/**
 * The language of a text that is none of Weir, from an offset on: a finding about its first mark, with what it has answered.
 * @param counts whether a mark says so, and what stands before it
 */
export function foreignIn(
  text: string,
  from: number,
  counts: (mark: string, before: string) => boolean,
): Finding | null {
  const own = text.slice(from);
  const hasSelect = /\b(?:CREATE|SELECT)\b/i.test(own);
  for (const { name, sign, label, example, forms, selects } of dialects) {
    const match = hasSelect && selects !== true ? null : sign.exec(own);
    if (match === null) continue;
    const written = match[0].trimStart();
    const offset = from + match.index + match[0].length - written.length;
    if (!counts(written, text.slice(from, offset))) continue;
    const answers = forms.filter(([form]) => form.test(own)).map(([, hint]) => hint);
    return {
      code: 'W0012',
      span: { offset, length: written.trimEnd().length },
      message: `this is ${name}, not Weir SQL`,
      ...{ label, hints: [example, ...answers].slice(0, most_hints) },
    };
  }
  return null;
}
