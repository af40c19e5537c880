import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';
import { coreText } from '../../../dsl/packs/detection-view.ts';
import type { DriveResult } from '../../../dsl/packs/drive.ts';
import { variantFailure } from '../../../dsl/packs/failure.ts';
import { runTestFile, type TestResult } from '../../../dsl/packs/rule-test.ts';
import type { Detection, Program } from '../../../engine/index.ts';

const rule = {
  path: 'guess.rule.sql',
  text: `
    CREATE VIEW logins AS SELECT account_id, result FROM events WHERE event_type = 'login';
    CREATE RULE guess SEVERITY low
      PARAM least int = 3 IN 2 TO 9
    AS SELECT account_id, count(*) AS failures, last(actor.ip) AS ip FROM events
    WHERE event_type = 'login' AND result = 'fail' GROUP BY account_id
    WINDOW SLIDING 1 MINUTES HAVING failures >= :least SUPPRESS BY account_id FOR 10 MINUTES;
    CREATE RULE entered AS SELECT account_id, count(*) FILTER (WHERE result = 'fail') AS failures FROM logins
    GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING failures >= 2 AND last(result) = 'success';
    CREATE RULE hourly AS SELECT count(*) AS n FROM events GROUP BY platform WINDOW TUMBLING 1 MINUTES
    HAVING n > 5 AND n < 9;
    CREATE RULE root AS SELECT actor.ip FROM events WHERE account_id = 'root' AND result = 'success';`,
};
const sources = [rule];
const compiled = compile(sources);

function run(yaml: string): readonly TestResult[] {
  assert.ok(compiled.plan, JSON.stringify(compiled.diagnostics));
  const file = { path: 'guess.test.yaml', text: yaml };
  const result = runTestFile(file, compiled.plan, (params) => compile(sources, { params }));
  assert.deepEqual(result.problems, []);
  return result.tests;
}

/** What is wrong with the only test, as lines. */
function failures(yaml: string): string[] {
  const [result] = run(yaml);
  assert.equal(result.passed, false);
  return [
    ...result.failures.flatMap(({ lines }) => lines.map(({ label, text }) => `${label}: ${text}`)),
    ...result.problems.map(({ message, label, hints }) =>
      [message, label, ...hints].filter((part) => part !== '').join('; '),
    ),
  ];
}

const fails = (times: number, more = '') =>
  `{ every: 10s, times: ${times}, event: { event_type: login, result: fail, account_id: a${more} } }`;

test('a test passes when every detection is expected', () => {
  const [result] = run(`
- test: three
  events: [${fails(4, ', actor: { ip: 10.0.0.1 }')}]
  expect: [{ rule: guess, at: 20s, account_id: a, failures: 3, ip: 10.0.0.1, severity: low, key: a, evidence: 3 }]
`);
  assert.deepEqual(result.failures, []);
  assert.deepEqual([result.passed, result.events, result.line], [true, 4, 2]);
  assert.deepEqual(result.rules, ['guess', 'hourly', 'root', 'entered']);
});

test('a detection that nobody expected, with all of its columns', () => {
  assert.deepEqual(failures(`- { test: t, events: [${fails(3)}], expect: none }`), [
    'expected: nothing',
    'got: guess at 20s   account_id a  failures 3  ip NULL',
  ]);
});

test('one event short: how far the group got, and which event just missed it', () => {
  const yaml = `
- test: t
  events: [${fails(2)}, { at: 20s, event: { event_type: login, result: success, account_id: a } }]
  expect: [{ rule: guess, at: 20s, failures: 3 }]`;
  assert.deepEqual(failures(yaml), [
    'expected: guess at 20s   failures 3',
    'got: nothing',
    'nearest: at 10s: failures 2 of 3',
    "nearest: the event at 20s has auth.result = success: not auth.result = 'fail'",
    'expected: nothing',
    'got: entered at 20s   account_id a  failures 2',
  ]);
  const inside = `
- test: t
  events: [${fails(2)}, { at: 5s, event: { event_type: logout, result: fail, account_id: a } }]
  expect: [{ rule: guess, at: 20s }]`;
  assert.deepEqual(failures(inside).slice(2), [
    'nearest: at 10s: failures 2 of 3',
    "nearest: the event at 5s has event_type = logout: not event_type = 'login'",
  ]);
});

