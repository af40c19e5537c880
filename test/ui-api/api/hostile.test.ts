import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { start, token } from './api-world.ts';

/** Sends bytes as they are and gives what came back until the connection was closed, or `ms` have passed. */
function raw(port: number, text: string, ms = 120_000): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const end = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(end);
      resolve(answer);
    });
  });
}

test('header floods, heads without an end, bodies that lie about their length: refused, and the others are served', async (context) => {
  const { app, world, get } = await start(context);
  const { port } = app.server.address() as { port: number };
  const head = `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
  const flood = await raw(port, `${head}${'x-flood: y\r\n'.repeat(20_000)}\r\n`);
  assert.match(flood, /^HTTP\/1\.1 431 .*[\s\S]*"code":"headers_too_large"/);
  assert.match(await raw(port, `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`), /^HTTP\/1\.1 431 /);
  const announced = await raw(port, `${head}content-length: 999999999\r\n\r\n{`);
  assert.match(announced, /^HTTP\/1\.1 413 .*[\s\S]*"code":"body_too_large"/, 'before the body came');
  const twice = await raw(port, `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`);
  assert.match(twice, /^HTTP\/1\.1 400 /);
  const smuggled = await raw(port, `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`);
  assert.match(smuggled, /^HTTP\/1\.1 400 /);
  const slow = Array.from({ length: 50 }, () => raw(port, `${head}content-length: 100\r\n\r\n{`, 1000));
  assert.equal((await get('/v1/alerts')).status, 200, 'slow bodies hold nobody up');
  await Promise.all(slow);
  assert.equal(app.server.requestTimeout, 120_000, 'and none is waited for without end');
  assert.deepEqual(world.live.received, []);
});

test('whatever a parameter or a body holds, the answer is a result or a problem, never a fault', async (context) => {
  const { app, world, url } = await start(context);
  const { body } = await app.inject({ url: '/v1/openapi.json' });
  const { paths } = JSON.parse(body) as {
    paths: Record<string, Record<string, { parameters?: { name: string; in: string }[]; requestBody?: object }>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      "' OR 1=1; DROP TABLE events --",
      '../../../etc/passwd',
      '%00',
      '{"$ne":null}',
      '<script>',
      '-1',
      '1e999',
    ),
    fc.integer().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  const given = fc.record({
    ...{ at: fc.nat(operations.length - 1), values: fc.array(text, { minLength: 8, maxLength: 8 }) },
    body: fc.oneof(fc.json({ maxDepth: 3 }), text),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ at, values, body: sent }) => {
      const { path, method, operation } = operations[at];
      if (path === '/v1/alerts/stream') return;
      // Nobody waits for the share of a caller here.
      world.time_ms += 1000;
      const value = (i: number) => encodeURIComponent(values[i % values.length].toWellFormed());
      const query = (operation.parameters ?? []).filter((one) => one.in === 'query');
      const address = `${path.replace(/\{\w+\}/, () => value(0) || 'x')}?${query.map(({ name }, i) => `${name}=${value(i + 1)}`).join('&')}`;
      const answer = await fetch(url + address, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(operation.requestBody === undefined ? {} : { body: sent.toWellFormed() }),
      });
      const got = await answer.text();
      assert.ok(answer.status < 500, `${method} ${address}: ${got}`);
      if (answer.status >= 400) {
        assert.equal(answer.headers.get('content-type'), 'application/problem+json', address);
        const problem = JSON.parse(got) as Record<string, unknown>;
        assert.ok(problem.detail !== '' && problem.hint !== '' && problem.status === answer.status, got);
      }
    }),
    { numRuns: 300 },
  );
});
