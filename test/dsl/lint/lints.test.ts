import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

/** Code and label of the warnings of a rule that is otherwise right. */
function warnings(where: string, having = 'count(*) >= 2', window = 'SLIDING 1 HOUR'): string[] {
  const text = `CREATE RULE r AS SELECT account_id FROM events WHERE ${where} GROUP BY account_id
    WINDOW ${window} ${having === '' ? '' : `HAVING ${having}`};`;
  const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
  assert.notEqual(plan, null, text);
  return diagnostics.map(({ code, label }) => `${code} ${label}`);
}

test('a HAVING that one event fulfils', () => {
  for (const having of [
    ...['', 'count(*) >= 1', 'count(*) > 0', '1 <= count(*)', 'count(*) >= -3', 'count(*) < 5'],
    ...['count(*) >= 1 AND count(*) < 5', 'count(DISTINCT account_id) >= 1', 'count(*) = 1 OR max(net.asn) > 5'],
    ...['window_end - window_start >= 1 HOUR'],
  ]) {
    assert.equal(warnings('TRUE', having).length, 1, having);
    assert.match(warnings('TRUE', having)[0] as string, /^W0301/, having);
  }
  for (const having of [
    'count(*) >= 2',
    'count(*) >= 1 AND NOT (count(*) < 5)',
    'count(DISTINCT session_id) >= 1',
    "count(*) FILTER (WHERE result = 'fail') >= 1",
    'count(session_id) >= 1',
    'max(net.asn) >= 1',
  ]) {
    assert.deepEqual(warnings('TRUE', having), [], having);
  }
  assert.deepEqual(warnings('TRUE', '', 'TUMBLING 1 HOUR'), []);
  // What is decided at the end looks at all events of the window.
  assert.deepEqual(warnings('TRUE', 'count(*) < 5', 'TUMBLING 1 HOUR'), []);
  assert.deepEqual(warnings('TRUE', 'count(*) < 5', 'SESSION GAP 1 HOUR MAX 8 HOURS'), []);
  assert.equal(warnings('TRUE', 'count(*) >= 1', 'TUMBLING 1 HOUR').length, 1);
});

test('a WHERE that leaves no value', () => {
  for (const where of [
    "result = 'fail' AND result = 'success'",
    "result IN ('a', 'b') AND auth.result IN ('c')",
    "result IN ('a', 'b') AND result = 'c'",
    'net.asn > 5 AND net.asn < 3',
    'net.asn > 5 AND net.asn < 6',
    'net.asn = 5 AND 7 <= net.asn',
    "platform >= 'b' AND platform < 'a'",
    "NOT result = 'fail' AND result = 'fail'",
    "result = 'fail' AND result <> 'fail'",
    "result IN ('a', 'b') AND NOT result IN ('a', 'b', 'c')",
    "result IN ('ab', 'ac') AND result LIKE 'b%'",
    "(result = 'a' OR result = 'b') AND (result = 'c' OR result = 'd')",
    "result = session_id AND session_id = 'a' AND result = 'b'",
    "(result = 'a' AND result = 'b') OR (result = 'c' AND result LIKE 'd%')",
    "lower(result) = 'Fail'",
    "upper(result) IN ('Fail', 'fail')",
    "lower(session_id) LIKE '%Curl%'",
    'extract(HOUR FROM timestamp) >= 24',
    'extract(ISODOW FROM timestamp) = 0',
    'length(session_id) < 0',
    'event_type IS NULL',
    "session_id IS NULL AND coalesce(session_id, 'none') = 'some'",
    'geo.lat > 5 AND geo.lat < 5',
    'timestamp IS NULL',
    "CASE WHEN result = 'fail' THEN 1 ELSE 2 END > 2",
    'FALSE',
    'TRUE AND 1 = 2',
  ]) {
    assert.equal(warnings(where).length, 1, where);
    assert.match(warnings(where)[0] as string, /^W0302/, where);
  }
  for (const where of [
    "result = 'fail' AND platform = 'success'",
    "result = 'fail' OR result = 'success'",
    "result IN ('a', 'b') AND result IN ('b', 'c')",
    'net.asn > 5 AND net.asn < 7',
    'net.asn >= 5 AND net.asn <= 5',
    'geo.lat > 5 AND geo.lat < 6',
    "platform >= 'a' AND platform < 'b'",
    "NOT result = 'fail' AND session_id = 'fail'",
    "result IN ('a', 'b') AND NOT result IN ('a', 'c')",
    "result IN ('ab', 'ac') AND result LIKE '%c'",
    "(result = 'a' OR result = 'b') AND (result = 'b' OR result = 'd')",
    "(result = 'a' OR session_id = 'b') AND result = 'c'",
    "lower(result) = 'fail'",
    "lower(session_id) LIKE '%curl_%'",
    "session_id LIKE '%Curl%'",
    'extract(HOUR FROM timestamp) >= 23',
    'extract(EPOCH FROM timestamp) >= 24',
    'length(session_id) < 1',
    'session_id IS NULL',
    "details.n = 'a' AND details.n = 5",
    'geo.lat >= 5 AND geo.lat <= 5',
    "CASE WHEN result = 'fail' THEN 1 ELSE 2 END > 1",
  ]) {
    assert.deepEqual(warnings(where), [], where);
  }
});

