import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../../ui-api/access/roles.ts';
import { codeOf, start } from './api-world.ts';
import { SseReader } from './sse-reader.ts';

const now_ms = Date.parse('2026-03-01T10:00:00Z');
const alert = (id: string, tenant_id: string) => ({
  ...{ schema_version: 'v1', id, revision: 1, timing: 'final', status: 'open', rule: 'r', severity: 'high', tenant_id },
  decided_at: '2026-03-01T10:00:00.000Z',
});

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: unknown }>>>>;
}

/** Routes that a token of one tenant may ask, and that hold it to its tenant; each has a test below. Any other refuses it. */
const held = [
  'GET /v1/alerts',
  'GET /v1/alerts/{id}',
  'GET /v1/alerts/stream',
  'GET /v1/blind',
  'GET /v1/events',
  'POST /v1/events',
];
const open = ['GET /', 'GET /v1/health', 'GET /v1/openapi.json', 'GET /v1/ready'];

async function world(context: Parameters<typeof start>[0]) {
  const started = await start(context);
  const make = (name: string, roles: Role[]) => started.world.tokens.create(name, roles, now_ms, null, 'shop').token;
  const bearer = { authorization: `Bearer ${make('shop', ['reader', 'sender'])}` };
  return { ...started, bearer, ask: (path: string) => fetch(started.url + path, { headers: bearer }) };
}

const itemsOf = async (answer: Response) =>
  ((await answer.json()) as { items: Record<string, unknown>[] }).items.map((item) => item.id ?? item.position);

test('a token of one tenant: every route of the API holds it to the tenant, or refuses it, whatever its roles', async (context) => {
  const { world: api, url } = await world(context);
  const all: Role[] = ['sender', 'reader', 'author', 'operator', 'auditor'];
  const authorization = `Bearer ${api.tokens.create('everything', all, now_ms, null, 'shop').token}`;
  const { paths } = (await (await fetch(`${url}/v1/openapi.json`)).json()) as Document;
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const route = `${method.toUpperCase()} ${path}`;
      const body = method === 'get' ? {} : { body: '{}' };
      const answer = await fetch(url + path.replace(/\{\w+\}/, 'x'), {
        method: method.toUpperCase(),
        headers: { authorization },
        ...body,
      });
      assert.equal(answer.status === 403, ![...held, ...open].includes(route), `${route}: ${answer.status}`);
      await answer.body?.cancel();
    }
  }
});

test('alerts and events: its own without asking, others not, also not by id or for all tenants', async (context) => {
  const { world: api, get, ask } = await world(context);
  api.detections.append(alert('a', 'default'), alert('b', 'shop'), alert('c', 'bank'));
  const entry = (text: string) => {
    const record = { partition: 'p', position: 0, received_at: now_ms, bytes: Buffer.from(text) };
    return { kind: 'record', record } as const;
  };
  await api.log.append(['{"event_id":"e"}', '{"event_id":"e","tenant_id":"shop"}', 'no event'].map(entry));
  assert.deepEqual(await itemsOf(await ask('/v1/alerts')), ['b']);
  assert.deepEqual(await itemsOf(await ask('/v1/alerts?revisions=all')), ['b']);
  assert.deepEqual(await itemsOf(await ask('/v1/alerts?tenant=shop')), ['b']);
  assert.equal((await ask('/v1/alerts/b')).status, 200);
  for (const id of ['a', 'c']) assert.equal(await codeOf(await ask(`/v1/alerts/${id}`)), 'not_found');
  assert.deepEqual(await itemsOf(await ask('/v1/events')), [1]);
  assert.deepEqual(await itemsOf(await ask('/v1/events?id=e')), [1]);
  for (const path of ['/v1/alerts', '/v1/alerts/a', '/v1/events', '/v1/alerts/stream']) {
    for (const tenant of ['default', 'bank', '*', 'Shop', 'shop ']) {
      const answer = await ask(`${path}?tenant=${encodeURIComponent(tenant)}`);
      assert.deepEqual([answer.status, await codeOf(answer)], [403, 'forbidden'], `${path} ${tenant}`);
    }
  }
  assert.deepEqual(await itemsOf(await get('/v1/alerts?tenant=*')), ['c', 'b', 'a'], 'a token of no tenant may say so');
});

test('the stream and the blind intervals: its own alerts, and intervals of everything or of its partitions', async (context) => {
  const { world: api, url, bearer, ask } = await world(context);
  const blind = (id: string, source: string | null) => {
    const what = { schema_version: 'v1', kind: 'blind', id, revision: 1, status: 'open', cause: 'silent', source };
    return { ...what, start: '2026-03-01T09:00:00.000Z', end: null, title: 't', refused_events: null };
  };
  api.blind.append(blind('all', null), blind('own', 'shop/web'), blind('other', 'bank/web'), blind('near', 'shopper'));
  api.detections.append(alert('a', 'default'), alert('b', 'shop'));
  assert.deepEqual(await itemsOf(await ask('/v1/blind')), ['own', 'all']);
  const reader = await SseReader.open(`${url}/v1/alerts/stream?cursor=start`, bearer.authorization.slice(7));
  await reader.until(() => reader.events.length >= 3);
  assert.deepEqual(
    reader.events.map(({ data }) => data.id),
    ['b', 'all', 'own'],
  );
  await reader.close();
});

test('sending: events become its tenant’s, partitions begin with its name, an event of another tenant refuses all', async (context) => {
  const { world: api, post, bearer } = await world(context);
  const send = (body: string, query = '') => post(body, `/v1/events${query}`, bearer);
  assert.equal(
    (await send('{"a":1}\n{"tenant_id":null}\n{"tenant_id":"shop"}\nnonsense\n{"tenant_id":7}')).status,
    200,
  );
  assert.equal((await send('{"a":2}', '?partition=web-1')).status, 200);
  assert.deepEqual(
    api.live.received.map(({ partition, line }) => [partition, line]),
    [
      ['shop/http', '{"tenant_id":"shop","a":1}'],
      ['shop/http', '{"tenant_id":"shop"}'],
      ['shop/http', '{"tenant_id":"shop"}'],
      ['shop/http', 'nonsense'],
      ['shop/http', '{"tenant_id":7}'],
      ['shop/web-1', '{"tenant_id":"shop","a":2}'],
    ],
  );
  for (const other of ['{"tenant_id":"bank"}', '{"tenant_\\u0069d":"default"}', '{"a":1,"tenant_id":"SHOP"}']) {
    const answer = await send(`{"a":1}\n${other}`);
    assert.equal(answer.status, 403);
    assert.match(
      ((await answer.json()) as { detail: string }).detail,
      /^the token shop is of the tenant shop, and line 2 /,
    );
  }
  assert.equal(api.live.received.length, 6, 'nothing of a refused request is taken');
  // Two tenants in one object is no event: the door rejects it, and neither tenant gets it.
  const twice = '{"tenant_id":"shop","tenant_id":"bank"}';
  assert.equal((await send(twice)).status, 200);
  assert.equal(api.live.received.at(-1)?.line, twice);
});
