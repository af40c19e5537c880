import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

const isBot = `CREATE FUNCTION is_bot(agent string) RETURNS bool AS
  agent ILIKE '%bot%' OR agent LIKE 'curl/%' OR agent IS NULL;`;

/** The hash of the one rule of these files; what is wrong as text. */
function hashOf(...texts: string[]): string {
  const files = texts.map((text, i) => ({ path: `file-${i}.sql`, text }));
  const { plan, diagnostics } = compile(files);
  assert.ok(plan, diagnostics.map(({ message }) => message).join('\n'));
  const [rule] = plan.operators.filter(({ kind }) => kind === 'rule');
  return rule?.hash ?? '';
}

/** Messages with their files, errors and warnings. */
function said(...texts: string[]): string[] {
  const files = texts.map((text, i) => ({ path: `file-${i}.sql`, text }));
  const { diagnostics } = compile(files);
  return diagnostics.map(({ code, message, place }) => `${code} ${place?.path} ${message}`);
}

const written: readonly (readonly [what: string, functions: string, called: string, out: string])[] = [
  [
    'in WHERE',
    isBot,
    "SELECT account_id FROM events WHERE event_type = 'login' AND NOT is_bot(actor.user_agent)",
    `SELECT account_id FROM events WHERE event_type = 'login'
       AND NOT (actor.user_agent ILIKE '%bot%' OR actor.user_agent LIKE 'curl/%' OR actor.user_agent IS NULL)`,
  ],
  [
    'in SELECT, FILTER, GROUP BY and HAVING',
    `CREATE FUNCTION share(part int, whole int) RETURNS float AS part / nullif(whole, 0);
     CREATE FUNCTION site(host string) RETURNS string AS lower(split_part(host, '.', -2));
     CREATE FUNCTION failed(result string) RETURNS bool AS result IN ('fail', 'locked');`,
    `SELECT site(details.host::string) AS site, share(count(*) FILTER (WHERE failed(auth.result)), count(*)) AS failing
     FROM events GROUP BY site(details.host::string) WINDOW SLIDING 5 MINUTES
     HAVING share(count(*) FILTER (WHERE FAILED(auth.result)), count(*)) > 0.5 AND failing < 2`,
    `SELECT lower(split_part(details.host::string, '.', -2)) AS site,
       count(*) FILTER (WHERE auth.result IN ('fail', 'locked')) / nullif(count(*), 0) AS failing
     FROM events GROUP BY lower(split_part(details.host::string, '.', -2)) WINDOW SLIDING 5 MINUTES
     HAVING count(*) FILTER (WHERE auth.result IN ('fail', 'locked')) / nullif(count(*), 0) > 0.5 AND failing < 2`,
  ],
  [
    'of addresses, networks, times and durations, with literals and NULL',
    `CREATE FUNCTION ours(address ip) RETURNS bool AS address IN ('10.0.0.0/8', '192.0.2.7') OR address = '2001:db8::/32';
     CREATE FUNCTION apart(a timestamp, b timestamp, most duration) RETURNS bool AS a - b > most;
     CREATE FUNCTION either(a string, b string) RETURNS string AS coalesce(a, b);`,
    `SELECT either(NULL, account_id) AS id FROM events
     WHERE ours(actor.ip) AND apart(timestamp, '2026-01-01T00:00:00Z', 2 DAYS)`,
    `SELECT coalesce(NULL, account_id) AS id FROM events
     WHERE (actor.ip IN ('10.0.0.0/8', '192.0.2.7') OR actor.ip = '2001:db8::/32')
       AND timestamp - '2026-01-01T00:00:00Z'::timestamp > 2 DAYS`,
  ],
  [
    'that call functions, declared in any order',
    `CREATE FUNCTION strange(agent string, site string) RETURNS bool AS is_bot(agent) AND tail(tail(site)) <> 'example';
     ${isBot}
     CREATE FUNCTION tail(site string) RETURNS string AS split_part(site, '.', -1);`,
    'SELECT account_id FROM events WHERE strange(lower(actor.user_agent), platform)',
    `SELECT account_id FROM events WHERE
       (lower(actor.user_agent) ILIKE '%bot%' OR lower(actor.user_agent) LIKE 'curl/%' OR lower(actor.user_agent) IS NULL)
       AND split_part(split_part(platform, '.', -1), '.', -1) <> 'example'`,
  ],
  [
    'of no argument, of constants, and with a PARAM passed',
    `CREATE FUNCTION noon() RETURNS int AS div(24, 2);
     CREATE FUNCTION many(n int, least int) RETURNS bool AS n >= least;`,
    `SELECT account_id, noon() AS noon FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING many(count(*), :n)`,
    `SELECT account_id, div(24, 2) AS noon FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING count(*) >= :n`,
  ],
];

for (const [what, functions, called, out] of written) {
  test(`a rule that calls functions ${what} is the rule that is written out: one plan, one hash`, () => {
    const head = `CREATE RULE r ${out.includes(':n') ? 'PARAM n int = 5' : ''} AS `;
    assert.equal(hashOf(functions, `${head}${called};`), hashOf(`${head}${out};`));
  });
}

