import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hostileTexts } from '../ui-api/api/from-schema.ts';
import { type Answer, DocumentedApi } from './documented-api.ts';

/** Filters that an item must fit to the letter: a text that no item has finds nothing, whatever it would mean to SQL. */
const exact = ['rule', 'entity', 'tenant', 'source', 'who', 'action', 'partition', 'id'];

const withoutRuns = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^data\/(?:runs|log|checkpoints)\b|\.new$|blind-state/.test(path))
    .sort();

/** What an answer must never have in it: secrets of the data folder and of the machine, a header that was put in. */
function innocent(api: DocumentedApi, asked: string, { headers, text }: Answer): void {
  for (const token of api.tokens.values()) assert.equal(text.includes(token), false, asked);
  assert.doesNotMatch(text, /root:[x*]?:0:0:|sha256"|node_modules|\n\s+at /, asked);
  assert.equal(headers.get('x-injected'), null, asked);
}

async function start(context: TestContext) {
  const api = await DocumentedApi.start(context);
  const state = async () => ({
    files: withoutRuns(api.folder),
    tokens: readFileSync(join(api.folder, 'data/tokens.json'), 'utf8'),
    rule: readFileSync(join(api.folder, 'rules/fails.rule.sql'), 'utf8'),
    alerts: (await api.ask('GET', '/v1/alerts?tenant=*')).text,
    events: JSON.parse((await api.ask('GET', '/v1/events?tenant=*')).text).items.length,
  });
  await api.ask('GET', '/v1/audit');
  return { api, state, before: await state() };
}

test('every text parameter of every GET takes SQL, paths, line ends and code as a text: it finds nothing and changes nothing', async (context) => {
  const { api, state, before } = await start(context);
  let asked = 0;
  for (const operation of api.operations.filter(({ method }) => method === 'get')) {
    for (const parameter of operation.parameters) {
      if (parameter.schema.type !== 'string' || parameter.schema.enum !== undefined) continue;
      for (const text of hostileTexts) {
        const value = encodeURIComponent(text.toWellFormed());
        const isPath = parameter.in === 'path';
        if (isPath && (/^\.{0,2}$/.test(text) || text === ' ')) continue;
        const headers: Record<string, string> = parameter.in === 'header' ? { [parameter.name]: value } : {};
        const path = operation.path.replace(/\{(\w+)\}/g, (_, name) =>
          isPath && name === parameter.name ? value : 'x',
        );
        const query = parameter.in === 'query' ? `?${parameter.name}=${value}` : '';
        const answer = await api.ask('GET', path + query, { headers });
        await api.check(operation, path + query, answer);
        innocent(api, path + query, answer);
        asked++;
        if (parameter.in !== 'query' || answer.text === '' || answer.status !== 200) continue;
        if (!exact.includes(parameter.name)) continue;
        if (text === '*' && parameter.name === 'tenant') continue;
        assert.deepEqual(JSON.parse(answer.text).items, [], `${path}${query}`);
      }
    }
  }
  assert.ok(asked > 1000, `only ${asked} requests`);
  assert.deepEqual(await state(), before);
});

test('names and texts in bodies: no file is written outside the rules, no rule runs what is no rule', async (context) => {
  const { api, state, before } = await start(context);
  const name = /^[a-z][a-z0-9_]{0,62}$/;
  const put = async (path: string, body: object) => {
    const answer = await api.ask('PUT', path, { body: JSON.stringify(body) });
    const asked = `PUT ${path} ${JSON.stringify(body).slice(0, 200)}`;
    assert.ok(answer.status >= 400 && answer.status < 500, `${asked}: ${answer.text}`);
    innocent(api, asked, answer);
  };
  for (const text of hostileTexts.filter((one) => !name.test(one))) {
    const part = encodeURIComponent(text.toWellFormed());
    if (!/^\.{0,2}$|^ $/.test(text)) await put(`/v1/rules/${part}`, { text: before.rule });
    await put('/v1/rules/fails', { text: before.rule, pack: text });
    const run = { candidate: { name: text, text: before.rule } };
    const answer = await api.ask('POST', '/v1/runs', { body: JSON.stringify(run) });
    assert.equal(answer.status, 400, `${text}: ${answer.text}`);
    innocent(api, 'POST /v1/runs', answer);
  }
  // These come to the compiler, which takes a while.
  for (const text of ["'; DROP TABLE alerts; --", '../../../../etc/passwd', '$(id)', '\u0000', '{{7*7}}']) {
    await put('/v1/rules/fails', { text: `${before.rule}${text}` });
    await put('/v1/rules/fails', { text: before.rule, tests: `- include: ${JSON.stringify(text)}` });
  }
  const { files, ...rest } = await state();
  assert.deepEqual(
    [files, rest.tokens, rest.rule, rest.alerts],
    [before.files, before.tokens, before.rule, before.alerts],
  );
});

/** One request as bytes, which no client mends; what came back. */
function raw(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(`${head}\r\n\r\n`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

test('paths that climb, hosts and headers that lie: nothing is served but the addresses of the API', async (context) => {
  const { api } = await start(context);
  const owner = `authorization: Bearer ${api.tokens.get('owner')}`;
  const reader = `authorization: Bearer ${api.tokens.get('reader')}`;
  const ask = (target: string, ...headers: string[]) =>
    raw(api.url, [`GET ${target} HTTP/1.1`, 'host: x', 'connection: close', ...headers].join('\r\n'));
  for (const target of [
    ...[
      '/../data/token',
      '/v1/../../data/token',
      '/v1/alerts/../../../../etc/passwd',
      '//etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
    ],
    ...[
      '/v1/rules/..%2f..%2fdata%2ftoken',
      '/v1/rules/..%5c..%5cdata',
      '/v1/rules/%2e%2e/versions',
      '/v1/runs/..%2f..%2ftokens.json',
    ],
    ...[
      '/v1/runs/%2e%2e%2f%2e%2e/detections',
      '/v1/alerts/%00',
      '/v1/alerts;/..;/',
      'http://other.example/v1/audit',
      '*',
    ],
  ]) {
    const answer = await ask(target, owner);
    // `*` is `/`, which says what this is.
    const expected =
      target === '*'
        ? /^HTTP\/1\.1 200 OK[\s\S]*"openapi":/
        : /^HTTP\/1\.1 (?:400|404|405) |^HTTP\/1\.1 200 OK[\s\S]*"items"/;
    assert.match(answer, expected, target);
    assert.doesNotMatch(answer, /root:[x*]?:0:0:/, target);
    assert.equal(answer.includes(api.tokens.get('owner') as string), false, target);
  }
  // No header stands in for a token, and none makes another method or address of a request.
  for (const header of [
    ...[
      'x-forwarded-for: 127.0.0.1',
      'x-original-url: /v1/health',
      'x-rewrite-url: /v1/health',
      'x-http-method-override: PUT',
    ],
    ...[
      'cookie: token=x',
      'proxy-authorization: Bearer x',
      'authorization: Basic b3duZXI6',
      'authorization: Bearer',
      'authorization: Bearer null',
    ],
  ]) {
    assert.match(await ask('/v1/audit', header), /^HTTP\/1\.1 401 /, header);
    if (!header.startsWith('authorization'))
      assert.match(await ask('/v1/audit', reader, header), /^HTTP\/1\.1 403 /, header);
  }
  const twice = await ask('/v1/audit', reader, owner);
  assert.match(twice, /^HTTP\/1\.1 40[013] /, 'of two tokens the second does not count');
  assert.match(await ask('/v1/status', `${owner}\r\n folded`), /^HTTP\/1\.1 40[01] /);
  assert.match(await ask('/v1/status', owner.replace(':', ' :')), /^HTTP\/1\.1 40[01] /);
});
