import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventContentHash, type LogEntry, parseJson } from '../../../engine/index.ts';
import { codeOf, start } from './api-world.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');

interface Found {
  readonly items: {
    position: number;
    partition: string;
    verdict: string | null;
    event: { event_id?: string } | null;
    bytes: string | null;
  }[];
  readonly next_cursor: string | null;
}

/** Records of a text each, received a second apart; behind all of them the verdicts of the first ones. */
function entries(texts: readonly string[], verdicts: readonly ('accepted' | 'rejected')[]): LogEntry[] {
  const records = texts.map((text, i): LogEntry => {
    const bytes = Buffer.from(text, 'latin1');
    return {
      kind: 'record',
      record: { partition: i % 2 === 0 ? 'even' : 'odd', position: i, received_at: start_ms + i * 1000, bytes },
    };
  });
  return [
    ...records,
    ...verdicts.map((verdict, position): LogEntry => ({ kind: 'verdict', position, verdict, detail: '' })),
  ];
}

test('events are found by id, position and time, as they came and with their verdicts, of one tenant unless asked', async (context) => {
  const { world, get } = await start(context);
  const plain = '{"account_id":"a","n":12345678901234567891}';
  const texts = [
    '{"event_id":"x\\"1"}',
    plain,
    '{"event_id":"b","tenant_id":"shop"}',
    'no JSON \u00ff',
    '{"event_id":"b"}',
    '[7]',
  ];
  await world.log.append(entries(texts, ['accepted', 'accepted', 'accepted', 'rejected']));
  const find = async (query: string) => {
    const answer = await get(`/v1/events?${query}`);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return { text, found: JSON.parse(text) as Found };
  };
  const positions = async (query: string) => (await find(query)).found.items.map(({ position }) => position);
  assert.deepEqual(await positions(''), [0, 1, 4, 5]);
  assert.deepEqual(await positions('tenant=*'), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await positions('id=b'), [4]);
  assert.deepEqual(await positions('id=b&tenant=shop'), [2]);
  assert.deepEqual(await positions('id=x%221'), [0]);
  assert.deepEqual(await positions('position=4'), [4, 5]);
  assert.deepEqual(await positions('partition=odd&tenant=*'), [1, 3, 5]);
  assert.deepEqual(
    await positions('tenant=*&received_since=2026-03-01T10:00:01Z&received_until=2026-03-01T10:00:03Z'),
    [1, 2],
  );
  const { value } = parseJson(Buffer.from(plain));
  assert.ok(value instanceof Map);
  assert.deepEqual(await positions(`id=${eventContentHash(value)}~1`), [1], 'by the id that Weir gave it');
  const { text, found } = await find('tenant=*');
  assert.ok(text.includes('"n":12345678901234567891'), 'to the letter');
  assert.deepEqual(
    found.items.map(({ verdict }) => verdict),
    ['accepted', 'accepted', 'accepted', 'rejected', null, null],
  );
  assert.equal(found.items[3].event, null);
  assert.equal(Buffer.from(found.items[3].bytes ?? '', 'base64').toString('latin1'), 'no JSON \u00ff');
  for (const wrong of ['position=-1', 'position=x', 'cursor=x', 'received_since=now', 'limit=0', 'id=']) {
    assert.match(await codeOf(await get(`/v1/events?${wrong}`)), /^bad_(parameter|cursor)$/, wrong);
  }
});

test('pages lead through the log, and one that looks for what is not there ends', async (context) => {
  const { world, get } = await start(context);
  await world.log.append(
    entries(
      Array.from({ length: 25 }, (_, i) => `{"event_id":"e${i}"}`),
      new Array(25).fill('accepted'),
    ),
  );
  const seen: string[] = [];
  let query = 'limit=10';
  for (;;) {
    const page = (await (await get(`/v1/events?${query}`)).json()) as Found;
    assert.ok(page.items.every(({ verdict }) => verdict === 'accepted'));
    seen.push(...page.items.map(({ event }) => event?.event_id ?? ''));
    if (page.next_cursor === null) break;
    query = `limit=10&cursor=${page.next_cursor}`;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => `e${i}`),
  );
  const none = (await (await get('/v1/events?id=none')).json()) as Found;
  assert.deepEqual(none, { items: [], next_cursor: null });
});

test('what Weir refuses as JSON stands in a page as bytes, so that any reader can read the page', async (context) => {
  const { world, get } = await start(context);
  const nested = `{"event_id":"deep","details":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  const twice = '{"event_id":"twice","account_id":"a","account_id":"b"}';
  await world.log.append(entries([nested, twice, '{"event_id":"fine"}'], ['rejected', 'rejected', 'accepted']));
  const { items } = (await (await get('/v1/events?tenant=*')).json()) as Found;
  assert.deepEqual(
    items.map(({ event }) => event),
    [null, null, { event_id: 'fine' }],
  );
  assert.deepEqual(
    items.slice(0, 2).map(({ bytes }) => Buffer.from(bytes ?? '', 'base64').toString()),
    [nested, twice],
  );
});
