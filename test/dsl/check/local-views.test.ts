import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, renderDiagnostics } from '../../../dsl/index.ts';

function compiled(text: string, params?: ReadonlyMap<string, number>) {
  const file = { path: 'r.sql', text };
  const { plan, diagnostics } = compile([file], params === undefined ? {} : { params });
  return { plan, said: renderDiagnostics(diagnostics, [file], { color: false }) };
}

function planOf(text: string, params?: ReadonlyMap<string, number>) {
  const { plan, said } = compiled(text, params);
  assert.ok(plan !== null, said);
  return plan;
}

const hashOf = (text: string, rule = 'r') => planOf(text).operators.find(({ name }) => name === rule)?.hash;

const fails = "SELECT account_id, session_id FROM events WHERE auth.result = 'fail'";

test('S7 what a view is called is in no plan hash; what it means is', () => {
  const rule = (from: string) => `CREATE RULE r AS SELECT account_id FROM ${from} WHERE session_id IS NULL;`;
  const hash = hashOf(`CREATE VIEW v AS ${fails}; ${rule('v')}`);
  assert.equal(hashOf(`CREATE VIEW other AS ${fails}; ${rule('other')}`), hash);
  assert.equal(hashOf(rule('v').replace('SELECT', `WITH v AS (${fails}) SELECT`)), hash);
  assert.equal(hashOf(rule(`(${fails}) AS x`)), hash);
  assert.notEqual(hashOf(rule(`(${fails.replace('fail', 'success')}) AS x`)), hash);
  assert.notEqual(hashOf(rule('events')), hash);
});

test('S7 nor is what the sides of a join are called, but for names that a detection shows', () => {
  const join = (l: string, r: string, columns = `${l}.account_id AS account, ${r}.timestamp AS at`) =>
    `CREATE RULE r AS SELECT ${columns} FROM events AS ${l} JOIN (${fails}) AS ${r} WITHIN 5 MINUTES
     ON ${r}.account_id = ${l}.account_id AND ${r}.session_id <> ${l}.session_id
     JOIN events AS c WITHIN 1 MINUTE ON c.account_id = ${l}.account_id AND c.details.x::int > ${l}.details.y::int;`;
  assert.equal(hashOf(join('a', 'b')), hashOf(join('x', 'y')));
  assert.equal(hashOf(join('a', 'b')), hashOf(join('b', 'a')));
  assert.notEqual(hashOf(join('a', 'b')), hashOf(join('a', 'b', 'b.account_id AS account, b.timestamp AS at')));
  assert.notEqual(hashOf(join('a', 'b', '*')), hashOf(join('x', 'y', '*')));
});

test('two views of one meaning stay two streams, and two joins of them two joins', () => {
  const view = (name: string) => `CREATE VIEW ${name} AS ${fails};`;
  const rule = (name: string, from: string) =>
    `CREATE RULE ${name} AS SELECT e.account_id AS account_id FROM ${from} AS v JOIN events AS e WITHIN 1 MINUTE
     ON e.account_id = v.account_id;`;
  const { operators, joins = [] } = planOf(`${view('v')} ${view('w')} ${rule('a', 'v')} ${rule('b', 'w')}`);
  assert.equal(new Set(operators.map(({ hash }) => hash)).size, 3);
  assert.deepEqual(
    joins.map(({ left }) => left),
    ['v', 'w'],
  );
  assert.equal(new Set(joins.map(({ name }) => name)).size, 2);
  assert.equal(new Set(joins.map(({ hash }) => hash)).size, 1);
});

test('a local view knows the parameters of its rule, and values from outside reach it', () => {
  const text = `CREATE RULE r PARAM least int = 5 IN 2 TO 9 AS
    WITH many AS (SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= :least)
    SELECT account_id, n FROM many;`;
  const boundsWith = (params?: ReadonlyMap<string, number>) => planOf(text, params).operators[0]?.bounds;
  assert.equal(compiled(text).said, '');
  assert.deepEqual(boundsWith(), [{ aggregate: 0, least: 5 }]);
  assert.deepEqual(boundsWith(new Map([['r.least', 7]])), [{ aggregate: 0, least: 7 }]);
});

test('EXISTS sees the local views of its statement', () => {
  const rule = (before: string, from: string) =>
    `CREATE RULE r AS ${before} SELECT account_id FROM events AS e WHERE event_type = 'login' AND NOT EXISTS (
     SELECT * FROM ${from} AS f WHERE f.account_id = e.account_id WITHIN (BEFORE 5 MINUTES));`;
  const hash = hashOf(`CREATE VIEW v AS ${fails}; ${rule('', 'v')}`);
  assert.equal(hashOf(rule(`WITH v AS (${fails})`, 'v')), hash);
  assert.equal(hashOf(rule('', `(${fails})`)), hash);
});

test('a view that nothing needs is checked and warned about, and not run', () => {
  const rule = (a: string) => `CREATE RULE r AS WITH a AS (${a}), b AS (SELECT account_id FROM a) ${fails};`;
  const { plan, said } = compiled(rule(fails));
  assert.deepEqual(
    plan?.operators.map(({ name }) => name),
    ['r'],
  );
  assert.match(said, /warning\[W0322\]: nothing reads `b`/);
  assert.doesNotMatch(said, /nothing reads `a`/);
  assert.match(compiled(rule(fails.replace('session_id', 'sesion_id'))).said, /error\[W0107\]/);
  assert.equal(hashOf(rule(fails)), hashOf(`CREATE RULE r AS ${fails};`));
});

test('names of one statement are no names for others, and a view added elsewhere changes nothing in it', () => {
  const local = `CREATE RULE r AS WITH v AS (${fails}) SELECT account_id FROM v;`;
  const both = `${local} CREATE VIEW v AS SELECT account_id FROM events; CREATE RULE s AS SELECT account_id FROM v;`;
  assert.equal(hashOf(both), hashOf(local));
  assert.notEqual(hashOf(both, 's'), hashOf(both, 'r'));
  assert.match(compiled(both).said, /warning\[W0321\]/);
});

test('how deep views stand on one another is bounded, wherever they stand', () => {
  const chain = (count: number) => {
    const entries = Array.from({ length: count }, (_, i) => `v${i + 1} AS (SELECT account_id FROM v${i})`);
    return `CREATE RULE r AS WITH v0 AS (${fails}), ${entries.join(', ')} SELECT account_id FROM v${count};`;
  };
  assert.equal(compiled(chain(60)).said, '');
  assert.match(compiled(chain(70)).said, /error\[W0103\]: too many views on top of one another/);
  const nested = (count: number) =>
    `CREATE RULE r AS ${'SELECT account_id FROM ('.repeat(count)}${fails}${') AS x'.repeat(count)};`;
  assert.equal(compiled(nested(20)).said, '');
  assert.match(compiled(nested(5000)).said, /error\[W0005\]/);
});