test('a wrong value is marked, a wrong time explained', () => {
  const wrong = `- { test: t, events: [${fails(3)}], expect: [{ rule: guess, at: 20s, failures: 4 }] }`;
  assert.deepEqual(failures(wrong), ['expected: guess at 20s   failures 4', 'got: guess at 20s   failures 3 ←']);
  const early = `- { test: t, events: [${fails(3)}], expect: [{ rule: guess, at: 10s, failures: 3 }] }`;
  assert.deepEqual(failures(early), [
    'expected: guess at 10s   failures 3',
    'got: guess at 20s ←   failures 3',
    'nearest: at 10s: failures 2 of 3',
  ]);
});

test('a rule that is true already does not fire again: the report says so', () => {
  const yaml = `- { test: t, events: [${fails(4)}], expect: [{ rule: guess, at: 20s }, { rule: guess, at: 30s }] }`;
  assert.deepEqual(failures(yaml).slice(2), [
    'nearest: at 30s: failures is 4',
    'nearest: a rule fires where HAVING becomes true, and it was true at an event of the key before',
  ]);
});

test('another key, a condition that nothing passes, an empty view, a single-event rule, a window that ends', () => {
  const key = `- { test: t, events: [${fails(2)}], expect: [{ rule: guess, account_id: b }] }`;
  assert.deepEqual(failures(key).slice(2), ['nearest: no event of this key; keys seen: a']);
  const passes = `- { test: t, events: [${fails(2)}], expect: [{ rule: root }] }`;
  assert.deepEqual(failures(passes).slice(2), [
    "nearest: 2 events, 0 with account_id = 'root', 0 with auth.result = 'success'",
  ]);
  const view = `- { test: t, events: [{ event: { event_type: x, account_id: a } }], expect: [{ rule: entered }] }`;
  assert.deepEqual(failures(view).slice(2), [
    'nearest: no row of logins:',
    "nearest: 1 event, 0 with event_type = 'login'",
  ]);
  const last = `- { test: t, events: [${fails(2)}], expect: [{ rule: entered, account_id: a }] }`;
  assert.deepEqual(failures(last).slice(2), ['nearest: at 10s: last(result) is fail, not = success']);
  const window = `- { test: t, events: [{ every: 1s, times: 3, event: { event_type: x, account_id: a } }], expect: [{ rule: hourly }] }`;
  assert.deepEqual(failures(window).slice(2), ['nearest: at 59s999ms: n is 3, not > 5']);
});

test('many differences are counted, and the first of them shown', () => {
  const keys = Array.from({ length: 30 }, (_, i) => `{ rule: guess, account_id: b${i} }`);
  const lines = failures(`- { test: t, events: [${fails(2)}], expect: [${keys.join(', ')}] }`);
  assert.equal(lines.filter((line) => line.startsWith('expected')).length, 20);
  assert.equal(lines.filter((line) => line.startsWith('nearest')).length, 3);
  assert.equal(lines.at(-1), 'more: 10 more differences');
});

test('suppressed detections, parameters, history', () => {
  const results = run(`
- test: suppressed
  events: [${fails(3)}, { at: 3m, every: 10s, times: 3, event: { event_type: login, result: fail, account_id: a } }]
  expect: [{ rule: guess, at: 20s }, { rule: guess, at: 3m20s, suppressed: true }]
- test: parameter
  given: { params: { least: 2 } }
  events: [${fails(2)}]
  expect: [{ rule: guess, at: 10s }]
- test: history is not judged, but remembered
  given: { history: { every: 10s, for: 30s, event: { event_type: login, result: fail, account_id: a } } }
  events: [${fails(1)}]
  expect: none
`);
  assert.deepEqual(
    results.map(({ name, failures: found }) => [name, found]),
    [
      ['suppressed', []],
      ['parameter', []],
      ['history is not judged, but remembered', []],
    ],
  );
});