test('a count of different values that WHERE or GROUP BY keeps below its threshold', () => {
  const distinct = (column: string, n: number) => `count(DISTINCT ${column}) >= ${n}`;
  assert.match(
    warnings("result IN ('a', 'b')", distinct('result', 3))[0] as string,
    /^W0302 result has 2 values under/,
  );
  assert.match(
    warnings("result = 'a'", distinct('auth.result', 2))[0] as string,
    /^W0302 auth.result has 1 value under/,
  );
  assert.match(warnings("result IN ('a', 'a')", distinct('result', 2))[0] as string, /^W0302/);
  assert.match(warnings('TRUE', distinct('account_id', 2))[0] as string, /^W0302 account_id has one value/);
  assert.deepEqual(warnings("result IN ('a', 'b')", distinct('result', 2)), []);
  assert.deepEqual(warnings("result IN ('a', 'b')", distinct('platform', 3)), []);
  const many = Array.from({ length: 20_000 }, (_, i) => `'v${i}'`).join(', ');
  const [label] = warnings(`result IN (${many}) AND result IN (${many})`, distinct('result', 20_001));
  assert.ok((label as string).length < 300, 'a long list is cut');
});

test('a HAVING that no window can reach', () => {
  const reached = (having: string, where = 'TRUE', window = 'SLIDING 1 HOUR') => warnings(where, having, window);
  for (const [having, label] of [
    ['count(*) > 100000', /a key keeps at most 100,000 rows/],
    ['count(*) >= 5 AND count(*) < 5', /no value is left of count/],
    ['count(*) <= 5 AND count(DISTINCT session_id) > 5', /session_id has at most 5 values/],
    ['count(DISTINCT extract(ISODOW FROM timestamp)) > 7', /the expression has at most 7 values/],
    ['cardinality(array_agg(session_id, 5)) > 5', /is from 0 to 5/],
    ['cardinality(top(session_id, 3)) >= 4', /is from 0 to 3/],
    ["count(*) FILTER (WHERE result = 'fail') > count(*)", /./],
    ["count(*) FILTER (WHERE result = 'fail') / count(*) > 50", /is from 0 to 1/],
    ['count(DISTINCT session_id) > count(*)', /./],
    ['min(net.asn) > max(net.asn)', /./],
    ['max(timestamp) - min(timestamp) > 2 HOURS', /is from 0 seconds to 1 hour/],
    ['window_end - window_start > 1 HOUR', /is 1 hour/],
    ['stddev(net.asn) < 0', /./],
    ['account_id IS NULL', /./],
    ['count(*) IS NULL', /./],
  ] as const) {
    const found = reached(having);
    assert.equal(found.length, 1, having);
    assert.match(found[0] as string, /^W0302/, having);
    assert.match(found[0] as string, label, having);
  }
  assert.equal(reached('count(DISTINCT result) > 1', "result LIKE '%' AND (result = 'a' OR result = 'a')").length, 1);
  assert.equal(reached('max(net.asn) > 10', 'net.asn BETWEEN 1 AND 10').length, 1);
  assert.equal(reached('avg(net.asn) > 10', 'net.asn BETWEEN 1 AND 10').length, 1);
  assert.equal(reached("count(*) FILTER (WHERE result = 'a') > 0", "result = 'b'").length, 1);
  for (const having of [
    'count(*) >= 100000',
    'count(*) >= 5 AND count(*) < 6',
    'count(*) <= 5 AND count(DISTINCT session_id) >= 5 AND count(*) > 1',
    'count(DISTINCT extract(ISODOW FROM timestamp)) >= 7',
    'cardinality(array_agg(session_id, 5)) >= 5',
    'cardinality(top(session_id, 3)) >= 3',
    "count(*) FILTER (WHERE result = 'fail') >= count(*) AND count(*) > 2",
    "count(*) FILTER (WHERE result = 'fail') / count(*) > 0.5",
    "count(*) / count(*) FILTER (WHERE result = 'fail') > 50",
    "count(DISTINCT session_id) > count(*) FILTER (WHERE result = 'fail')",
    'max(net.asn) > min(net.asn)',
    'max(timestamp) - min(timestamp) >= 1 HOUR',
    "max(timestamp) - min(timestamp) FILTER (WHERE result = 'fail') < -1 MINUTE",
    'stddev(net.asn) <= 0',
    'avg(geo.lat) > 1',
    'sum(net.asn) > 1000',
  ]) {
    assert.deepEqual(reached(having), [], having);
  }
  assert.deepEqual(reached('avg(geo.lat) > 10', 'geo.lat BETWEEN 1 AND 10'), [], 'fractions may be off by a digit');
  assert.deepEqual(reached('sum(net.asn) > 10', 'net.asn BETWEEN 1 AND 10'), []);
  // A day by the clock may have 25 hours.
  const long = 'max(timestamp) - min(timestamp) > 24 HOURS';
  assert.equal(reached(long, 'TRUE', 'TUMBLING 1 DAY').length, 1);
  assert.deepEqual(reached(long, 'TRUE', "TUMBLING 1 DAY IN TIME ZONE 'Europe/Berlin'"), []);
  assert.match(reached(long, 'TRUE', 'SESSION GAP 1 HOUR').join(), /^W0331 [^,]*$/);
});

