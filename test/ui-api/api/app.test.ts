import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { IntakeClosed } from '../../../ui-api/api/service.ts';
import { instanceProof } from '../../../ui-api/api/token.ts';
import { WeirClient } from '../../../ui-api/cli/weir-client.ts';
import { atEnd } from '../../at-end.ts';
import { codeOf, start, token } from './api-world.ts';

test('without or with a wrong token every address but health answers 401 and takes nothing', async (context) => {
  const { world, url } = await start(context);
  const service = world.live;
  for (const authorization of ['', 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
    const headers: Record<string, string> = authorization === '' ? {} : { authorization };
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', body: '{}', headers });
    assert.equal(answer.status, 401);
    const error = (await answer.json()) as { code: string; hint: string };
    assert.equal(error.code, 'unauthorised');
    assert.match(error.hint, /token/);
    for (const path of ['/v1/status', '/v1/alerts', '/v1/alerts/stream', '/nothing']) {
      assert.equal((await fetch(url + path, { headers })).status, 401);
    }
  }
  assert.deepEqual(service.received, []);
  const health = await fetch(`${url}/v1/health`);
  assert.deepEqual(await health.json(), { status: 'alive' });
});

test('health proves that it knows the token, to a nonce and for its port; and gives the token to nobody', async (context) => {
  const { url } = await start(context);
  const nonce = 'ab'.repeat(16);
  const text = await (await fetch(`${url}/v1/health?nonce=${nonce}`)).text();
  const port = Number(new URL(url).port);
  assert.deepEqual(JSON.parse(text), { status: 'alive', proof: instanceProof(token, nonce, port) });
  assert.equal(text.includes(token), false);
  assert.notEqual(instanceProof(token, nonce, port), instanceProof(token, nonce, port + 1));
  for (const wrong of ['', 'short', 'x'.repeat(32), 'ab'.repeat(65)]) {
    assert.equal((await fetch(`${url}/v1/health?nonce=${wrong}`)).status, 400);
  }
  assert.equal(await WeirClient.whoAnswers(url, () => token), 'this_weir');
  assert.equal(await WeirClient.whoAnswers(url, () => `${token}x`), 'another');
});

test('what does not know the token never sees it, whatever it answers', async (context) => {
  const seen: string[] = [];
  const answers = ['{"status":"alive","proof":"AAAA"}', '{"status":"alive"}', '{}', 'no JSON'];
  let next = 0;
  const stranger = createServer((request, response) => {
    seen.push(JSON.stringify([request.url, request.headers]));
    response.end(answers[next++]);
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => stranger.close());
  const url = `http://127.0.0.1:${(stranger.address() as { port: number }).port}`;
  const found: string[] = [];
  for (const _ of answers) found.push(await WeirClient.whoAnswers(url, () => token));
  assert.deepEqual(found, ['another', 'another', 'nobody', 'nobody']);
  assert.equal(seen.length, 4);
  assert.equal(seen.join('').includes(token), false);
});

test('each line gets its own result, with its number in the body; blank lines count but are not sent', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  service.judge = (line) =>
    line.includes('bad') ? { status: 'rejected', reason: 'not_json', message: 'no' } : { status: 'accepted' };
  const answer = await post('{"a":1}\r\n\nbad\n{"a":2}');
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), {
    read: 3,
    accepted: 2,
    duplicate: 0,
    late: 0,
    rejected: 1,
    lines: [
      { line: 1, status: 'accepted' },
      { line: 3, status: 'rejected', reason: 'not_json', message: 'no' },
      { line: 4, status: 'accepted' },
    ],
  });
  assert.deepEqual(service.received, [
    { partition: 'http', line: '{"a":1}' },
    { partition: 'http', line: 'bad' },
    { partition: 'http', line: '{"a":2}' },
  ]);
});

test('with Accept: application/x-ndjson the answer is one line per line', async (context) => {
  const { post } = await start(context);
  const answer = await post('{}\n{}\n', '/v1/events?partition=web-1', { accept: 'application/x-ndjson' });
  assert.equal(await answer.text(), '{"line":1,"status":"accepted"}\n{"line":2,"status":"accepted"}\n');
});