test('what a test says against what the rules have', () => {
  assert.deepEqual(failures(`- { test: t, events: [${fails(1)}], expect: [{ rule: gues }] }`), [
    'there is no rule `gues`; did you mean `guess`?; rules: guess, hourly, root, entered',
  ]);
  assert.deepEqual(failures(`- { test: t, events: [${fails(1)}], expect: [{ rule: guess, failure: 1 }] }`), [
    'guess has no column `failure`; did you mean `failures`?; columns of guess: account_id, failures, ip',
  ]);
  const params = (text: string) => `- { test: t, given: { params: { ${text} } }, events: [${fails(1)}], expect: none }`;
  assert.deepEqual(failures(params('lest: 1')), [
    'there is no parameter `lest`; did you mean `least`?; parameters: least',
  ]);
  assert.match(String(failures(params('least: 1'))), /least = 1 is outside IN 2 TO 9/);
  assert.match(String(failures(params('least: many'))), /least is given as "many", which is no int/);
  const field = `- { test: t, events: [{ event: { acount_id: a } }], expect: none }`;
  assert.match(String(failures(field)), /the stream has no field `acount_id`; did you mean `account_id`\?/);
  const dotted = `- { test: t, events: [{ event: { actor.ip: 1.2.3.4 } }], expect: none }`;
  assert.match(String(failures(dotted)), /is written nested: actor: \{ ip: … \}/);
  assert.doesNotMatch(String(failures(dotted)), /did you mean/);
});

test('a rejected event fails the test, once for each reason, unless it is asked for', () => {
  const event = '{ every: 1s, times: 3, event: { event_type: login } }';
  assert.deepEqual(failures(`- { test: t, events: [${event}], expect: none }`).length, 1);
  assert.match(
    failures(`- { test: t, events: [${event}], expect: none }`)[0] ?? '',
    /^rejected: the event of line 1 at 0s: .*account_id/,
  );
  const [asked] = run(`- { test: t, events: [${event}], door: { rejected: 3 }, expect: none }`);
  assert.equal(asked.passed, true);
});

test('the counts of the door', () => {
  const yaml = `
- test: t
  events: [${fails(2)}, { at: 0s, late: 1m, event: { event_type: login, account_id: a } }]
  door: { accepted: 3, late: 0 }
  expect: none`;
  assert.deepEqual(failures(yaml), [
    'door: accepted 3 expected, 2 counted',
    'got: late: the event of line 3 at 0s: its bound was 5s',
    'door: late 0 expected, 1 counted',
    'got: late: the event of line 3 at 0s: its bound was 5s',
  ]);
});

test('S3 an idle source steps aside: the watermark follows the clock, and what was too old by then is late', () => {
  const event = '{ event_type: login, result: fail, account_id: a }';
  // IDLE and LATENESS are 5 s: after 30 s of silence W is 10 s behind the clock, which stands at 40 s.
  const test_after = (time: string, door: string) => `
- test: t
  events: [${fails(2)}, idle: 30s, { at: ${time}, event: ${event} }]
  door: { ${door} }
  expect: ${time === '30s' ? '[{ rule: guess, at: 30s }]' : 'none'}`;
  assert.deepEqual(run(test_after('30s', 'accepted: 3, late: 0'))[0].failures, []);
  assert.deepEqual(run(test_after('29s999ms', 'accepted: 2, late: 1'))[0].failures, []);
});

test('two partitions: the silence of one holds nothing back, and only it steps aside', () => {
  const event = '{ event_type: login, result: fail, account_id: a }';
  const [result] = run(`
- test: t
  events:
    - { at: 0s, partition: a, event: ${event} }
    - { at: 0s, partition: b, event: ${event} }
    - { idle: 30s, partition: b }
    - { at: 10s, partition: a, event: ${event} }
    - { at: 10s, partition: b, event: ${event} }
  door: { accepted: 4 }
  expect: [{ rule: guess, at: 10s, failures: 3 }]`);
  assert.deepEqual([result.failures, result.problems], [[], []]);
});

test('a variant that differs is a failure that names the variant and the first difference', () => {
  const detection = (id: string, value: number): Detection => ({
    ...{ operator: 0, rule: 'r', plan_hash: 'h', id, anchor_id: id, tenant: 'default', key: ['a'] },
    ...{ anchor: { timestamp: 0, id }, window: null, decided_at: Date.UTC(2026, 0, 5), first_event_at: 0 },
    ...{
      last_event_at: 0,
      values: [value],
      evidence: [id],
      evidence_total: 1,
      suppressed_by: null,
      severity: 'medium',
      risk: null,
      revision: 1,
      status: 'open',
    },
  });
  const result = (...detections: Detection[]): DriveResult => ({
    detections,
    counters: { read: 0, accepted: 0, duplicate: 0, late: 0, rejected: 0, conflict: 0, would_be_late: 0 },
    turned_away: [],
    early: [],
  });
  const outputs = [{ name: 'n', type: 'int', evaluate: () => null }];
  const program = { operators: [{ outputs, metadata: { severity: 'low' } }] } as unknown as Program;
  const check = (judged: DriveResult, other: DriveResult) =>
    variantFailure({ name: 'in batches of 7', shuffled: false }, judged, other, coreText, program)?.lines.map(
      ({ label, text }) => `${label}: ${text}`,
    );
  assert.equal(check(result(detection('x', 1)), result(detection('x', 1))), undefined);
  assert.deepEqual(check(result(detection('x', 1), detection('y', 2)), result(detection('x', 1), detection('y', 3))), [
    'differs: in batches of 7, from detection 2 on: a fault of Weir, please report it with this test',
    'expected: r at 0s   n 2 (as listed)',
    'got: r at 0s   n 3',
  ]);
  assert.equal(check(result(detection('x', 1)), result())?.at(-1), 'got: nothing');
});