test('the clauses around a SELECT and exceptions may call functions', () => {
  const text = (heavy: (x: string) => string, bot: (x: string) => string) => `
    CREATE RULE r SEVERITY CASE WHEN ${heavy('n')} THEN high ELSE low END AS
    SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 3
    ESCALATE WHEN ${heavy('n + 1')} TO critical;
    CREATE EXCEPTION bots FOR r IGNORE WHERE ${bot('actor.user_agent')} BECAUSE 'x';`;
  const functions = `CREATE FUNCTION heavy(n int) RETURNS bool AS n > 20; CREATE FUNCTION bot(a string) RETURNS bool AS a LIKE '%bot%';`;
  const called = text(
    (x) => `heavy(${x})`,
    (x) => `bot(${x})`,
  );
  assert.equal(
    hashOf(functions, called),
    hashOf(
      text(
        (x) => `${x} > 20`,
        (x) => `${x} LIKE '%bot%'`,
      ),
    ),
  );
});

test('a lookup can be asked in a function', () => {
  const lookup = "CREATE LOOKUP offices (net cidr PRIMARY KEY) WITH (source = 'offices.csv');";
  const rule = (where: string) => `${lookup} CREATE RULE r AS SELECT account_id FROM events WHERE ${where};`;
  const f = 'CREATE FUNCTION at_home(address ip) RETURNS bool AS NOT address IN LOOKUP offices;';
  assert.equal(hashOf(f, rule('at_home(actor.ip)')), hashOf(rule('NOT actor.ip IN LOOKUP offices')));
});

test('what is wrong with a call is said at the call, although it shows only in the body', () => {
  const f = 'CREATE FUNCTION next(n int) RETURNS int AS n + 1;';
  const messages = said(f, 'CREATE RULE r AS SELECT next(9007199254740991) AS n FROM events;');
  assert.deepEqual(messages, ['W0205 file-1.sql next cannot have these arguments: this integer overflows']);
});

test('a warning about a body is given once, where it is declared', () => {
  const f = 'CREATE FUNCTION odd(a string, b int) RETURNS bool AS a = NULL;';
  const messages = said(
    f,
    'CREATE RULE r AS SELECT account_id FROM events WHERE odd(platform, 1) OR odd(account_id, 2);',
  );
  assert.deepEqual(messages, [
    'W0306 file-0.sql the function does not use its argument b',
    'W0303 file-0.sql a comparison with NULL is never true',
  ]);
});

test('lints see a rule with functions as the rule that is written out, at the place of the call', () => {
  const f = "CREATE FUNCTION is_a(x string) RETURNS bool AS x = 'a';";
  const messages = said(f, "CREATE RULE r AS SELECT account_id FROM events WHERE is_a(platform) AND platform = 'b';");
  assert.deepEqual(
    messages.map((message) => message.slice(0, 16)),
    ['W0302 file-1.sql'],
  );
});

test('calls that double what they are passed are refused by their size, without being written out', () => {
  const doubling = 'CREATE FUNCTION twice(x string) RETURNS string AS x || x;';
  const nested = (depth: number) => `${'twice('.repeat(depth)}platform${')'.repeat(depth)}`;
  const rule = (depth: number) => `CREATE RULE r AS SELECT ${nested(depth)} AS t FROM events;`;
  assert.ok(hashOf(doubling, rule(8)) !== '');
  assert.deepEqual(said(doubling, rule(60)), [
    'W0115 file-1.sql twice has 1023 parts when the functions in it are written out, at most 1000 are allowed',
  ]);
  const chain = Array.from({ length: 30 }, (_, i) => {
    return `CREATE FUNCTION f${i}(x string) RETURNS string AS ${i === 0 ? 'x || x' : `f${i - 1}(x) || f${i - 1}(x)`};`;
  });
  assert.deepEqual(
    said(...chain).map((message) => message.slice(0, 5)),
    ['W0115'],
  );
});

test('a chain of functions is refused beyond one length, whatever the order of the files', () => {
  const link = (i: number) => `CREATE FUNCTION f${i}(x int) RETURNS int AS ${i === 0 ? 'x' : `-f${i - 1}(x)`};`;
  const links = Array.from({ length: 33 }, (_, i) => link(i));
  for (const files of [links, links.toReversed()]) {
    assert.deepEqual(said(...files.filter((text) => !text.includes(' f32('))), []);
    assert.deepEqual(
      said(...files).map((message) => message.replace(/file-\d+/, 'file')),
      ['W0114 file.sql functions are nested too deeply'],
    );
  }
  const many = Array.from({ length: 3_000 }, (_, i) => link(i)).toReversed();
  assert.ok(said(...many).length > 0);
});

test('all calls of all files together are bounded', () => {
  const wide = `CREATE FUNCTION wide(x string) RETURNS bool AS x IN (${Array.from({ length: 900 }, (_, i) => `'${i}'`)});`;
  const calls = Array.from({ length: 600 }, () => 'wide(platform)').join(', ');
  const rule = `CREATE RULE r AS SELECT account_id FROM events WHERE coalesce(${calls});`;
  assert.match(
    said(wide, rule)[0] ?? '',
    /W0115 file-1.sql all calls of functions together have more than 500000 parts/,
  );
});