test('a rule over a view knows what the view lets through', () => {
  const view = `CREATE VIEW guessing AS SELECT account_id, count(*) AS failures, last(result) AS latest FROM events
    WHERE result IN ('fail', 'denied') GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING failures BETWEEN 5 AND 9;`;
  const of = (where: string) => {
    const text = `${view} CREATE RULE r AS SELECT account_id FROM guessing WHERE ${where};`;
    const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
    assert.notEqual(plan, null);
    return diagnostics.map(({ code }) => code);
  };
  for (const where of ['failures < 5', 'failures >= 10', "latest = 'success'", 'account_id IS NULL']) {
    assert.deepEqual(of(where), ['W0302'], where);
  }
  for (const where of ['failures < 6', 'failures >= 9', "latest = 'denied'"]) assert.deepEqual(of(where), [], where);
});

test('comparisons that are always NULL', () => {
  for (const where of [
    "session_id IS NULL AND session_id = 'a'",
    'net.asn / 0 > 1',
    "nullif(session_id, session_id) = 'a'",
    "session_id IS NULL AND lower(session_id) LIKE 'a%'",
  ]) {
    assert.match(warnings(where)[0] as string, /^W0303 .* is always NULL here/, where);
    assert.equal(warnings(where).length, 1, where);
  }
  assert.match(warnings('TRUE', "array_agg(session_id, 3)[3] = 'a'")[0] as string, /^W0303/);
  assert.deepEqual(warnings('TRUE', "array_agg(session_id, 3)[2] = 'a'"), []);
  assert.deepEqual(warnings("session_id IS NULL OR session_id = 'a'"), []);
  assert.match(warnings('session_id = NULL')[0] as string, /^W0303 write IS NULL/);
  assert.match(warnings('session_id <> NULL')[0] as string, /^W0303 write IS NOT NULL/);
  assert.match(warnings("platform NOT IN ('a', NULL)")[0] as string, /^W0303/);
  assert.deepEqual(warnings('session_id IS NULL AND platform IS DISTINCT FROM NULL'), []);
  for (const where of ['1 / 0 = 2', "nullif('a', 'a') = platform", '2 < 1 % 0']) {
    assert.deepEqual(warnings(where), ['W0303 this is always NULL'], where);
  }
  for (const where of [
    "nullif(session_id, platform) = 'a'",
    '1 / 0 IS DISTINCT FROM 2',
    "nullif('a', 'b') = platform",
  ]) {
    assert.deepEqual(warnings(where), [], where);
  }
});