test('revisions: escalated and closed ones can be expected, and a wrong one is told with what there is', () => {
  const escalating = {
    path: 'guess.rule.sql',
    text: rule.text.replace(
      'FOR 10 MINUTES',
      'FOR 10 MINUTES ESCALATE WHEN failures >= 5 TO high CLOSE AFTER 2 MINUTES QUIET',
    ),
  };
  const { plan } = compile([escalating]);
  assert.ok(plan);
  const results = (expect: string) => {
    const text = `- test: a\n  events: [${fails(5)}]\n  expect: [{ rule: guess, at: 20s, severity: low }${expect}]`;
    return runTestFile({ path: 'guess.test.yaml', text }, plan, () => compile([escalating])).tests[0];
  };
  assert.equal(results('').passed, true);
  const all =
    ', { rule: guess, at: 40s, revision: 2, severity: high, failures: 5 }, { rule: guess, at: 160s, closed: true }';
  assert.deepEqual(results(all).failures, []);
  const [failure] = results(', { rule: guess, at: 50s, revision: 2, severity: critical }').failures;
  assert.match(failure?.lines[0]?.text ?? '', /guess at 50s {3}severity critical {2}revision 2/);
});

test('timing: early, what left on arrival; revision: 2, a final one that says something else; withdrawn', () => {
  const early = {
    path: 'guess.rule.sql',
    text: `CREATE RULE guess AS SELECT account_id, count(*) AS n, first(actor.ip) AS beginning FROM events GROUP BY account_id
      WINDOW SLIDING 1 MINUTES HAVING n >= 3 EMIT EARLY;
      CREATE RULE pair AS SELECT account_id, count(*) AS n, last(result) AS latest FROM events GROUP BY account_id
      WINDOW TUMBLING 1 MINUTES HAVING n >= 2 EMIT EARLY;
      CREATE RULE plain AS SELECT account_id FROM events WHERE result = 'denied';`,
  };
  const { plan } = compile([early]);
  assert.ok(plan);
  const results = (events: string, expect: string) => {
    const text = `- test: a\n  events: [${events}]\n  expect: [${expect}]`;
    const [result] = runTestFile({ path: 'guess.test.yaml', text }, plan, () => compile([early])).tests;
    const lines = result.failures.flatMap(({ lines }) => lines.map(({ label, text }) => `${label}: ${text}`));
    return [...lines, ...result.problems.map(({ message, hints }) => [message, ...hints].join('; '))];
  };
  const at = (time: string, ip: string, more = '') =>
    `{ at: ${time}, event: { event_type: login, account_id: a, result: fail, actor: { ip: ${ip} } }${more} }`;
  const inOrder = [at('0s', '10.0.0.1'), at('1s', '10.0.0.1'), at('2s', '10.0.0.1')].join(', ');
  const finals = '{ rule: pair, at: 1s, n: 2 }, { rule: guess, at: 2s, n: 3 }';
  assert.deepEqual(results(inOrder, finals), [], 'early ones need not be mentioned');
  const all = `{ rule: pair, at: 1s, timing: early, n: 2 }, { rule: guess, at: 2s, timing: early, n: 3 }, ${finals}`;
  assert.deepEqual(results(inOrder, all), []);
  assert.deepEqual(results(inOrder, `{ rule: guess, at: 1s, timing: early }, ${finals}`), [
    'expected: guess at 1s   early',
    'got: guess at 2s ←   early',
  ]);
  assert.deepEqual(results(inOrder, '{ rule: pair, at: 1s, revision: 2 }, { rule: guess, at: 2s }'), [
    'expected: pair at 1s   revision 2',
    'got: pair at 1s',
  ]);
  // The event at 500 ms comes last: what left early at 1 s is not final, what left at 2 s says less than it does finally.
  const late = `${at('0s', '10.0.0.1')}, ${at('1s', '10.0.0.2')}, ${at('500ms', '10.0.0.3', ', late: 3s')}`;
  assert.deepEqual(
    results(
      late,
      '{ rule: pair, at: 1s, timing: early, n: 2 }, { rule: pair, at: 500ms, revision: 2 }, { rule: guess, at: 1s, n: 3 }',
    ),
    [],
  );
  assert.deepEqual(
    results(
      late,
      '{ rule: guess, at: 1s, timing: early, withdrawn: true }, { rule: pair, at: 500ms }, { rule: guess, at: 1s }',
    ),
    [],
  );
  assert.deepEqual(results(inOrder, `{ rule: plain, timing: early }, ${finals}`), [
    'nothing of plain leaves early; it does with EMIT EARLY at the end of the rule',
  ]);
});

