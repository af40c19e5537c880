import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { type LogEntry, lookupContent, type Program } from '../../../engine/index.ts';

const declared = [
  'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS DEDUP 1 MINUTES;',
  "CREATE LOOKUP watched (ip ip PRIMARY KEY) WITH (source = 'watched.csv');",
  "CREATE LOOKUP offices (net cidr PRIMARY KEY, name string) WITH (source = 'offices.csv');",
  'CREATE VIEW failed AS SELECT actor.ip AS ip, account_id, count(*) AS n FROM events GROUP BY actor.ip, account_id WINDOW TUMBLING 5 SECONDS HAVING n >= 1;',
  'CREATE TABLE busy AS SELECT actor.ip AS ip, count(*) AS n FROM events GROUP BY actor.ip WINDOW TUMBLING 5 SECONDS RETENTION 20 SECONDS;',
  'CREATE VIEW asked AS SELECT actor.ip AS ip, event_type AS what FROM events;',
];

/** Rules that fire at every event see one platform only: what detections cost is not what is tested here. */
const rare = "WHERE platform = 'okta'";

const ip = (select: string, window: string, having: string, footer = '') =>
  `SELECT actor.ip, ${select} FROM events ${/n >= 1( |$)/.test(having) ? rare : ''} GROUP BY actor.ip WINDOW ${window} HAVING ${having} ${footer}`;
const joined = (kind: string, within: string) =>
  `SELECT a.actor.ip AS ip FROM events AS a ${kind} events AS b WITHIN (${within}) ON b.actor.ip = a.actor.ip AND b.event_type = 'logout'
   WHERE a.event_type = 'login' AND a.platform = 'okta'`;
const answered = (kind: string) =>
  `SELECT a.actor.ip AS ip FROM events AS a WHERE a.event_type = 'login' AND a.platform = 'okta'
   AND ${kind} (SELECT 1 FROM events AS b WHERE b.actor.ip = a.actor.ip AND b.event_type = 'logout' WITHIN (AFTER 20 SECONDS))`;
const silence = 'TUMBLING 5 SECONDS WITH EMPTY';

