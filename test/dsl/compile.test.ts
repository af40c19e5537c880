import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile, renderDiagnostics } from '../../dsl/index.ts';
import type { Value } from '../../engine/index.ts';

const rule = (name: string, having = 'failures >= 10', head = '') => `CREATE RULE ${name} ${head} AS
SELECT account_id, count(*) AS failures, count(DISTINCT actor.ip) AS ips FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING ${having} SUPPRESS BY account_id FOR 1 HOUR;`;

function compiled(text: string, params?: Record<string, Value>) {
  const file = { path: 'a.rule.sql', text };
  return compile([file], params === undefined ? {} : { params: new Map(Object.entries(params)) });
}

function planOf(text: string, params?: Record<string, Value>) {
  const result = compiled(text, params);
  const message = renderDiagnostics(result.diagnostics, [{ path: 'a.rule.sql', text }], { color: false });
  assert.ok(result.plan !== null, message);
  return result.plan;
}

test('statements of several files know each other, in any order', () => {
  const files = [
    { path: 'b.sql', text: 'CREATE RULE b AS SELECT account_id FROM v' },
    { path: 'a.sql', text: "CREATE VIEW v AS SELECT account_id FROM events WHERE result = 'fail'; -- end" },
  ];
  const { plan } = compile(files);
  assert.deepEqual(
    plan?.operators.map(({ name, source }) => [name, source.path, source.line]),
    [
      ['v', 'a.sql', 1],
      ['b', 'b.sql', 1],
    ],
  );
});

test('operators are sorted by depth, then by name', () => {
  const view = (name: string, input: string) => `CREATE VIEW ${name} AS SELECT account_id FROM ${input};`;
  const { operators } = planOf([view('a', 'b'), view('c', 'events'), view('b', 'events'), rule('aa')].join('\n'));
  assert.deepEqual(
    operators.map(({ name }) => name),
    ['aa', 'b', 'c', 'a'],
  );
});

test('one wrong statement does not hide the errors of the others', () => {
  const { plan, diagnostics } = compiled(`CREATE RULE a AS SELECT x FROM events;
    CREATE RULE AS SELECT account_id FROM events; ${rule('c')} CREATE RULE d AS SELECT y FROM events;`);
  assert.equal(plan, null);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['W0107', 'W0004', 'W0107'],
  );
});

test('what reads a wrong view is not blamed for it', () => {
  const { diagnostics } = compiled(
    'CREATE VIEW v AS SELECT x FROM events; CREATE RULE r AS SELECT x FROM v; CREATE RULE s AS SELECT nothing FROM v;',
  );
  assert.deepEqual(
    diagnostics.map(({ code, place }) => [code, place?.offset]),
    [['W0107', 24]],
  );
});

test('S7 the plan hash covers the meaning, not title, severity, place or layout', () => {
  const hash = (text: string) => planOf(text).operators[0]?.hash;
  const plain = hash(rule('r'));
  const dressed = rule('r', 'failures >= 10', "TITLE 'x {failures}' SEVERITY high ATTACK 'T1110' DESCRIPTION 'd'");
  assert.equal(hash(`-- a comment\n\n${dressed.replaceAll(' AND ', '\n  and ')}`), plain);
  assert.equal(hash(rule('r').replace('result =', 'events.auth.result =')), plain);
  assert.equal(hash(rule('r').replace('15 MINUTES', '900 SECONDS')), plain);
  for (const other of [
    rule('q'),
    rule('r', 'failures >= 11'),
    rule('r').replace('15 MINUTES', '16 MINUTES'),
    rule('r').replace("'fail'", "'denied'"),
    rule('r').replace('1 HOUR', '2 HOURS'),
    rule('r').replace('AS ips', 'AS addresses'),
  ]) {
    assert.notEqual(hash(other), plain, other);
  }
});

test('S7 the hash of a rule covers the views it reads', () => {
  const text = (result: string) =>
    `CREATE VIEW v AS SELECT account_id FROM events WHERE result = '${result}'; CREATE RULE r AS SELECT account_id FROM v;`;
  const [a, b] = ['fail', 'denied'].map((result) => planOf(text(result)).operators[1]);
  assert.equal(a?.name, 'r');
  assert.notEqual(a?.hash, b?.hash);
});

test('parameters: default, override by rule and by name, refusals', () => {
  const text = rule('r', 'failures >= :least', 'PARAM least int = 10 IN 3 TO 30');
  const value = (params?: Record<string, Value>) => planOf(text, params).operators[0]?.params[0]?.value;
  assert.equal(value(), 10);
  assert.equal(value({ least: 5 }), 5);
  assert.equal(value({ least: '7' }), 7);
  assert.equal(value({ least: 5, 'r.least': 6 }), 6);
  assert.equal(planOf(text, { least: 5 }).operators[0]?.bounds[0]?.least, 5);
  for (const [params, code] of [
    [{ least: 31 }, 'W0221'],
    [{ least: 2.5 }, 'W0221'],
    [{ least: 'many' }, 'W0221'],
    [{ most: 5 }, 'W0106'],
    [{ 'q.least': 5 }, 'W0106'],
  ] as [Record<string, Value>, string][]) {
    const { plan, diagnostics } = compiled(text, params);
    assert.equal(plan, null);
    assert.deepEqual(
      diagnostics.map((diagnostic) => diagnostic.code),
      [code],
      JSON.stringify(params),
    );
  }
});

