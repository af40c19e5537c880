import type { Finding } from '../diagnostics/diagnostic.ts';

/** A language whose rules people paste into a rule file: how its text begins, and how the same is said in Weir SQL. */
interface Dialect {
  readonly name: string;
  /** What its text has that no statement of Weir has; the match is underlined. */
  readonly sign: RegExp;
  readonly label: string;
  readonly hints: readonly string[];
}

const counted =
  "CREATE RULE name SEVERITY medium AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login' " +
  'GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 10;';
const single = "CREATE RULE name SEVERITY medium AS SELECT account_id FROM events WHERE event_type = 'login';";

const dialects: readonly Dialect[] = [
  {
    name: 'a Sigma rule (YAML)',
    sign: /^(?:logsource|detection)\s*:/m,
    label: 'a selection becomes a WHERE, `condition` its AND, OR and NOT',
    hints: [
      single,
      "`field|contains: x` is field LIKE '%x%', `|startswith` starts_with(field, 'x'), `|re` field ~ 'x', `|cidr` ip IN 'net'",
      'a correlation (event_count, value_count) is GROUP BY, WINDOW SLIDING and HAVING count(*) or count(DISTINCT x)',
    ],
  },
  {
    name: 'a Panther rule (Python)',
    sign: /^(?:def (?:rule|title|dedup|severity)\(|from panther\w*|import \w+)/m,
    label: 'what rule(event) returns is the WHERE of a rule',
    hints: [
      single,
      'title() is TITLE with {column}, severity() SEVERITY CASE, dedup() SUPPRESS BY key FOR 1 HOUR, a Threshold HAVING count(*) >= n',
    ],
  },
  {
    name: 'Splunk (SPL)',
    sign: /^\s*(?:search\s|index\s*=|sourcetype\s*=|\|\s*tstats\b)|\|\s*(?:stats|eval|bucket|bin|streamstats|transaction)\b/im,
    label: 'search terms are WHERE, `| stats … by` is SELECT with GROUP BY',
    hints: [
      counted,
      '`| bucket _time span=5m` is WINDOW TUMBLING 5 MINUTES, dc(x) count(DISTINCT x), values(x) array_agg(DISTINCT x, n), `| where` behind stats HAVING',
    ],
  },
  {
    name: 'Kusto (KQL)',
    sign: /\|\s*(?:where|summarize|extend|project|join|mv-expand)\b/i,
    label: '`| where` is WHERE, `| summarize … by` is SELECT with GROUP BY',
    hints: [
      counted,
      '`bin(TimeGenerated, 5m)` is WINDOW TUMBLING 5 MINUTES, dcount(x) count(DISTINCT x), `has` and `contains` LIKE; ago() is the window',
    ],
  },
  {
    name: 'Elastic EQL',
    sign: /^\s*(?:sequence\s+(?:by|with)\b|(?:any|process|network|file|registry|authentication|iam)\s+where\b)/im,
    label: '`category where` is FROM events WHERE event_type = …',
    hints: [
      single,
      'strings have single quotes and `==` is `=`; a step that repeats (with runs=10) is counted in a window: HAVING count(*) >= 10',
    ],
  },
  {
    name: 'YARA-L',
    sign: /^\s*rule\s+\w+\s*\{/im,
    label: 'events are WHERE, match … over is GROUP BY with WINDOW, condition is HAVING',
    hints: [counted],
  },
];

/**
 * What to say of a file that is written in another rule language; null for SQL, however wrong. Only a file without any
 * statement of Weir is asked, so that a text in a rule cannot look like one.
 */
export function dialectOf(text: string): Finding | null {
  if (/\b(?:CREATE|TUNE|SELECT)\b/i.test(text)) return null;
  for (const { name, sign, label, hints } of dialects) {
    const match = sign.exec(text);
    if (match === null) continue;
    const written = match[0].trimStart();
    const offset = match.index + match[0].length - written.length;
    return {
      code: 'W0012',
      span: { offset, length: written.trimEnd().length },
      message: `this is ${name}, not Weir SQL`,
      ...{ label, hints },
    };
  }
  return null;
}
