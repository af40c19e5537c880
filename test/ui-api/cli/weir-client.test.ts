import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WeirClient } from '../../../ui-api/cli/weir-client.ts';
import { atEnd } from '../../at-end.ts';

async function listening(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(context, () => server.closeAllConnections());
  atEnd(context, () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const lines = [Buffer.from('{}')];

test('what waits to be sent again is not, once it is ended', async (context) => {
  const ending = new AbortController();
  let requests = 0;
  const url = await listening(context, (_request, response) => {
    requests++;
    response.writeHead(503, { 'retry-after': '60', 'content-type': 'application/json' });
    response.end('{"detail":"full","hint":null}', () => setImmediate(() => ending.abort()));
  });
  await assert.rejects(new WeirClient(url, 'token', ending.signal).send('p', lines), { name: 'AbortError' });
  assert.equal(requests, 1);
});

test('a request that nobody answers ends, and is not sent again', async (context) => {
  const ending = new AbortController();
  let requests = 0;
  const url = await listening(context, () => {
    requests++;
    ending.abort();
  });
  await assert.rejects(new WeirClient(url, 'token', ending.signal).send('p', lines), { name: 'AbortError' });
  assert.equal(requests, 1);
});