test('S3 S4 without CREATE STREAM: schema v1; LATENESS 5 s, IDLE 5 s, MAX AHEAD 5 min, DEDUP 1 h', () => {
  const { stream } = planOf(rule('r'));
  assert.equal(stream.schema.name, 'v1');
  assert.deepEqual(stream.settings, {
    lateness_ms: 5_000,
    idle_ms: 5_000,
    max_ahead_ms: 300_000,
    dedup_horizon_ms: 3_600_000,
  });
});

test('no rules is a program without operators', () => {
  assert.deepEqual(compile([]).plan?.operators, []);
  assert.deepEqual(planOf(' -- nothing here\n;;').operators, []);
});

test('names that mean something to JavaScript are names', () => {
  const { operators } =
    planOf(`CREATE RULE __proto__ AS SELECT account_id AS constructor, details.__proto__::string AS "toString"
    FROM events WHERE details['__proto__'].x = 'y';`);
  assert.deepEqual(
    operators[0]?.outputs.map(({ name }) => name),
    ['constructor', 'toString'],
  );
  assert.equal(compiled('CREATE RULE r AS SELECT __proto__ FROM events').diagnostics[0]?.code, 'W0107');
  assert.equal(compiled('CREATE RULE r AS SELECT constructor(1) AS x FROM events').diagnostics[0]?.code, 'W0104');
});

test('deep nesting and long chains are refused, not a stack overflow', () => {
  const where = (condition: string) => compiled(`CREATE RULE r AS SELECT account_id FROM events WHERE ${condition};`);
  const n = 10_000;
  for (const condition of [
    `${'('.repeat(n)}TRUE${')'.repeat(n)}`,
    `${'('.repeat(n)}`,
    `${'NOT '.repeat(n)}TRUE`,
    `${'- '.repeat(n)}1 = 1`,
    `1${' + 1'.repeat(n)} = 1`,
    `1${'::int'.repeat(n)} = 1`,
    `${'CASE WHEN '.repeat(n)}TRUE`,
    `${'lower('.repeat(n)}'x'`,
  ]) {
    const { diagnostics } = where(condition);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['W0005'],
      condition.slice(0, 40),
    );
  }
  const nested = '('.repeat(60);
  assert.notEqual(where(`${nested}account_id = 'a'${')'.repeat(60)}`).plan, null);
  assert.notEqual(where(`account_id = 'a'${" OR account_id = 'b'".repeat(n)}`).plan, null);
  assert.notEqual(where(`account_id IN ('a'${", 'b'".repeat(n)})`).plan, null);
});

test('a tower of views is refused before it is too high', () => {
  const views = Array.from({ length: 500 }, (_, i) => `CREATE VIEW v${i} AS SELECT account_id FROM v${i + 1};`);
  const { diagnostics } = compiled(`${views.join('\n')}\nCREATE VIEW v500 AS SELECT account_id FROM events;`);
  assert.ok(diagnostics.some(({ code }) => code === 'W0103'));
});

const words = [
  ...[
    'CREATE',
    'RULE',
    'VIEW',
    'STREAM',
    'AS',
    'SELECT',
    'FROM',
    'WHERE',
    'GROUP',
    'BY',
    'WINDOW',
    'SLIDING',
    'HAVING',
  ],
  ...[
    'events',
    'account_id',
    'details',
    '.',
    ',',
    '(',
    ')',
    '*',
    '=',
    '<',
    '+',
    '-',
    '::',
    'int',
    "'text'",
    "'",
    '"',
    ';',
  ],
  ...[
    '15',
    'MINUTES',
    '1e999',
    'count',
    'NULL',
    'NOT',
    'IN',
    'LIKE',
    'CASE',
    'WHEN',
    'END',
    ':p',
    '[',
    ']',
    '/*',
    '--',
    '\n',
  ],
  ...[
    'SUPPRESS',
    'FOR',
    'EMIT',
    'AT',
    'TITLE',
    "'{x}'",
    'PARAM',
    'é',
    '\u{1f600}',
    '\u0000',
    'JOIN',
    'OVER',
    'EXTRACT',
    'CAST',
  ],
];

function checkDiagnostics(text: string): void {
  const file = { path: 'soup.sql', text };
  const { diagnostics, plan } = compile([file]);
  for (const { place, message } of diagnostics) {
    assert.notEqual(message, '');
    assert.ok(place !== null && place.offset >= 0 && place.length > 0 && place.offset <= text.length);
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(plan === null, errors.length > 0);
  renderDiagnostics(diagnostics, [file], { color: true });
}

test('any text gives a plan or diagnostics with places, never an exception', () => {
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(' '));
  fc.assert(fc.property(soup, checkDiagnostics), { numRuns: 300 });
  const text = rule('r', 'failures >= :n AND ips > 2', "TITLE '{failures}' PARAM n int = 5 IN 1 TO 9");
  const damaged = fc
    .tuple(fc.nat(text.length), fc.nat(12), fc.constantFrom('', ...words))
    .map(([at, length, insert]) => `${text.slice(0, at)} ${insert} ${text.slice(at + length)}`);
  fc.assert(fc.property(damaged, checkDiagnostics), { numRuns: 500 });
});

test('a thousand rules compile', (context) => {
  const texts = Array.from({ length: 1_000 }, (_, i) =>
    rule(
      `rule_${i}`,
      `failures >= ${10 + (i % 7)} AND ips > ${i % 3}`,
      `TITLE 'Guessing on {account_id}' SEVERITY low`,
    ),
  );
  const files = texts.map((text, i) => ({ path: `rules/rule_${i}.rule.sql`, text }));
  const start = process.hrtime.bigint();
  const { plan } = compile(files);
  context.diagnostic(`1,000 rules in ${Number((process.hrtime.bigint() - start) / 1_000_000n)} ms`);
  assert.equal(plan?.operators.length, 1_000);
});