test('suppressed_by: the time of the detection that covers it, or the name of an exception', () => {
  const muted = {
    path: 'guess.rule.sql',
    text: `${rule.text} CREATE EXCEPTION tester FOR guess MUTE WHERE account_id = 'tester' BECAUSE 'load';`,
  };
  const { plan } = compile([muted]);
  assert.ok(plan);
  const results = (expect: string) => {
    const events = `${fails(3)}, { at: 5m, every: 10s, times: 3, event: { event_type: login, result: fail, account_id: a } },
      { at: 8m, every: 10s, times: 3, event: { event_type: login, result: fail, account_id: tester } }`;
    const text = `- test: a\n  events: [${events}]\n  expect: [{ rule: guess, at: 20s }, ${expect}]`;
    const [result] = runTestFile({ path: 'guess.test.yaml', text }, plan, () => compile([muted])).tests;
    const lines = result.failures.flatMap(({ lines }) => lines.map(({ label, text }) => `${label}: ${text}`));
    return [...lines, ...result.problems.map(({ message, hints }) => [message, ...hints].join('; '))];
  };
  const both = '{ rule: guess, at: 5m20s, suppressed_by: 20s }, { rule: guess, at: 8m20s, suppressed_by: tester }';
  assert.deepEqual(results(both), []);
  assert.deepEqual(results('{ rule: guess, at: 5m20s, suppressed_by: 10s }'), [
    'expected: guess at 5m20s   suppressed by 10s',
    'got: guess at 5m20s   suppressed by 20s ←',
  ]);
  assert.deepEqual(results('{ rule: guess, suppressed_by: testr }'), [
    'nothing called testr suppresses detections of guess; the time of the detection that covers it, as in suppressed_by: 9m; exceptions that mute it: tester',
  ]);
});

test('detections of one time in another order: said so, without a claim about HAVING; a window that ends is no event', () => {
  const text = `
    CREATE LOOKUP keys (account_id string PRIMARY KEY) WITH (source = 'keys.csv');
    CREATE RULE silent SEVERITY low AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
    WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF keys HAVING n = 0;`;
  const { plan } = compile([{ path: 'silent.rule.sql', text }]);
  assert.ok(plan);
  const linesOf = (expect: string) => {
    const yaml = `
- test: t
  given: { lookups: { keys: [{ account_id: b }, { account_id: a }] } }
  events: [{ at: 0s, every: 110m, times: 2, event: { event_type: x, account_id: c } }]
  expect: [${expect}]`;
    const file = { path: 'silent.test.yaml', text: yaml };
    const [result] = runTestFile(file, plan, () => ({ plan, diagnostics: [] })).tests;
    assert.deepEqual(result.problems, []);
    return result.failures.flatMap(({ lines }) => lines.map(({ label, text: one }) => `${label}: ${one}`));
  };
  const row = (key: string, at: string) => `{ rule: silent, at: ${at}, account_id: ${key} }`;
  const all = ['59m59s999ms', '1h59m59s999ms'].flatMap((at) => [row('a', at), row('b', at)]);
  assert.deepEqual(linesOf(all.join(', ')), []);
  const swapped = [all[1], all[0], all[2], all[3]].join(', ');
  assert.deepEqual(linesOf(swapped).length, 3, linesOf(swapped).join('\n'));
  assert.match(linesOf(swapped)[2], /^order: other order: it is detection \d, expected as number \d; /);
  const late = linesOf([...all, row('a', '9h')].join(', '));
  assert.match(late.join('\n'), /HAVING is true there: that window has its own detection/);
});
