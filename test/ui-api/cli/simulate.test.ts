import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { instanceProof } from '../../../ui-api/api/token.ts';
import { addIngestCommand } from '../../../ui-api/cli/ingest.ts';
import { addSimulateCommand } from '../../../ui-api/cli/simulate.ts';
import { atEnd } from '../../at-end.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';
import { SpawnedWeir } from './spawn-weir.ts';

const lines = (text: string) => text.trimEnd().split('\n');

test('to a file and to stdout: the same bytes, the truth of every event, the owners beside it', async (context) => {
  const folder = ruleFolder(context, {});
  const args = ['simulate', 'contact-swap', '--seed', '4', '--rate', '120'];
  const piped = await runCli(addSimulateCommand, folder, ...args);
  const filed = await runCli(addSimulateCommand, folder, ...args, '--to', 'a.ndjson');
  assert.deepEqual([piped.code, filed.code, filed.stdout], [0, 0, '']);
  assert.match(
    filed.stderr,
    /contact-swap, seed 4: \d+ events, 10 of them of 5 attacks, 2 h of time, in .* → a\.ndjson/,
  );
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  assert.equal(read('a.ndjson'), piped.stdout);
  const events = lines(piped.stdout).map((line) => JSON.parse(line));
  const truths = lines(read('a.ndjson.truth.ndjson')).map((line) => JSON.parse(line));
  assert.deepEqual(
    truths.map(({ event_id }) => event_id),
    events.map(({ event_id }) => event_id),
  );
  assert.match(read('a.ndjson.owners.csv'), /^platform,account_id,owner_id\n\w+,u_/);
});

test('--list names all, a wrong name gets the nearest one, a wrong speed is refused', async (context) => {
  const folder = ruleFolder(context, {});
  const list = await runCli(addSimulateCommand, folder, 'simulate', '--list');
  assert.equal(lines(list.stdout).length, 14);
  const wrong = await runCli(addSimulateCommand, folder, 'simulate', 'password-sprey');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /there is no scenario password-sprey[\s\S]*did you mean password-spray\?/);
  assert.equal((await runCli(addSimulateCommand, folder, 'simulate', 'campaign', '--speed', 'fast')).code, 2);
  assert.equal((await runCli(addSimulateCommand, folder, 'simulate', 'campaign', '--to', 'none/here')).code, 2);
});

test('to HTTP: a refusal for now is sent again, nothing is lost, and no time lies ahead of the clock', async (context) => {
  const bodies: string[] = [];
  let refusals = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (refusals++ % 2 === 0)
        return response.writeHead(429, { 'retry-after': '0' }).end('{"detail":"full","hint":null}');
      bodies.push(body);
      const answers = lines(body).map((_, i) => `${JSON.stringify({ line: i + 1, status: 'accepted' })}\n`);
      return response.end(answers.join(''));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => server.close());
  const folder = ruleFolder(context, { token: 'secret\n' });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = [
    'simulate',
    'contact-swap',
    '--rate',
    '600',
    '--to',
    'http',
    '--url',
    url,
    '--token-file',
    join(folder, 'token'),
  ];
  const sent = await runCli(addSimulateCommand, folder, ...args);
  assert.equal(sent.code, 0, sent.stderr);
  const events = bodies.flatMap(lines).map((line) => JSON.parse(line) as { event_id: string; timestamp: string });
  assert.equal(new Set(events.map(({ event_id }) => event_id)).size, events.length);
  // The clock of the test's shell stands at 0.
  assert.ok(events.length > 300 && events.every(({ timestamp }) => Date.parse(timestamp) <= 0));
  assert.match(sent.stderr, new RegExp(`accepted ${events.length.toLocaleString('en-US')} · duplicate 0`));
});

test('to HTTP at its own pace: Ctrl-C ends it with the sum of what was sent and exit code 130', async (context) => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      response.end(
        lines(body)
          .map((_, i) => `${JSON.stringify({ line: i + 1, status: 'accepted' })}\n`)
          .join(''),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => server.close());
  const folder = ruleFolder(context, { token: 'secret\n' });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['simulate', 'quiet-week', '--to', 'http', '--speed', '100x', '--url', url, '--token-file', 'token'];
  const run = new SpawnedWeir(context, folder, args);
  await run.prints(/sending to http:.* for 1 h 41 m; Ctrl-C ends it/);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended();
  assert.equal(code, 130);
  assert.match(stderr, /quiet-week, seed 1: .* stopped after .* of 7 days, in .* → http:.* · accepted \d+ · /);
});

test('an address at which nothing listens, or that is none, is told at once', async (context) => {
  const folder = ruleFolder(context, { token: 'secret\n', 'events.ndjson': '{}\n' });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
  for (const command of [
    ['simulate', 'campaign', '--to', 'http'],
    ['ingest', 'events.ndjson'],
  ]) {
    const add = command[0] === 'ingest' ? addIngestCommand : addSimulateCommand;
    const nobody = await runCli(add, folder, ...command, '--url', url, '--token-file', 'token');
    assert.equal(nobody.code, 3, 'the surroundings are at fault');
    assert.match(nobody.stderr, /nothing answers at http:\/\/127.* \(ECONNREFUSED\)\n {2}hint: start `weir run`/);
    const none = await runCli(add, folder, ...command, '--url', 'localhost:7474', '--token-file', 'token');
    assert.equal(none.code, 2);
    assert.match(none.stderr, /hint: write http:\/\/localhost:7474/);
  }
});

test('a Weir with another port than the settings say is found by the address in its folder, and proves that it is it', async (context) => {
  const token = 'the token of this folder';
  let received = 0;
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const nonce = new URL(request.url ?? '', 'http://weir').searchParams.get('nonce');
    if (nonce !== null) return response.end(`{"status":"alive","proof":"${instanceProof(token, nonce, port)}"}`);
    assert.equal(request.headers.authorization, `Bearer ${token}`);
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const sent = lines(body);
      received += sent.length;
      response.end(sent.map((_, i) => `${JSON.stringify({ line: i + 1, status: 'accepted' })}\n`).join(''));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = ruleFolder(context, { 'var/token': `${token}\n`, 'var/address': `${url}\n` });
  const args = ['simulate', 'contact-swap', '--rate', '60', '--to', 'http'];
  const sent = new SpawnedWeir(context, folder, args, { WEIR_PORT: '1' });
  const { code, stderr } = await sent.ended();
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`the Weir of \\S+ runs at ${url}\n[\\s\\S]*→ ${url} · accepted ${received} · `));
  // One that does not know the token gets nothing.
  const other = ruleFolder(context, { 'var/token': 'the token of another one\n', 'var/address': `${url}\n` });
  const before = received;
  const none = await new SpawnedWeir(context, other, args, { WEIR_PORT: '1' }).ended();
  assert.equal(none.code, 3);
  assert.match(
    none.stderr,
    /no Weir of \S+ runs: nothing answers at http:\/\/127\.0\.0\.1:1.*\n {2}hint: start `weir run`/,
  );
  assert.equal(received, before);
});
