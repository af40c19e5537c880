import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, explainOperator, explainText } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/index.ts';
import type { OperatorPlan } from '../../../dsl/plan/plan.ts';
import { aggregate, callOf, column, key, literal, operator, program, threshold } from './plans.ts';

function explain(name: string, ...plans: OperatorPlan[]) {
  const plan = plans.find((one) => one.name === name);
  assert.ok(plan);
  return explainOperator(plan, buildProgram(program(...plans)), { operators: plans });
}

const failed = callOf('=', [column('auth.result'), literal('fail')]);
const guessing = threshold(10, {
  name: 'account_guessing',
  where: [callOf('=', [column('event_type'), literal('login')]), failed],
  suppress: { by: ['account_id'], for_ms: 3_600_000, reset: false },
});

test('a sliding rule, whole', () => {
  assert.equal(
    explainText(explain('account_guessing', guessing)),
    [
      '  detection',
      '  └─ suppress by account_id 1 hour',
      '     └─ having count(*) >= 10',
      '        └─ rows by account_id, 15 minutes sliding',
      "           └─ where event_type = 'login' AND auth.result = 'fail'",
      '              └─ events',
      '  decided    fires at the event that makes HAVING true; again only after it was false, or that event has left the window',
      '             leaves when the watermark passes that (LATENESS 5 seconds)',
      '  state      80 B a row, 40 B a key',
      '             280 B more for a key with more than 9 rows',
      '             1,000,000 keys with one row each are 120 MB',
      '             never more than 16,777,216 keys, 67,108,864 rows, 100,000 of a key: what goes first is counted and named',
      '             320 B for a SUPPRESS key that is covered, never more than 1,048,576: what ends first goes, counted',
      '  remembers  30 minutes of its window and the one before: a backtest warms up that long',
      '             its detections back to a pause of 1 hour: a backtest from --since on is warm after one',
      '',
    ].join('\n'),
  );
});

test('a rule without a window keeps nothing', () => {
  const summary = explain('r', operator({ where: [failed] }));
  assert.equal(
    explainText(summary),
    [
      '  detection',
      "  └─ where auth.result = 'fail'",
      '     └─ events',
      '  decided    fires at each row that passes WHERE',
      '             leaves when the watermark passes that (LATENESS 5 seconds)',
      '  state      none: each row is decided by itself',
      '  remembers  nothing: a backtest needs no warm-up',
      '',
    ].join('\n'),
  );
});

