import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layOut, type ScriptItem, test_start_ms } from '../../../dsl/packs/script.ts';
import { readTestFile } from '../../../dsl/packs/test-file.ts';
import { eventSchemaV1 } from '../../../engine/index.ts';

function items(events: string): ScriptItem[] {
  const { tests, problems } = readTestFile('x.test.yaml', `- test: t\n  expect: none\n${events}`);
  assert.deepEqual(problems, []);
  return layOut(tests[0], eventSchemaV1, 5_000);
}

const text = new TextDecoder();
const eventsOf = (list: readonly ScriptItem[]) =>
  list.flatMap((item) => (item.kind === 'record' ? [JSON.parse(text.decode(item.bytes))] : []));
/** Account and arrival of records, the kind of the rest. */
const order = (list: readonly ScriptItem[]) =>
  list.map((item) => (item.kind === 'record' ? JSON.parse(text.decode(item.bytes)).account_id : item.kind));

test('an event gets what v1 needs, and keeps what it says', () => {
  const [event] = eventsOf(
    items('  events: [{ at: 1m, event: { event_type: login, account_id: a, platform: okta } }]'),
  );
  assert.deepEqual(event, {
    ...{ timestamp: test_start_ms + 60_000, event_id: 'e0001', seq: 1, schema_version: 'v1' },
    ...{ event_type: 'login', account_id: 'a', platform: 'okta' },
  });
  assert.equal(new Date(test_start_ms).toISOString(), '2026-01-05T00:00:00.000Z');
});

test('expressions fill texts; a whole one is a number where the schema has a number', () => {
  const [, second] = eventsOf(
    items(
      `  events: [{ every: 1s, times: 2, event: { account_id: '{i}', net: { asn: '{i + 64500}' }, details: { n: '{i}' } } }]`,
    ),
  );
  assert.deepEqual([second.account_id, second.net.asn, second.details.n], ['1', 64_501, '1']);
});

test('series are woven by time; equal times stay as listed', () => {
  const list = items(`  events:
    - { every: 2s, times: 3, event: { account_id: 'a{i}' } }
    - { at: 1s, every: 1s, times: 3, event: { account_id: 'b{i}' } }`);
  assert.deepEqual(order(list), ['a0', 'b0', 'a1', 'b1', 'b2', 'a2']);
});

test('late moves the arrival and not the time', () => {
  const list = items(`  events:
    - { at: 0s, late: 10s, event: { account_id: late } }
    - { every: 5s, times: 4, event: { account_id: 'a{i}' } }`);
  assert.deepEqual(order(list), ['a0', 'a1', 'late', 'a2', 'a3']);
  const [late] = list.filter((item) => item.kind === 'record' && item.stays);
  assert.equal(late?.kind === 'record' && late.time_ms, test_start_ms);
});

test('a restart and a silence divide the list; the clock goes on', () => {
  const list = items(`  events:
    - { every: 10s, times: 2, event: { account_id: 'a{i}' } }
    - restart
    - { at: 0s, event: { account_id: b } }
    - idle: 30s
    - { at: 15s, event: { account_id: c } }`);
  assert.deepEqual(order(list), ['a0', 'a1', 'restart', 'b', 'idle', 'c']);
  const [idle] = list.filter((item) => item.kind === 'idle');
  assert.deepEqual(idle, { kind: 'idle', partitions: ['test'], now_ms: test_start_ms + 40_000 });
  const [last] = list.filter((item) => item.kind === 'record').slice(-1);
  assert.equal(last.received_at, test_start_ms + 40_000);
});

test('history stands before the start', () => {
  const list = items(`  given: { history: { every: 10m, for: 1h, event: { account_id: h } } }
  events: [{ event: { account_id: a } }]`);
  const times = eventsOf(list).map(({ timestamp }) => (timestamp - test_start_ms) / 60_000);
  assert.deepEqual(times, [-60, -50, -40, -30, -20, -10, 0]);
});

test('a duplicate is the same bytes again', () => {
  const [first, second, third] = items('  events: [{ duplicate: 2, event: { account_id: a } }]');
  assert.deepEqual(first, second);
  assert.deepEqual(first, third);
});