test('a count that is said to be a number bounds what is counted beside it as one that is at most that', () => {
  for (const count of ['count(*) = 3', 'count(*) IN (2, 3)', 'count(*) <= 3', '3 = count(*)']) {
    const having = (n: number) => `${count} AND count(*) >= 2 AND count(DISTINCT actor.ip) > ${n}`;
    assert.deepEqual(warnings('TRUE', having(3)), ['W0302 actor.ip has at most 3 values here'], count);
    assert.deepEqual(warnings('TRUE', having(2)), [], count);
  }
});

test('an angle beyond its range, and a country that is no code', () => {
  const latitude = 'W0305 a latitude in degrees is from -90 to 90';
  const longitude = 'W0305 a longitude in degrees is from -180 to 180';
  for (const [where, label] of [
    ['geo.lat > 95', latitude],
    ['90 < geo.lat', latitude],
    ['geo.lat <= -90.5', latitude],
    ['geo.lat = 91', latitude],
    ['geo.lon >= 190', longitude],
    ['NOT geo.lon < -180', longitude],
    ["geo.country = 'Germany'", 'W0305 write its code of two letters'],
    ["geo.country IN ('DE', 'us')", "W0305 did you mean 'US'?"],
    ["'DEU' <> geo.country", 'W0305 write its code of two letters'],
  ] as const) {
    assert.deepEqual(warnings(where), [label], where);
  }
  for (const where of [
    ...['geo.lat >= 90', 'geo.lat < 95', 'geo.lat > 89', 'geo.lon > 95', 'geo.lon = -180', 'net.asn > 190'],
    ...["geo.country = 'DE'", "geo.country IN ('DE', 'US')", "geo.city = 'Germany'", 'geo.country = geo.city'],
  ]) {
    assert.deepEqual(warnings(where), [], where);
  }
});

test('a value that looks like a known one of event_type or result', () => {
  for (const [where, label] of [
    ["result = 'failed'", "did you mean 'fail'?"],
    ["result IN ('success', 'failure')", "did you mean 'fail'?"],
    ["'ok' = auth.result", "did you mean 'success'?"],
    ["NOT (event_type <> 'pasword_reset')", "did you mean 'password_reset'?"],
    ["coalesce(event_type = 'Login', TRUE)", "did you mean 'login'?"],
  ] as const) {
    assert.deepEqual(warnings(where), [`W0305 ${label}`], where);
  }
  const having = "count(*) FILTER (WHERE result = 'failed') >= 2";
  assert.deepEqual(warnings('TRUE', having), ["W0305 did you mean 'fail'?"]);
  for (const where of [
    "result = 'fail'",
    "event_type = 'invoice_paid'",
    'event_type = account_id',
    "failure = 'failed'",
  ]) {
    assert.deepEqual(warnings(where), [], where);
  }
});

test('what may be there is not said to be impossible', () => {
  const lookup = "CREATE LOOKUP accounts (account_id string PRIMARY KEY) WITH (source = 'accounts.csv');";
  const tuned = (having: string, least: number) => `CREATE RULE r PARAM least int = ${least} IN 1 TO 30 AS
    SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING ${having};`;
  for (const text of [
    // A column of a UNION ALL is what its branches make of it, whatever field of events has its name.
    `CREATE RULE r AS SELECT account_id FROM (SELECT account_id, event_type FROM events WHERE event_type = 'login'
      UNION ALL SELECT actor.id, NULL FROM events WHERE event_type = 'password_reset') AS both WHERE event_type IS NULL;`,
    // A key of a lookup that had no event was never asked by WHERE.
    `${lookup} CREATE RULE r AS SELECT account_id FROM events WHERE account_id = 'a' OR account_id = 'b' AND result = 'fail'
      GROUP BY account_id WINDOW TUMBLING 1 MINUTE WITH EMPTY KEYS OF accounts HAVING count(*) < 1 AND account_id = 'c';`,
    // What NOT EXISTS says inside is not true of the rows that it lets through.
    `CREATE RULE r AS SELECT e.account_id FROM events AS e
      JOIN events AS f WITHIN 1 MINUTE ON e.account_id = f.account_id
      WHERE NOT EXISTS (SELECT * FROM events AS g WHERE g.account_id = e.account_id AND e.result = 'fail' WITHIN 1 MINUTE)
        AND e.result = 'success';`,
    // For the tenants of a TUNE the constants are others.
    `${tuned('n >= :least AND n < 5', 10)} TUNE r WHERE tenant_id = 'shop' SET least = 2 BECAUSE 'a small one';`,
    `${tuned('n >= :least', 1)} TUNE r WHERE tenant_id = 'shop' SET least = 2 BECAUSE 'a large one';`,
    // And those of a view in the rule, which its reader would be sure of.
    `CREATE RULE r PARAM kind string = 'login' AS
      SELECT account_id FROM (SELECT * FROM events WHERE event_type = :kind) AS v WHERE event_type = 'logout';
      TUNE r WHERE tenant_id = 'shop' SET kind = 'logout' BECAUSE 'they asked';`,
  ]) {
    const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
    assert.notEqual(plan, null, text);
    const said = diagnostics.filter(({ code }) => /^W03/.test(code));
    assert.deepEqual(said, [], text);
  }
});

