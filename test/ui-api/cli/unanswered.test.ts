import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../../at-end.ts';
import { failures, SpawnedWeir, workFolder } from './spawn-weir.ts';

/**
 * A Weir that accepts the lines of so many requests, cuts the next one off, says to another that it is stopping, and is
 * gone for good. `found`: somebody asked whether it is there.
 */
async function stopsAfter(context: TestContext, requests: number): Promise<{ url: string; found: Promise<void> }> {
  let left = requests;
  let find = (): void => undefined;
  const found = new Promise<void>((resolve) => {
    find = resolve;
  });
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.method === 'POST') left--;
      else find();
      if (left === -1) {
        request.socket.destroy();
        return;
      }
      response.statusCode = left < 0 ? 503 : 200;
      const lines = body.split('\n').filter((line) => line !== '');
      const answers = lines.map((_, i) => `${JSON.stringify({ line: i + 1, status: 'accepted' })}\n`);
      response.end(answers.join(''), () => {
        if (left > -2) return;
        server.close();
        server.closeAllConnections();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, found };
}

const unanswered =
  /no answer from http:\S+ \([A-Z_]+\), trying again for up to 2 minutes: start that Weir again, or end/g;

/** Without the signal it would go on for two minutes. */
function endedBy(run: SpawnedWeir, signal: 'SIGINT' | 'SIGTERM') {
  run.child.kill(signal);
  return run.ended();
}

test('ingest into a Weir that stopped for good says so once, and one signal ends it with the counts so far', async (context) => {
  const folder = workFolder(context, { token: 'secret\n', 'events.ndjson': failures('mara', 5, 0) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { url } = await stopsAfter(context, 2);
    const args = ['ingest', 'events.ndjson', '--url', url, '--token-file', 'token'];
    const run = new SpawnedWeir(context, folder, args, { WEIR_REQUEST_LINES: '1' });
    await run.prints(new RegExp(unanswered.source));
    // The second attempt, which is told that it is stopping, is over, and the third, which finds nobody.
    await new Promise((resolve) => setTimeout(resolve, 1700));
    const { code, stdout, stderr } = await endedBy(run, signal);
    assert.equal(code, 130, stderr);
    assert.match(stdout, /^sent 2 events to http:\S+ in .* · accepted 2 · duplicate 0 · late 0 · rejected 0\n$/);
    assert.equal(stderr.match(unanswered)?.length, 1, stderr);
    assert.match(
      stderr,
      /stopped: the same command again sends the rest, and what arrived counts once\. Events of the past are late where /,
    );
  }
});

test('ingest from a pipe that brings nothing ends at one signal', async (context) => {
  const folder = workFolder(context, { token: 'secret\n' });
  const { url, found } = await stopsAfter(context, 2);
  const run = new SpawnedWeir(context, folder, ['ingest', '-', '--url', url, '--token-file', 'token']);
  run.child.stdin.write(failures('mara', 1, 0));
  // It looks whether anything listens, and reads.
  await found;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { code, stdout } = await endedBy(run, 'SIGTERM');
  assert.equal(code, 130);
  assert.match(stdout, /^sent 0 events to /);
});

test('simulate into a Weir that stopped for good says so once, and one signal ends it with the counts so far', async (context) => {
  const folder = workFolder(context, { token: 'secret\n' });
  const { url } = await stopsAfter(context, 1);
  const to = ['--to', 'http', '--url', url, '--token-file', 'token'];
  const run = new SpawnedWeir(context, folder, ['simulate', 'quiet-week', ...to]);
  await run.prints(new RegExp(unanswered.source));
  const { code, stderr } = await endedBy(run, 'SIGTERM');
  assert.equal(code, 130, stderr);
  assert.equal(stderr.match(unanswered)?.length, 1, stderr);
  assert.match(stderr, / stopped after .* → http:\S+ · accepted 1,000 · .* · unanswered 1,000\n$/);
});
