import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { Engine, type LogEntry, type Program, SortedRun, type SourceRecord } from '../../../engine/index.ts';

function programOf(text: string): Program {
  const file = { path: 'r.sql', text };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan !== null, renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

interface Given {
  account_id?: string;
  asn?: number;
}

const recordsOf = (events: readonly Given[]): SourceRecord[] =>
  events.map(({ account_id = '7', asn }, i) => {
    const timestamp = 1_000_000 + i;
    const event = { timestamp, event_id: `e${i}`, platform: 'p', event_type: 't', account_id, net: { asn } };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    return { partition: 'a', position: i, received_at: timestamp, bytes };
  });

/** What each way of running counts: live from an empty state, live with every event by itself, and as a backtest. */
function failedIn(text: string, events: readonly Given[]): Record<string, Record<string, number>> {
  const program = programOf(text);
  const run = new SortedRun(program);
  for (const record of recordsOf(events)) run.add(record);
  const found = [...run.finish()].flat().length;
  const failed = plain(run.stats().failed_values);
  for (const every of [1, 1000]) {
    const engine = new Engine(program);
    const entries = [
      ...recordsOf(events).map((record): LogEntry => ({ kind: 'record', record })),
      { kind: 'end' } as const,
    ];
    let told = 0;
    entries.forEach((entry, position) => {
      engine.apply(position, entry);
      if (position % every === 0 || entry.kind === 'end') told += engine.advance().detections.length;
    });
    assert.deepEqual(plain(engine.stats().failed_values), failed);
    assert.equal(told, found);
    // Like the failed casts of details, they are counted since the start.
    assert.deepEqual(plain(Engine.restore(program, engine.snapshot()).stats().failed_values), {});
  }
  return failed;
}

const plain = (failed: ReadonlyMap<string, ReadonlyMap<string, number>>) =>
  Object.fromEntries([...failed].map(([rule, byText]) => [rule, Object.fromEntries(byText)]));

test('a cast that fails in WHERE, and an overflow in SELECT, are counted by rule and expression', () => {
  const text = `CREATE RULE r AS SELECT net.asn * 1000 AS big FROM events WHERE account_id::int > 5;`;
  const events = [{ asn: 1 }, { asn: 2 ** 52 }, { asn: 2 ** 51 }, { account_id: 'x' }, { account_id: 'y' }, {}];
  assert.deepEqual(failedIn(text, events), { r: { 'account_id::int': 2, 'net.asn * 1000': 2 } });
});

test('what is NULL by meaning has not failed: NULL in, a division by zero, a text that no pattern finds', () => {
  const text = `CREATE RULE r AS
    SELECT net.asn / 0 AS a, div(net.asn, 0) AS b, net.asn + 1 AS c, net.as_org::int AS d,
      regexp_extract(account_id, 'z') AS e FROM events;`;
  assert.deepEqual(failedIn(text, [{ asn: 1 }, {}]), {});
});

test('rules that share a column share its failures, and each is told', () => {
  const text = ['a', 'b']
    .map((name) => {
      return `CREATE RULE ${name} AS SELECT count(*) AS n FROM events GROUP BY account_id::int
        WINDOW SLIDING 1 HOUR HAVING n >= 2;`;
    })
    .join('\n');
  const events = [{ account_id: 'x' }, { account_id: '7' }, { account_id: 'x' }];
  assert.deepEqual(failedIn(text, events), { a: { 'account_id::int': 1 }, b: { 'account_id::int': 1 } });
});

test('the second instance of EMIT EARLY counts nothing a second time', () => {
  const rule = `CREATE RULE r AS SELECT account_id, count(*) AS n FROM events WHERE length(account_id) = 1
    GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 1 AND n * 4503599627370497 > 0`;
  const events = [{ account_id: 'x' }, { account_id: 'x' }, { account_id: 'x' }];
  const failed = { r: { 'count(*) * 4503599627370497': 2 } };
  assert.deepEqual(failedIn(`${rule};`, events), failed);
  assert.deepEqual(failedIn(`${rule} EMIT EARLY;`, events), failed);
});

test('a sum beyond 2^53 is counted: at the window’s end, and once where a running sum leaves what is exact', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const events = [{ asn: most }, { asn: 1 }, { asn: 1 }];
  const sum = (of: string, foot: string) =>
    `CREATE RULE r AS SELECT account_id, sum(${of}) AS s FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR ${foot};`;
  assert.deepEqual(failedIn(sum('net.asn', 'HAVING s > 5'), events), { r: { 'sum(net.asn)': 1 } });
  const early = sum('abs(net.asn)', 'HAVING s >= 1 AND count(*) >= 3');
  assert.deepEqual(failedIn(early, events), { r: { 'sum(abs(net.asn))': 1 } });
});

test('views, joins, lists of conditions and clauses around the SELECT are named by who says them', () => {
  const text = `CREATE VIEW v AS SELECT account_id, account_id::int AS number FROM events WHERE event_type = 't';
    CREATE RULE r SEVERITY CASE WHEN (account_id || 'x')::int > 3 THEN high ELSE low END AS
    SELECT a.account_id FROM v AS a JOIN events AS b WITHIN (AFTER 1 SECOND) ON b.account_id = a.account_id
      AND b.net.asn > (a.account_id || 'y')::int;`;
  const failed = failedIn(text, [
    { account_id: 'x', asn: 1 },
    { account_id: 'x', asn: 2 },
  ]);
  assert.deepEqual(Object.keys(failed).sort(), ['r', 'v']);
  assert.deepEqual(failed.v, { 'account_id::int': 2 });
  assert.deepEqual(Object.keys(failed.r as object), ["(a.account_id || 'y')::int"]);
});