/** One rule for each construct that keeps something of a key, most with an address as the key. */
const rules: readonly string[] = [
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 3'),
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 1', 'SUPPRESS BY actor.ip FOR 30 SECONDS'),
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 2', 'SUPPRESS BY actor.ip FOR 30 SECONDS RESET'),
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 1', 'ESCALATE WHEN n > 3 TO high CLOSE AFTER 20 SECONDS QUIET'),
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 1', 'UPDATE AT END'),
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 1', 'RISK 10 ON ip actor.ip HALF LIFE 2 SECONDS'),
  ip('count(*) AS n', 'SLIDING 30 SECONDS', 'n >= 3', 'EMIT EARLY'),
  ip('count(DISTINCT account_id) AS d', 'SLIDING 30 SECONDS', 'd >= 3'),
  ip('approx_count_distinct(account_id) AS d', 'SLIDING 30 SECONDS', 'd >= 3'),
  ip('approx_percentile(details.x::float, 0.9) AS p', 'TUMBLING 10 SECONDS', 'p > 5'),
  ip('first(account_id) AS f, last(auth.result) AS l, count(*) AS n', 'SLIDING 30 SECONDS', "l = 'success' AND n >= 2"),
  ip(
    'array_agg(DISTINCT account_id, 5) AS list, top(event_type, 2) AS often, count(*) AS n',
    'TUMBLING 10 SECONDS',
    'n >= 3',
  ),
  ip('stddev(details.x::float) AS s, entropy(account_id) AS bits', 'SLIDING 20 SECONDS', 's > 1 OR bits > 1'),
  ip('sum(details.x::float) AS s, min(details.x::float) AS least', 'SLIDING 20 SECONDS', 's > 10'),
  ip('count(*) AS n', 'TUMBLING 10 SECONDS', 'n >= 2'),
  ip('count(*) AS n', 'TUMBLING 10 SECONDS', 'n < 1 OR n > 2', 'EMIT AT END'),
  ip('count(*) AS n', "TUMBLING 5 MINUTES IN TIME ZONE 'Europe/Berlin'", 'n >= 1000000', 'STATE MAX 4096 KEYS'),
  ip('count(*) AS n', 'HOPPING 20 SECONDS ADVANCE BY 5 SECONDS', 'n >= 2'),
  ip('count(*) AS n', 'HOPPING 20 SECONDS ADVANCE BY 5 SECONDS', 'NOT n < 2'),
  ip('count(*) AS n', 'SESSION GAP 5 SECONDS', 'n >= 3'),
  ip('count(*) AS n', 'SESSION GAP 5 SECONDS MAX 20 SECONDS', 'n = 2'),
  ip('count(*) AS n', `${silence} FOR 15 SECONDS`, 'n = 0', 'SUPPRESS BY actor.ip FOR 20 SECONDS'),
  ip('count(*) AS n', `${silence} KEYS OF watched`, 'n = 0'),
  joined('JOIN', 'AFTER 20 SECONDS'),
  joined('LEFT JOIN', 'BEFORE 5 SECONDS, AFTER 20 SECONDS'),
  answered('EXISTS'),
  answered('NOT EXISTS'),
  "SELECT a.actor.ip AS ip, b.n FROM events AS a JOIN busy AS b ON b.ip = a.actor.ip WHERE a.platform = 'okta' AND b.n >= 2",
  "SELECT actor.ip FROM events WHERE actor.ip IN LOOKUP watched OR actor.ip NOT IN LOOKUP offices AND account_id LIKE '%admin%'",
  'SELECT account_id, count(DISTINCT ip) AS ips FROM failed GROUP BY account_id WINDOW SLIDING 30 SECONDS HAVING ips >= 3',
  "SELECT ip, count(*) AS n FROM asked WHERE what ~ '^(log|out)+$' GROUP BY ip WINDOW SLIDING 30 SECONDS HAVING n >= 3",
  'SELECT lower(details.agent::string) AS agent, session_id, count(*) AS n FROM events GROUP BY lower(details.agent::string), session_id WINDOW SLIDING 30 SECONDS HAVING n >= 2',
  'SELECT details.x::float AS x, count(*) AS n FROM events GROUP BY details.x::float WINDOW SLIDING 30 SECONDS HAVING n >= 5',
];

/** The same rules with windows of hours and a day, so that nothing goes but by a bound. */
const longer = (rule: string) => rule.replaceAll('SECONDS', 'HOURS').replaceAll('5 MINUTES', '1 DAY');

/** All of them, `only` one of them where it is said. */
export function everyConstruct(
  only: number | null = null,
  windows: 'short' | 'long' = 'short',
): {
  readonly program: Program;
  readonly rules: readonly string[];
} {
  const chosen = rules.filter((_, i) => only === null || i === only).map(windows === 'long' ? longer : String);
  const text = [...declared, ...chosen.map((rule, i) => `CREATE RULE r${i} AS ${rule};`)].join('\n');
  const file = { path: 'hostile.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  if (plan === null) throw new Error(renderDiagnostics(diagnostics, [file], { color: false }));
  return { program: buildProgram(plan), rules: chosen };
}

export const constructs = rules.length;

/** What the lookups hold from the beginning. */
export const lookups: readonly LogEntry[] = [
  lookupContent('watched', [{ name: 'ip', type: 'ip' }], [['10.0.0.1'], ['10.9.9.9']]),
  lookupContent(
    'offices',
    [
      { name: 'net', type: 'cidr' },
      { name: 'name', type: 'string' },
    ],
    [['10.0.0.0/8', 'all']],
  ),
].map(({ name, version, bytes }) => ({ kind: 'lookup', name, version, bytes, from_ms: Number.NEGATIVE_INFINITY }));