test('bytes reach the service as they came, invalid UTF-8 and NUL included', async (context) => {
  const { world, post } = await start(context);
  const body = Uint8Array.from([0x7b, 0xff, 0x00, 0xfe, 0x7d]);
  assert.equal((await post(body)).status, 200);
  assert.deepEqual([...Buffer.from(world.live.received[0].line, 'latin1')], [...body]);
});

test('the answer waits until the service says that the lines are on disk', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  let open = (): void => undefined;
  service.gate = new Promise((resolve) => {
    open = resolve;
  });
  let answered = false;
  const answer = post('{}').then((response) => {
    answered = true;
    return response;
  });
  while (service.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(answered, false);
  open();
  assert.equal((await answer).status, 200);
});

test('413 over the body limit, 429 with Retry-After when the queue is full, 503 when the log failed', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  const large = await post('x'.repeat(5000));
  assert.equal(large.status, 413);
  assert.equal(await codeOf(large), 'body_too_large');
  service.full = true;
  const full = await post('{}');
  assert.equal(full.status, 429);
  assert.equal(full.headers.get('retry-after'), '1');
  service.full = false;
  service.failure = new IntakeClosed('the log failed: disk full');
  const failed = await post('{}');
  assert.equal(failed.status, 503);
  assert.match(((await failed.json()) as { detail: string }).detail, /disk full/);
});

test('400 for a bad partition, an empty body, one document over several lines', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  for (const name of ['', '../x', '%00', 'a b', 'x'.repeat(200)]) {
    const answer = await post('{}', `/v1/events?partition=${encodeURIComponent(name)}`);
    assert.equal(answer.status, 400, name);
    assert.equal(await codeOf(answer), 'bad_partition');
  }
  assert.equal((await post('\n \n')).status, 400);
  const document = await post('{\n  "a": 1\n}\n');
  assert.equal(document.status, 400);
  assert.equal(await codeOf(document), 'one_document');
  assert.deepEqual(service.received, []);
});

test('S4 a client that retries: an Idempotency-Key gives lines without an id the id key#line', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  await post('{"a":1}\n{"event_id":"own"}\nbroken\n{}', '/v1/events', { 'idempotency-key': 'batch-7' });
  assert.deepEqual(
    service.received.map(({ line }) => line),
    ['{"event_id":"batch-7#1","a":1}', '{"event_id":"own"}', 'broken', '{"event_id":"batch-7#4"}'],
  );
});

test('S4 an event_id of null or of no text is none: the key gives it one in its place', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  const lines = ['{"n":12345678901234567891,"event_id" : null ,"a":{"event_id":null}}', '{"event_id":"","a":1}'];
  await post(lines.join('\n'), '/v1/events', { 'idempotency-key': 'k' });
  assert.deepEqual(
    service.received.map(({ line }) => line),
    ['{"n":12345678901234567891,"event_id" : "k#1" ,"a":{"event_id":null}}', '{"event_id":"k#2","a":1}'],
  );
});

test('a body of many tiny lines is refused whole, blank ones too; messages of an answer are short', async (context) => {
  const { world, post } = await start(context);
  const service = world.live;
  assert.equal((await post('a\n'.repeat(1000))).status, 200);
  service.received.length = 0;
  for (const body of ['a\n'.repeat(1001), '\n'.repeat(1001)]) {
    const answer = await post(body);
    assert.equal(answer.status, 413);
    const error = (await answer.json()) as { code: string; detail: string };
    assert.equal(error.code, 'too_many_lines');
    assert.match(error.detail, /1000 lines/);
  }
  assert.deepEqual(service.received, []);
  service.judge = () => ({ status: 'rejected', reason: 'not_json', message: 'x'.repeat(5000) });
  const { lines } = (await (await post('a')).json()) as { lines: { message: string }[] };
  assert.equal(lines[0].message, `${'x'.repeat(200)}...`);
});

