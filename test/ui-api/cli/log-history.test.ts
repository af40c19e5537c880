import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorsOf } from '../../../connectors/index.ts';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import type { LogEntry } from '../../../engine/index.ts';
import { LogHistory } from '../../../ui-api/cli/log-history.ts';

const text = `
CREATE LOOKUP corp (net cidr PRIMARY KEY, reason string) WITH (source = 'corp.csv');
CREATE RULE outside AS SELECT account_id FROM events WHERE actor.ip NOT IN LOOKUP corp;
CREATE RULE followed AS SELECT account_id FROM events AS e WHERE event_type = 'login' AND actor.ip NOT IN LOOKUP corp
  AND EXISTS (SELECT * FROM events AS s WHERE s.account_id = e.account_id AND s.event_type = 'logout' WITHIN 1 MINUTE);
CREATE RULE tags AS SELECT account_id FROM events CROSS JOIN UNNEST(details.tags::array) AS t(x) WHERE x = 'bot';`;

function record(position: number, event: object): { position: number; entry: LogEntry } {
  const bytes = new TextEncoder().encode(JSON.stringify({ platform: 'p', account_id: 'a', ...event }));
  return { position, entry: { kind: 'record', record: { partition: 'p', position, received_at: 2_000_000, bytes } } };
}

test('what a log says of itself does not depend on joins, EXISTS, UNNEST and lookups of the rules that ask', async () => {
  const file = { path: 'r.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan, renderDiagnostics(diagnostics, [file], { color: false }));
  async function* log(_until?: number) {
    yield record(0, {
      timestamp: 1_000_000,
      event_type: 'login',
      actor: { ip: '10.1.1.1' },
      details: { tags: ['bot'] },
    });
    yield record(1, { timestamp: 1_001_000, event_type: 'logout' });
    yield record(2, { event_type: 'logout' });
    yield record(3, { timestamp: 1_100_000, event_type: 'login' });
  }
  const history = await LogHistory.read((until) => cursorsOf(log(until)), buildProgram(plan));
  assert.equal(history.end_position, 4);
  assert.equal(history.watermark_ms, 1_100_000 - 5_000);
  assert.deepEqual(
    [0, 1, 2, 3].map((position) => history.of(position)),
    ['accepted', 'accepted', 'rejected', undefined],
  );
});

test('S4 S3 a log that was written with another LATENESS: its verdicts stand, W never falls, and what lacks a verdict gets a restart’s', async () => {
  const later = { path: 'r.rule.sql', text: `CREATE STREAM events LATENESS 1 MINUTE;${text}` };
  const { plan } = compile([later]);
  assert.ok(plan);
  const event = (id: string, timestamp: number) => ({ event_id: id, timestamp, event_type: 'login' });
  const verdict = (
    position: number,
    of: number,
    verdict: 'accepted' | 'late',
  ): { position: number; entry: LogEntry } => {
    return { position, entry: { kind: 'verdict', position: of, verdict, detail: '' } };
  };
  // With LATENESS 1 SECONDS the second record was late. Weir was killed before it had judged the last two.
  const entries = [
    record(0, event('one', 1_000_000)),
    record(1, event('late', 990_000)),
    verdict(2, 1, 'late'),
    record(3, event('two', 1_010_000)),
    verdict(4, 0, 'accepted'),
    record(5, event('late', 1_002_000)),
    record(6, event('behind', 999_000)),
  ];
  async function* log(until = entries.length) {
    yield* entries.slice(0, until);
  }
  const history = await LogHistory.read((until) => cursorsOf(log(until)), buildProgram(plan));
  assert.equal(history.watermark_ms, 1_000_001, 'the first event had been released');
  assert.deepEqual(
    [0, 1, 3, 5, 6].map((position) => history.of(position)),
    ['accepted', 'late', undefined, undefined, 'late'],
    'a late record wins no id: the second one of its id is none of its duplicates; what W has passed is late',
  );
});
