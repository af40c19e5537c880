/**
 * The ten mixed rules of the comparison with other systems, in Weir SQL, each with the meaning that the batch SQL of that
 * comparison gives it: R2, R5, R8 tell of every row at which the condition holds, so they read views. R6, R7 are a step
 * and the next one of the same account within a minute, each first step used once: RESET. R9 holds each five minutes of an
 * account against those before.
 */
export const peerStream = [
  'CREATE STREAM events (platform string, event_type string, account_id string, actor.ip string, result string,',
  '  country string, ip_asn int) LATENESS 0 SECONDS;',
].join('\n');

const login = "event_type = 'login'";
const fail = `${login} AND result = 'fail'`;

/** A rule that tells of every row of the view `select`. */
function each(name: string, select: string): string {
  return `CREATE VIEW ${name}_rows AS ${select};\nCREATE RULE ${name} AS SELECT k FROM ${name}_rows;`;
}

/** `second` after `first` of one account within a minute. */
function inTurn(name: string, where: string, first: string, second: string): string {
  return [
    `CREATE RULE ${name} AS SELECT account_id, count(*) FILTER (WHERE ${first}) AS firsts, last(CASE WHEN ${second} THEN 1 ELSE 0 END) AS is_second`,
    `FROM events WHERE ${where} GROUP BY account_id WINDOW SLIDING 60 SECONDS HAVING firsts >= 1 AND is_second = 1`,
    'SUPPRESS BY account_id FOR 1 MILLISECONDS RESET;',
  ].join(' ');
}

export const peerRules: readonly string[] = [
  `CREATE RULE r1 AS SELECT account_id, count(*) AS n FROM events WHERE ${fail} GROUP BY account_id WINDOW TUMBLING 5 MINUTES HAVING n >= 10;`,
  each(
    'r2',
    `SELECT actor.ip AS k, count(*) AS n FROM events WHERE ${fail} GROUP BY actor.ip WINDOW SLIDING 15 MINUTES HAVING n >= 40 AND n <= 40`,
  ),
  `CREATE RULE r3 AS SELECT actor.ip AS ip, count(DISTINCT account_id) AS n FROM events WHERE ${login} GROUP BY actor.ip WINDOW TUMBLING 5 MINUTES HAVING n >= 8;`,
  `CREATE RULE r4 AS SELECT account_id, count(DISTINCT actor.ip) AS n FROM events WHERE ${login} GROUP BY account_id WINDOW TUMBLING 15 MINUTES HAVING n >= 4;`,
  each(
    'r5',
    "SELECT account_id AS k, sum(details.amount::float) AS s, last(details.amount::float) AS a FROM events WHERE event_type = 'payment' GROUP BY account_id WINDOW SLIDING 60 MINUTES HAVING s > 5000 AND s - a <= 5000",
  ),
  inTurn(
    'r6',
    "(event_type = 'password_reset' AND result = 'success') OR event_type = 'email_change'",
    "event_type = 'password_reset'",
    "event_type = 'email_change'",
  ),
  inTurn('r7', login, "result = 'fail'", "result = 'success'"),
  each(
    'r8',
    "SELECT account_id AS k, count(*) AS n FROM events WHERE event_type = 'mfa_challenge' AND result = 'fail' GROUP BY account_id WINDOW SLIDING 59999 MILLISECONDS HAVING n >= 5",
  ),
  [
    `CREATE TABLE r9_counts AS SELECT account_id, count(*) AS n FROM events WHERE ${login} GROUP BY account_id WINDOW TUMBLING 5 MINUTES;`,
    'CREATE RULE r9 AS SELECT account_id, count(*) AS k, last(n) AS c, sum(n) - last(n) AS s, sum(n * n) - last(n) * last(n) AS q',
    'FROM r9_counts GROUP BY account_id WINDOW SLIDING 1 DAYS',
    // (c - mean) / 3 - 0.5 > deviation, both sides squared.
    'HAVING k >= 4 AND (c - s / (k - 1)) / 3 - 0.5 > 0 AND ((c - s / (k - 1)) / 3 - 0.5) * ((c - s / (k - 1)) / 3 - 0.5) > q / (k - 1) - (s / (k - 1)) * (s / (k - 1));',
  ].join(' '),
  "CREATE RULE r10 AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'page_view' GROUP BY account_id WINDOW SESSION GAP 10 MINUTES HAVING n >= 30;",
];

/**
 * Rules of the comparison's own generator, as it writes them for its peers: event_type, result, platforms, country that it
 * is not, least ip_asn; `-` where there is none.
 */
export function rulesOfTable(table: string): string[] {
  return table
    .trim()
    .split('\n')
    .map((line, i) => {
      const [type, result, platforms, country, asn] = line.split('\t') as [string, string, string, string, string];
      const where = [`event_type = '${type}'`];
      if (result !== '-') where.push(`result = '${result}'`);
      where.push(`platform IN ('${platforms.replaceAll(',', "', '")}')`);
      if (country !== '-') where.push(`country <> '${country}'`);
      if (asn !== '-') where.push(`ip_asn > ${asn}`);
      return `CREATE RULE r${i} AS SELECT account_id, count(*) AS n FROM events WHERE ${where.join(' AND ')} GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 20;`;
    });
}