test('what is no request, a compressed body or a wrong address is answered in the form of every error', async (context) => {
  const { app, world, post, get, url } = await start(context);
  const service = world.live;
  const form = async (answer: Response) => {
    const body = (await answer.json()) as Record<string, string>;
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    const members = ['type', 'title', 'status', 'detail', 'instance', 'code', 'hint'];
    assert.deepEqual(Object.keys(body), members);
    assert.equal(body.type, `/v1/openapi.json#/components/x-problems/${body.code}`);
    assert.match(body.instance, /^\/.+#req-/);
    return [answer.status, body.code];
  };
  assert.deepEqual(await form(await post('x', '/v1/events', { 'content-encoding': 'gzip' })), [415, 'encoded_body']);
  assert.equal((await post('{}', '/v1/events', { 'content-encoding': 'identity' })).status, 200);
  assert.equal(service.received.length, 1);
  assert.deepEqual(await form(await get('/%zz')), [400, 'bad_address']);
  assert.deepEqual(await form(await get('/nothing')), [404, 'no_such_route']);
  assert.deepEqual(await form(await post('{}', '/v1/alerts/stream')), [405, 'wrong_method']);
  const posted = await post('{}', '/v1/status');
  assert.equal(posted.headers.get('allow'), 'GET');
  assert.deepEqual(await form(posted), [405, 'wrong_method']);
  const { port } = app.server.address() as { port: number };
  assert.ok(url.includes(String(port)));
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write('BREW /coffee\r\n\r\n'));
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /content-type: application\/problem\+json/);
  assert.match(
    answer,
    /\{"type":".+bad_request","title":".+","status":400,"detail":".+","code":"bad_request","hint":".+"\}\n$/,
  );
});

test('neither the token nor a query reaches the service log', async (context) => {
  const { world, post, get } = await start(context);
  const { logged } = world;
  await post('{}', `/v1/events?partition=secret-partition`);
  await get(`/v1/status?token=${token}`);
  const requests = logged.filter((line) => line.includes('"req"'));
  assert.equal(requests.length, 2);
  assert.equal(logged.join('').includes(token), false);
  assert.equal(logged.join('').includes('secret-partition'), false);
  assert.match(requests[0], /"path":"\/v1\/events"/);
  assert.match(requests[0], /"status":200/);
});

test('metrics count failed casts of details by column, and other values that came to nothing by rule', async (context) => {
  const { get } = await start(context);
  const text = await (await get('/v1/metrics')).text();
  assert.match(text, /^weir_failed_casts_total\{column="details\.n"\} 3$/m);
  assert.match(text, /^weir_failed_values_total\{rule="spray"\} 5$/m);
});

test('the first scrape tells what the process took since it started', async (context) => {
  const { get } = await start(context);
  const text = await (await get('/v1/metrics')).text();
  const of = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  const least = (process.cpuUsage().user / 1e6) * 0.5;
  assert.ok(of('process_cpu_user_seconds_total') >= least, `${of('process_cpu_user_seconds_total')} of ${least * 2} s`);
  assert.ok(of('process_cpu_seconds_total') >= of('process_cpu_user_seconds_total'));
});

test('what comes on an open connection while the API closes is answered by a problem that says when to come again', async (context) => {
  const { app, url } = await start(context);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let said = '';
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const head = `host: x\r\nauthorization: Bearer ${token}\r\n`;
  // A request that is on its way holds the connection.
  const arrived = once(app.server, 'request');
  socket.write(`POST /v1/events HTTP/1.1\r\n${head}content-type: application/x-ndjson\r\ncontent-length: 3\r\n\r\n{`);
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; !isSo(); tries++) {
      assert.ok(tries < 500, said);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await arrived;
  const closed = app.close();
  await until(() => !app.server.listening);
  socket.write(`}\n`);
  await until(() => /^HTTP\/1.1 200/.test(said));
  socket.write(`GET /v1/status HTTP/1.1\r\n${head}\r\n`);
  await until(() => said.includes('Weir is stopping'));
  const answer = said.slice(said.lastIndexOf('HTTP/1.1'));
  assert.match(answer, /^HTTP\/1.1 503 .*retry-after: 5\r\n/is);
  assert.match(answer, /content-type: application\/problem\+json/i);
  const problem = JSON.parse(answer.slice(answer.indexOf('{'))) as { code: string; detail: string; hint: string };
  const { code, detail, hint } = problem;
  assert.deepEqual(
    [code, detail, hint],
    ['not_accepting', 'Weir is stopping: nothing of this request was taken', 'send it again'],
  );
  socket.destroy();
  await closed;
});
