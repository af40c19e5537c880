import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { AlertStream } from '../../../ui-api/records/alert-stream.ts';
import { atEnd } from '../../at-end.ts';
import { codeOf, newFolder, start, token } from './api-world.ts';
import { SseReader } from './sse-reader.ts';

const alert = (id: string, more: object = {}) => ({ id, tenant_id: 'default', status: 'open', rule: 'r', ...more });
const idsOf = (reader: SseReader) => reader.events.map(({ data }) => data.id);

test('a reader that comes back, to another run of Weir too, misses nothing and gets nothing twice', async (context) => {
  const folder = newFolder(context);
  let { world, url, app } = await start(context, {}, folder);
  world.detections.append(alert('before'));
  let reader = await SseReader.open(`${url}/v1/alerts/stream`, token);
  await reader.until(() => reader.last_id !== '');
  const seen: unknown[] = [];
  for (let round = 0; round < 6; round++) {
    const ids = Array.from({ length: 5 }, (_, i) => `d${round}-${i}`);
    world.detections.append(...ids.slice(0, 2).map((id) => alert(id)));
    await reader.until(() => reader.events.length >= (round === 0 ? 2 : 5));
    seen.push(...idsOf(reader));
    await reader.close();
    // Nobody reads while these are published.
    world.detections.append(...ids.slice(2).map((id) => alert(id)));
    if (round % 2 === 1) {
      await app.close();
      ({ world, url, app } = await start(context, {}, folder));
    }
    reader = await SseReader.open(`${url}/v1/alerts/stream`, token, reader.last_id);
  }
  await reader.until(() => reader.events.length === 3);
  seen.push(...idsOf(reader));
  await reader.close();
  const all = Array.from({ length: 30 }, (_, i) => `d${Math.floor(i / 5)}-${i % 5}`);
  assert.deepEqual(seen, all);
});

test('?cursor=start begins with the first one; filters hold; a filtered reader still learns how far it is', async (context) => {
  const { world, url, get } = await start(context);
  world.detections.append(alert('a'), alert('b', { rule: 'other' }), alert('c', { status: 'suppressed' }));
  const reader = await SseReader.open(`${url}/v1/alerts/stream?cursor=start&rule=other`, token);
  await reader.until(() => reader.events.length === 1);
  assert.deepEqual(idsOf(reader), ['b']);
  await reader.close();
  const none = await SseReader.open(`${url}/v1/alerts/stream?cursor=start&rule=none`, token);
  await none.until(() => none.last_id !== '');
  const later = await SseReader.open(`${url}/v1/alerts/stream`, token, none.last_id);
  world.detections.append(alert('d'));
  await later.until(() => later.events.length === 1);
  assert.deepEqual(idsOf(later), ['d'], 'what it had been past is not told again');
  await later.close();
  await none.close();
  assert.equal(await codeOf(await get('/v1/alerts/stream', { 'last-event-id': 'nonsense' })), 'bad_cursor');
  const { app: other, get: ask } = await start(context);
  assert.equal((await ask('/v1/alerts/stream', { 'last-event-id': none.last_id })).status, 410);
  assert.ok(other.server.listening);
});

test('law 7: blind intervals come in the stream as a kind of their own, and a reader resumes over both files', async (context) => {
  const { world, url, get } = await start(context);
  const interval = (id: string) => ({
    kind: 'blind',
    id,
    revision: 1,
    status: 'open',
    cause: 'silent',
    source: 'web-1',
    start: '2026-03-01T10:00:00.000Z',
    end: null,
  });
  world.blind.append(interval('b1'));
  world.detections.append(alert('d1'));
  const first = await SseReader.open(`${url}/v1/alerts/stream?cursor=start`, token);
  await first.until(() => first.events.length === 2);
  assert.deepEqual(first.events.map(({ event, data }) => `${event} ${data.id}`).sort(), ['blind b1', 'detection d1']);
  await first.close();
  world.blind.append(interval('b2'));
  world.detections.append(alert('d2'));
  const second = await SseReader.open(`${url}/v1/alerts/stream?rule=none`, token, first.last_id);
  await second.until(() => second.events.length === 1);
  assert.deepEqual(idsOf(second), ['b2'], 'whatever is filtered, what Weir did not see is told');
  await second.close();
  const ids = async (query: string) =>
    ((await (await get(`/v1/blind?${query}`)).json()) as { items: { id: string }[] }).items.map(({ id }) => id);
  assert.deepEqual(await ids('source=web-1'), ['b2', 'b1']);
  assert.deepEqual(await ids('cause=down'), []);
  assert.deepEqual(await ids('until=2026-03-01T10:00:00Z'), []);
});

test('a hundred readers that do not read hold nothing up, and little memory; the one that reads gets everything', async (context) => {
  const { app, world, url } = await start(context);
  const { port } = app.server.address() as { port: number };
  for (let i = 0; i < 100; i++) {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /v1/alerts/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
      socket.pause();
    });
    socket.on('error', () => undefined);
    atEnd(context, () => socket.destroy());
  }
  while (world.wakes.size < 100) await new Promise((resolve) => setTimeout(resolve, 5));
  const reader = await SseReader.open(`${url}/v1/alerts/stream`, token);
  await reader.until(() => reader.last_id !== '');
  const before = process.memoryUsage().rss;
  const text = 'x'.repeat(16 * 1024);
  for (let i = 0; i < 500; i++) {
    world.detections.append(alert(`d${i}`, { text }));
    if (i % 10 === 9) await reader.until(() => reader.events.length === i + 1);
  }
  assert.deepEqual(
    idsOf(reader),
    Array.from({ length: 500 }, (_, i) => `d${i}`),
  );
  const grown = process.memoryUsage().rss - before;
  // The file has 8 MB, a hundred times over: what is held must not be of that order.
  assert.ok(grown < 400 * 1024 * 1024, `${Math.round(grown / 1024 / 1024)} MB`);
  await reader.close();
});

test('closing the API ends streams, also those whose reader does not read; beyond 256 of them it is 503', async (context) => {
  const { app, world, url, get } = await start(context);
  const readers: SseReader[] = [];
  for (let i = 0; i < 256; i++) readers.push(await SseReader.open(`${url}/v1/alerts/stream`, token));
  const refused = await get('/v1/alerts/stream');
  assert.equal(refused.status, 503);
  assert.equal(await codeOf(refused), 'too_many_streams');
  const ended = readers.map((reader) => reader.until(() => false));
  await app.close();
  await Promise.all(ended);
  assert.equal(world.wakes.size, 0);
});

test('a reader that goes while its stream is opened leaves nothing behind', async (context) => {
  const { url, world } = await start(context);
  const open = AlertStream.open.bind(AlertStream);
  const gone = Promise.withResolvers<void>();
  context.mock.method(AlertStream, 'open', async (...given: Parameters<typeof open>) => {
    socket.destroy();
    await gone.promise;
    return open(...given);
  });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('close', () => setTimeout(gone.resolve, 50));
  socket.write(`GET /v1/alerts/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await gone.promise;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(world.wakes.size, 0, 'nobody is to be woken');
});