test('S8 explain says whether a TUMBLING window is decided at an event or at its end', () => {
  const decided = (how: 'early' | 'end') =>
    explain('r', threshold(3, { window: { kind: 'tumbling', size_ms: 60_000, decided: how } }));
  assert.equal(decided('early').decided, 'event');
  assert.match(decided('early').decided_text[0], /^fires once a window, at the first event/);
  assert.equal(decided('end').decided, 'window_end');
  assert.match(decided('end').decided_text[0], /^fires at the window's end/);
  assert.equal(decided('end').state?.hot_bytes, 0);
});

test('S14 memory reaches through the views below', () => {
  const end = { kind: 'tumbling', size_ms: 60_000, decided: 'end' } as const;
  const view = threshold(3, { kind: 'view', name: 'v', window: end });
  const rule = threshold(2, {
    ...{ name: 'r', input: 'v', outputs: [{ name: 'account_id', type: 'string', expression: key(0) }] },
    suppress: { by: [], for_ms: 5_000, reset: true },
  });
  const summary = explain('r', view, rule);
  assert.deepEqual(summary.memory, {
    ...{ window_ms: 1_800_000, windows: 2, quiet_ms: 1_800_001, unbounded: null, total_ms: 1_860_000 },
    below: [{ name: 'v', window_ms: 60_000 }],
  });
  assert.equal(summary.decided_text[1], 'its input v has its rows at the ends of its windows');
  assert.equal(summary.pipeline[0], 'v');
  assert.match(explainText(summary), /detection\n {2}└─ suppress 5 seconds, reset\n/);
  assert.match(explainText(summary), /30 minutes of its window and the one before \+ 1 minute of v = 31 minutes/);
  assert.match(explain('v', view, rule).pipeline.at(-1) ?? '', /row of the view/);
});

test('S14 a RESET whose HAVING more rows can make false is remembered from the beginning on', () => {
  const having = callOf('<', [aggregate(0), literal(5)]);
  const suppress = { by: [], for_ms: 5_000, reset: true };
  const summary = explain('r', threshold(3, { name: 'r', having, bounds: [], bounds_are_exact: false, suppress }));
  assert.equal(summary.memory.quiet_ms, null);
  assert.match(explainText(summary), /each RESET since the beginning: a backtest from --since on is partial/);
});

test('rules that share rows are named', () => {
  const other = threshold(5, { name: 'other', window: { kind: 'sliding', size_ms: 86_400_000, decided: 'event' } });
  const text = explainText(explain('account_guessing', guessing, other));
  assert.match(text, /rows and keys are shared with other, kept 1 day/);
});

test('a plan that is not in the program is an error', () => {
  assert.throws(
    () => explainOperator(threshold(1, { name: 'x' }), buildProgram(program(guessing)), { operators: [] }),
    /no operator named x/,
  );
});

test('S8 explain says when HOPPING and SESSION windows are decided, and what WITH EMPTY waits for', () => {
  const text = (window: OperatorPlan['window']) => explainText(explain('r', threshold(3, { window })));
  const hopping = text({ kind: 'hopping', size_ms: 900_000, advance_ms: 60_000, decided: 'early' });
  assert.match(hopping, /rows by account_id, 15 minutes hopping by 1 minute/);
  assert.match(hopping, /fires once a run of consecutive true windows, at the first event that makes HAVING true/);
  assert.match(hopping, /remembers {2}16 minutes of its window and the one before/);
  const session = text({ kind: 'session', gap_ms: 1_800_000, max_ms: 28_800_000, decided: 'end' });
  assert.match(session, /sessions with a gap of 30 minutes, at most 8 hours/);
  assert.match(session, /fires at the session's end/);
  assert.match(session, /each session since the beginning: a backtest from --since on is partial/);
  const day = { kind: 'tumbling', size_ms: 86_400_000, decided: 'end', zone: 'Europe/Berlin' } as const;
  assert.match(
    text({ ...day, empty_ms: 604_800_000 }),
    /1 day tumbling in Europe\/Berlin, also without rows for 7 days/,
  );
  assert.match(text({ ...day, empty_ms: 604_800_000 }), /for a key that was seen at most 7 days before its end/);
});

test('explain says what becomes of a detection, and what that keeps', () => {
  const text = `CREATE RULE r MODE shadow AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
    WINDOW SLIDING 5 MINUTES HAVING n >= 3 ESCALATE WHEN n > 9 TO high UPDATE AT END CLOSE AFTER 1 HOUR QUIET
    RISK n ON account account_id HALF LIFE 1 DAY STATE MAX 25600 KEYS;`;
  const { plan } = compile([{ path: 'r.rule.sql', text }]);
  assert.ok(plan);
  const shown = explainText(explainOperator(plan.operators[0], buildProgram(plan), plan));
  assert.match(
    shown,
    /detection \(shadow\)\n +└─ risk on account, half-life 1 day\n +└─ close after 1 hour quiet\n +└─ update at end\n +└─ high when n > 9\n/,
  );
  assert.match(shown, /never more than 25,600 keys/);
  assert.match(shown, /each firing since the beginning: a backtest from --since on is partial/);
  assert.match(shown, /about 4,000 B for an open detection, never more than 262,144/);
  assert.match(shown, /200 B for an entity with a score, never more than 1,048,576 of all rules/);
  assert.match(
    shown,
    /the scores of its entities since the beginning: of a backtest from --since on they begin at 0 there/,
  );
});

test('explain says when the further revisions of a detection are decided', () => {
  const said = (window: string, suppress = '') => {
    const text = `CREATE RULE r AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW ${window} ${suppress}
      ESCALATE WHEN n > 9 TO high UPDATE AT END CLOSE AFTER 10 MINUTES QUIET;`;
    const { plan } = compile([{ path: 'r.rule.sql', text }]);
    assert.ok(plan);
    const { decided_text } = explainOperator(plan.operators[0], buildProgram(plan), plan);
    return decided_text.filter((one) => /^(a firing goes|rises|a rise|a last|UPDATE|closes)/.test(one));
  };
  assert.deepEqual(said('SLIDING 5 MINUTES HAVING n >= 3', 'SUPPRESS BY account_id FOR 1 HOUR'), [
    'a firing goes on while HAVING is true at each event, until the last one has left the window',
    'rises to high at the firing, or at a later event of it that makes n > 9 true, and never falls',
    'a rise is told in spite of SUPPRESS, where nothing in the interval was as severe before',
    'a last revision when that is over, where its values changed',
    'closes 10 minutes after the last event of it, or of a firing that SUPPRESS covers; such an event that comes later opens it again',
  ]);
  assert.deepEqual(said('TUMBLING 5 MINUTES HAVING n < 3'), [
    'rises to high at the firing that makes n > 9 true, and never falls',
    'UPDATE AT END tells nothing more: a firing is one moment',
    'closes 10 minutes after the firing',
  ]);
  const early = said('TUMBLING 5 MINUTES HAVING n >= 3');
  assert.equal(early[0], 'a firing goes on at the events at which HAVING is true, until the window ends');
  const sessions = said('SESSION GAP 5 MINUTES HAVING n >= 3');
  assert.equal(sessions[0], 'a firing goes on at the events at which HAVING is true, until the session ends');
  const hopping = said('HOPPING 5 MINUTES ADVANCE BY 1 MINUTE HAVING n >= 3 EMIT AT END');
  assert.equal(hopping[0], 'a firing goes on while the window that ends next is true as well');
});

test('the tree goes through views and joins to the events', () => {
  const text = `CREATE VIEW failed AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail' GROUP BY account_id
      WINDOW SLIDING 5 MINUTES HAVING n >= 3;
    CREATE RULE r AS SELECT f.account_id, e.platform FROM failed AS f
      JOIN events AS e WITHIN (BEFORE 1 MINUTE, AFTER 2 MINUTES) ON e.account_id = f.account_id AND e.event_type = 'login'
      WHERE f.n > 4 AND e.result = 'success';`;
  const { plan } = compile([{ path: 'r.rule.sql', text }]);
  assert.ok(plan);
  const rule = plan.operators.find(({ name }) => name === 'r');
  assert.ok(rule);
  const summary = explainOperator(rule, buildProgram(plan), plan);
  const drawn = explainText(summary).split('  decided')[0] as string;
  assert.match(explainText(summary), /state +none of its own: what its joins keep stands above, with its bytes/);
  assert.match(explainText(summary), /a left row takes \d+ B, a right row \d+ B, a key \d+ B/);
  assert.equal(
    drawn,
    [
      '  detection',
      '  └─ join by account_id, 1 minute before to 2 minutes after',
      '     ├─ where n > 4',
      '     │  └─ view failed as f',
      '     │     └─ having count(*) >= 3',
      '     │        └─ rows by account_id, 5 minutes sliding',
      "     │           └─ where auth.result = 'fail'",
      '     │              └─ events',
      "     └─ where event_type = 'login' AND auth.result = 'success'",
      '        └─ events as e',
      '',
    ].join('\n'),
  );
});

test('a UNION ALL is drawn with its SELECTs, and what they mean for one event is said', () => {
  const text = `CREATE RULE either AS
SELECT account_id FROM events WHERE event_type = 'login'
UNION ALL
SELECT account_id FROM events WHERE auth.result = 'fail';`;
  const { plan } = compile([{ path: 'either.rule.sql', text }]);
  assert.ok(plan);
  const rule = plan.operators.find(({ name }) => name === 'either') as OperatorPlan;
  const lines = explainText(explainOperator(rule, buildProgram(plan), plan)).split('\n');
  assert.deepEqual(lines.slice(0, 9), [
    '  detection',
    '  └─ union all either (rows)',
    '     ├─ view either (1)',
    "     │  └─ where event_type = 'login'",
    '     │     └─ events',
    '     └─ view either (2)',
    "        └─ where auth.result = 'fail'",
    '           └─ events',
    '  decided    an event that passes several of either (1), either (2) gives a row of each, in this order',
  ]);
});

test('UNNEST is a step of its own, and its bound is said', () => {
  const text = `CREATE RULE tagged AS
SELECT tag FROM events CROSS JOIN UNNEST(details.tags) AS t(tag) WHERE event_type = 'login' AND tag = 'p';`;
  const { plan } = compile([{ path: 'tagged.rule.sql', text }]);
  assert.ok(plan);
  const lines = explainText(explainOperator(plan.operators[0] as OperatorPlan, buildProgram(plan), plan)).split('\n');
  assert.deepEqual(lines.slice(0, 5), [
    '  detection',
    "  └─ where event_type = 'login' AND tag = 'p'",
    '     └─ each element of details.tags as tag',
    '        └─ events',
    '  decided    an event gives a row for each element in order, at most 1,000: those behind them are left out, counted',
  ]);
});

test('EXISTS is drawn as what it is, and KEYS OF asks its lookup at the ends of windows only', () => {
  const text = `CREATE LOOKUP vips (account_id string PRIMARY KEY) WITH (source = 'vips.csv');
    CREATE RULE asked AS SELECT account_id FROM events AS e WHERE event_type = 'login'
      AND EXISTS (SELECT 1 FROM events AS m WHERE m.account_id = e.account_id AND m.event_type = 'mfa_challenge' WITHIN 5 MINUTES);
    CREATE RULE unasked AS SELECT account_id FROM events AS e WHERE event_type = 'login'
      AND NOT EXISTS (SELECT 1 FROM events AS m WHERE m.account_id = e.account_id AND m.event_type = 'logout' WITHIN 5 MINUTES);
    CREATE RULE silent AS SELECT account_id, count(*) AS n FROM events
      GROUP BY account_id WINDOW TUMBLING 1 HOUR WITH EMPTY KEYS OF vips HAVING n = 0;
    CREATE RULE stranger AS SELECT account_id FROM events WHERE account_id NOT IN LOOKUP vips;`;
  const { plan } = compile([{ path: 'r.rule.sql', text }]);
  assert.ok(plan);
  const shownOf = (name: string) => {
    const found = plan.operators.find((one) => one.name === name);
    assert.ok(found);
    return explainText(explainOperator(found, buildProgram(plan), plan));
  };
  assert.match(shownOf('asked'), /└─ where exists by account_id, within 5 minutes/);
  assert.match(shownOf('unasked'), /└─ where not exists by account_id, within 5 minutes/);
  assert.doesNotMatch(shownOf('silent'), /as of the time of the event|before the first version/);
  assert.match(
    shownOf('stranger'),
    /where account_id NOT IN LOOKUP vips\n[\s\S]*asks vips as of the time of the event/,
  );
});
