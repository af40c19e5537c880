import { type LookupContent, lookupContent } from '../engine/index.ts';
import { drawWhere, xorshift } from './workload.ts';

/**
 * The shapes of the mix, one after the other: rule i has shape i mod 10, so that 10, 100 and 1,000 rules have the same
 * parts of each. `where` is drawn as for the generated rules, and `other`, a join's right side, too.
 */
const shapes: readonly ((name: string, where: string, other: string) => string)[] = [
  // A single event, and a lookup of networks.
  (name, where) =>
    `CREATE RULE ${name} AS SELECT account_id, actor.ip AS ip FROM events WHERE ${where} AND actor.ip IN LOOKUP watched;`,
  (name, where) => counted(name, where, 'account_id', 'SLIDING 15 MINUTES', 'n >= 20'),
  (name, where) =>
    `CREATE RULE ${name} AS SELECT account_id, count(DISTINCT actor.ip) AS ips, last(geo.country) AS country FROM events
WHERE ${where} GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING ips >= 10 SUPPRESS BY account_id FOR 1 HOUR;`,
  (name, where) => counted(name, where, 'account_id', 'TUMBLING 5 MINUTES', 'n >= 15'),
  // Decided at the window's end.
  (name, where) =>
    `CREATE RULE ${name} AS SELECT actor.ip AS ip, count(*) AS n, avg(net.asn) AS asn FROM events
WHERE ${where} GROUP BY actor.ip WINDOW TUMBLING 5 MINUTES HAVING n >= 15 AND asn < 1400;`,
  (name, where) => counted(name, where, 'account_id', 'HOPPING 15 MINUTES ADVANCE BY 1 MINUTE', 'n >= 20'),
  (name, where) => counted(name, where, 'account_id', 'SESSION GAP 2 MINUTES MAX 1 HOUR', 'n >= 20'),
  (name, where, other) =>
    `CREATE RULE ${name} AS SELECT c.account_id, s.actor.ip AS ip FROM events AS c
JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = c.account_id
WHERE ${qualified('c', where)} AND c.actor.ip IN LOOKUP watched AND ${qualified('s', other)};`,
  // A view of its own, and a rule on it.
  (name, where) =>
    `CREATE RULE ${name} AS WITH bursts AS (SELECT account_id, count(*) AS n FROM events WHERE ${where}
GROUP BY account_id WINDOW TUMBLING 1 MINUTE HAVING n >= 5)
SELECT account_id, max(n) AS most FROM bursts GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING count(*) >= 3;`,
  // A takeover: many failures, and the last one got in.
  (name, where) =>
    `CREATE RULE ${name} AS SELECT account_id, count(*) FILTER (WHERE result = 'fail') AS failures, last(result) AS outcome
FROM events WHERE ${where.replace(/ AND result = '[a-z]+'/, '')} GROUP BY account_id WINDOW SLIDING 15 MINUTES
HAVING failures >= 8 AND last(result) = 'success' ESCALATE WHEN failures >= 20 TO high CLOSE AFTER 30 MINUTES QUIET;`,
];

function counted(name: string, where: string, key: string, window: string, having: string): string {
  return `CREATE RULE ${name} AS SELECT ${key}, count(*) AS n FROM events WHERE ${where}
GROUP BY ${key} WINDOW ${window} HAVING ${having};`;
}

/** The conditions on a side of a join. */
function qualified(alias: string, where: string): string {
  return where
    .split(' AND ')
    .map((condition) => `${alias}.${condition}`)
    .join(' AND ');
}

/** A seeded mix of all constructs: every kind of window, joins, views, lookups, SUPPRESS, ESCALATE. */
export function constructRules(count: number, seed = 11): string[] {
  const random = xorshift(seed);
  const rules = Array.from({ length: count }, (_, i) => {
    const shape = shapes[i % shapes.length] as (typeof shapes)[number];
    return shape(`r${i}`, drawWhere(random, i), drawWhere(random, -1));
  });
  return ["CREATE LOOKUP watched (net cidr PRIMARY KEY) WITH (source = 'watched.csv');", ...rules];
}

const networks = Array.from({ length: 3 }, (_, i) => `10.${i}.7.0/24`);

/** What the lookup of the mix holds: one address in 256 of the workload's. */
export function watchedNetworks(): LookupContent {
  const rows = networks.map((net) => [net]);
  return lookupContent('watched', [{ name: 'net', type: 'cidr' }], rows);
}

/** The same as the file that the mix names, watched.csv. */
export const watchedFile = ['net', ...networks, ''].join('\n');