test('of a view that can never have a row it is not said that it fires', () => {
  const never = "WHERE event_type = 'login' AND event_type = 'logout'";
  const text = `CREATE VIEW v AS SELECT account_id FROM events ${never};
CREATE TABLE t AS SELECT account_id FROM events ${never} GROUP BY account_id WINDOW TUMBLING 1 HOUR;
CREATE RULE r AS SELECT account_id FROM events ${never};`;
  assert.deepEqual(
    compile([{ path: 'r.sql', text }]).diagnostics.map(({ message }) => message),
    ['this view can never have a row', 'this table can never have a row', 'this rule can never fire'],
  );
});

test('what one SELECT of a UNION ALL is sure of, another one need not be; an element may be NULL', () => {
  const text = `CREATE VIEW both AS
SELECT account_id, 1 AS weight FROM events UNION ALL SELECT NULL, 2 FROM events;
CREATE RULE r AS SELECT weight FROM both WHERE account_id IS NULL AND weight = 2;
CREATE RULE elements AS
SELECT account_id FROM events CROSS JOIN UNNEST(details.tags) AS t(tag) WHERE tag IS NULL OR tag = 'x';`;
  assert.deepEqual(compile([{ path: 'both.rule.sql', text }]).diagnostics, []);
});

test('the parts of a condition are asked beside one another, in FILTER, ESCALATE, SEVERITY CASE and exceptions too', () => {
  const said = (clause: string) => {
    const [filter, severity, escalate, exception] = [
      ...['FILTER', 'SEVERITY', 'ESCALATE'].map((word) => (word === clause.slice(0, word.length) ? clause : '')),
      /^(?:MUTE|IGNORE)/.test(clause) ? `CREATE EXCEPTION x FOR r ${clause} BECAUSE 'y';` : '',
    ];
    const text = `CREATE RULE r ${severity} AS SELECT account_id, platform, count(*) ${filter} AS n FROM events
      GROUP BY account_id, platform WINDOW SLIDING 1 HOUR HAVING count(*) >= 5 ${escalate}; ${exception}`;
    const { plan, diagnostics } = compile([{ path: 'r.sql', text }]);
    assert.notEqual(plan, null, text);
    return diagnostics.map(({ code }) => code);
  };
  const of = (condition: string) => [
    ...[`FILTER (WHERE ${condition})`, `SEVERITY CASE WHEN ${condition} THEN high ELSE low END`],
    ...[`ESCALATE WHEN ${condition} TO high`, `MUTE WHERE ${condition}`, `IGNORE WHERE ${condition}`],
  ];
  const never = [
    "account_id = 'a' AND account_id = 'b'",
    "platform = 'a' AND platform LIKE 'b%'",
    "(account_id = 'a' AND account_id = 'b') OR (platform = 'a' AND (platform = 'b' OR platform = 'c'))",
  ];
  for (const clause of never.flatMap(of)) assert.match(said(clause).join(), /^W03(12|32)$/, clause);
  const may = [
    "account_id = 'a' AND platform = 'b'",
    "platform = 'ba' AND platform LIKE 'b%'",
    "(account_id = 'a' AND account_id = 'b') OR platform = 'c'",
  ];
  for (const clause of may.flatMap(of)) assert.deepEqual(said(clause), [], clause);
});
