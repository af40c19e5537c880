import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../../ui-api/access/roles.ts';
import { codeOf, everyRole, start, token } from './api-world.ts';

/** Who may do what: each route of the API, once. 'open' takes no token. */
const matrix: Readonly<Record<string, readonly Role[] | 'open'>> = {
  'GET /': 'open',
  'GET /v1/openapi.json': 'open',
  'GET /v1/health': 'open',
  'GET /v1/ready': 'open',
  'GET /v1/status': ['reader', 'author', 'operator'],
  'GET /v1/metrics': ['reader', 'operator'],
  'GET /v1/events': ['reader'],
  'POST /v1/events': ['sender', 'operator'],
  'GET /v1/alerts': ['reader'],
  'GET /v1/alerts/{id}': ['reader'],
  'GET /v1/alerts/stream': ['reader'],
  'POST /v1/alerts/{id}/reproduce': ['author', 'operator'],
  'GET /v1/blind': ['reader', 'operator'],
  'GET /v1/rules': ['reader', 'author', 'auditor'],
  'GET /v1/rules/{name}': ['reader', 'author', 'auditor'],
  'GET /v1/rules/{name}/versions': ['reader', 'author', 'auditor'],
  'POST /v1/rules/{name}/check': ['author'],
  'PUT /v1/rules/{name}': ['author'],
  'DELETE /v1/rules/{name}': ['author'],
  'GET /v1/audit': ['auditor'],
  'POST /v1/runs': ['author', 'operator'],
  'GET /v1/runs': ['reader', 'author', 'operator', 'auditor'],
  'GET /v1/runs/{id}': ['reader', 'author', 'operator', 'auditor'],
  'GET /v1/runs/{id}/detections': ['reader', 'author'],
  'POST /v1/runs/{id}/cancel': ['author', 'operator'],
};

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

test('role x route: each route lets exactly its roles through; without and with a wrong token it is 401', async (context) => {
  const { world, url } = await start(context);
  const { paths } = (await (await fetch(`${url}/v1/openapi.json`)).json()) as Document;
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(routes.sort(), Object.keys(matrix).sort(), 'the table has every route');
  const tokens = new Map(everyRole.map((role) => [role, world.tokenOf(role)]));
  for (const [route, roles] of Object.entries(matrix)) {
    const [method, path] = route.split(' ');
    const ask = async (given: string | null) => {
      const answer = await fetch(url + path.replace(/\{\w+\}/, 'x'), {
        method,
        headers: given === null ? {} : { authorization: `Bearer ${given}` },
        ...(method === 'POST' || method === 'PUT' ? { body: '{}' } : {}),
      });
      const refused = answer.status === 401 || answer.status === 403;
      const code = refused ? await codeOf(answer) : '';
      if (!refused) await answer.body?.cancel();
      return refused ? `${answer.status} ${code}` : 'through';
    };
    const open = roles === 'open';
    assert.equal(await ask(null), open ? 'through' : '401 unauthorised', `${route} without a token`);
    world.time_ms += 60_000;
    assert.equal(await ask('weir_wrong'), open ? 'through' : '401 unauthorised', `${route} with a wrong token`);
    assert.equal(await ask(token), 'through', `${route} with the first token`);
    for (const [role, given] of tokens) {
      const may = open || roles.includes(role);
      assert.equal(await ask(given), may ? 'through' : '403 forbidden', `${route} as ${role}`);
    }
  }
});

test('who opens the address alone learns what it is, and nothing of what runs there; what it names is open', async (context) => {
  const { url } = await start(context);
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  const said = (await answer.json()) as Record<string, string>;
  assert.deepEqual(Object.keys(said), ['what', 'health', 'ready', 'openapi', 'token']);
  for (const path of [said.health, said.ready, said.openapi]) assert.equal((await fetch(url + path)).status, 200, path);
  assert.doesNotMatch(JSON.stringify(said), /\d\.\d/, 'no version');
  for (const [method, path] of [
    ['POST', '/'],
    ['GET', '//'],
    ['GET', '/index.html'],
    ['HEAD', '/v1/alerts'],
  ]) {
    assert.equal((await fetch(url + path, { method })).status, 401, `${method} ${path}`);
  }
});

test('a token that is revoked, or has expired, is refused from that moment on', async (context) => {
  const { world, url } = await start(context);
  const status = async (given: string) =>
    (await fetch(`${url}/v1/alerts`, { headers: { authorization: `Bearer ${given}` } })).status;
  const now_ms = Date.parse('2026-03-01T10:00:00Z');
  const { token: short } = world.tokens.create('short', ['reader'], now_ms, now_ms);
  const { token: long } = world.tokens.create('long', ['reader'], now_ms, now_ms + 1);
  assert.equal(await status(short), 401);
  assert.equal(await status(long), 200);
  assert.equal(world.tokens.revoke('long')?.name, 'long');
  assert.equal(await status(long), 401);
  assert.equal(world.tokens.revoke('long'), null);
});

test('wrong tokens are counted, and after 20 of them the address waits; a token that was right there passes', async (context) => {
  const { world, url, get } = await start(context);
  const reader = world.tokenOf('reader');
  const ask = (given: string) => fetch(`${url}/v1/alerts`, { headers: { authorization: `Bearer ${given}` } });
  assert.equal((await get('/v1/alerts')).status, 200);
  for (let i = 0; i < 20; i++) assert.equal((await ask(`guess-${i}`)).status, 401);
  const refused = await ask('guess-20');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '3');
  assert.equal(await codeOf(refused), 'too_many_logins');
  assert.equal((await ask(reader)).status, 429, 'its token is not looked at');
  assert.equal((await get('/v1/alerts')).status, 200, 'a neighbour that was right before');
  world.time_ms += 3000;
  assert.equal((await ask(reader)).status, 200);
  const metrics = await (await get('/v1/metrics')).text();
  assert.match(metrics, /weir_gate_refusals_total\{reason="failed_logins"\} 20\n/);
  assert.match(metrics, /weir_gate_refusals_total\{reason="refused_logins"\} 2\n/);
  assert.equal(world.logged.join('').includes('guess-'), false);
  assert.equal(world.logged.join('').includes(reader), false);
});

test('more than its share: 429 with Retry-After for the address, and for the token; time gives it back', async (context) => {
  const { world, url, get } = await start(context, { requests_per_second: 5 });
  const statuses: number[] = [];
  for (let i = 0; i < 11; i++) statuses.push((await get('/v1/alerts')).status);
  assert.deepEqual(statuses, [...new Array(10).fill(200), 429]);
  const refused = await fetch(`${url}/v1/health`);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(await codeOf(refused), 'too_many_requests');
  world.time_ms += 1000;
  assert.equal((await get('/v1/alerts')).status, 200);
});
