import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../at-end.ts';
import { SseReader } from '../ui-api/api/sse-reader.ts';
import { weirInFolder } from './weir-in-folder.ts';

const readers = 100;
const batches = 30;
const batch_events = 100;
/** Of one detection: more than the kernel holds for a reader that does not read, in all of them. */
const text_bytes = 3000;

const files: Readonly<Record<string, string>> = {
  'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;\n',
  'rules/fails.rule.sql': `CREATE RULE fails SEVERITY low AS
SELECT account_id, actor.user_agent AS agent FROM events WHERE event_type = 'login' AND result = 'fail';\n`,
};

/** A reader that asks and then takes not one byte from its socket. */
function silentReader(url: string, token: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    socket.on('error', reject);
    const head = `GET /v1/alerts/stream?cursor=start HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`;
    socket.on('connect', () => socket.write(head, () => resolve(socket)));
  });
}

test('100 readers that do not read: every batch is acknowledged, memory stays, the one that reads sees all, they go on later', async (context) => {
  const { data, weir, token } = await weirInFolder(context, files);
  const metric = async (name: string): Promise<number> => {
    const answer = await fetch(`${weir.url}/v1/metrics`, { headers: { authorization: `Bearer ${token}` } });
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text())?.[1]);
  };
  const silent = await Promise.all(Array.from({ length: readers }, () => silentReader(weir.url, token)));
  atEnd(context, () => {
    for (const socket of silent) socket.destroy();
  });
  const reading = await SseReader.open(`${weir.url}/v1/alerts/stream?cursor=start`, token);
  while ((await metric('weir_alert_streams')) < readers + 1) await new Promise((resolve) => setTimeout(resolve, 20));

  let time_ms = 0;
  const agent = 'x'.repeat(text_bytes);
  const ids = Array.from({ length: batches * batch_events }, (_, i) => `e${i}`);
  /** Each a millisecond or more behind the one before it, and none behind the clock, which the watermark may follow. */
  const lineOf = (id: string): string => {
    time_ms = Math.max(time_ms + 1, Date.now());
    const event = { event_id: id, timestamp: time_ms, platform: 'x', event_type: 'login', account_id: id };
    return JSON.stringify({ ...event, actor: { user_agent: agent }, auth: { result: 'fail' } });
  };
  const accountsOf = (reader: SseReader): string[] =>
    reader.events.map(({ data: record }) => (record.values as { account_id: string }).account_id);

  // The first half fills what the kernel holds for those that do not read; the second comes while they stand still.
  let before_bytes = 0;
  for (let batch = 0; batch < batches; batch++) {
    const part = ids.slice(batch * batch_events, (batch + 1) * batch_events).map(lineOf);
    assert.equal(await weir.post(part, 'p'), 200, `batch ${batch}`);
    if (batch !== batches / 2 - 1) continue;
    await reading.until(() => reading.events.length >= ((batches / 2) * batch_events) / 2);
    before_bytes = await metric('process_resident_memory_bytes');
  }
  await reading.until(() => reading.events.length >= ids.length);
  assert.deepEqual(accountsOf(reading), ids, 'the reader that reads got all of them, in order');
  assert.equal(await metric('weir_alert_streams'), readers + 1);
  assert.ok(silent.every((socket) => socket.bytesRead === 0));
  const { counters } = await weir.status();
  assert.deepEqual([counters.read, counters.accepted], [ids.length, ids.length]);
  // What waits for each reader is one piece of the file (256 KiB) and not what it has not read: that would be 1 GB.
  const published_bytes = readFileSync(join(data, 'detections.ndjson')).length;
  assert.ok(published_bytes > 3 * ids.length * 1000, `${published_bytes} bytes are too few to stop a reader`);
  const grown_bytes = (await metric('process_resident_memory_bytes')) - before_bytes;
  assert.ok(grown_bytes < (readers * published_bytes) / 5, `${grown_bytes} bytes more for ${readers} readers`);

  // One of them begins to read: it has missed nothing. Another gives up, and goes on where it was.
  const [late, gone] = silent;
  assert.deepEqual((await read(late, ids.length)).accounts, ids);
  const some = await read(gone, 100);
  gone.destroy();
  const again = await SseReader.open(`${weir.url}/v1/alerts/stream`, token, some.last_id);
  await again.until(() => some.accounts.length + again.events.length >= ids.length);
  assert.deepEqual([...some.accounts, ...accountsOf(again)], ids);
  await again.close();
  await reading.close();
  assert.equal(await weir.end('SIGINT'), 0, 'an orderly end does not wait for readers that do not read');
});

/** Reads a stream off its socket until it has seen so many detections. */
function read(socket: Socket, count: number): Promise<{ readonly accounts: string[]; readonly last_id: string }> {
  const accounts: string[] = [];
  let last_id = '';
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const blocks = text.split('\n\n');
      text = blocks.pop() as string;
      for (const block of blocks) {
        const [, id] = /^id: (\S+)$/m.exec(block) ?? [];
        const [, account] = /"account_id":"(e\d+)"/.exec(block) ?? [];
        if (id === undefined || account === undefined || accounts.length === count) continue;
        accounts.push(account);
        last_id = id;
      }
      if (accounts.length < count) return;
      socket.off('data', onData);
      socket.pause();
      resolve({ accounts, last_id });
    };
    socket.on('data', onData);
    socket.on('close', () => reject(new Error('the stream ended')));
    socket.resume();
  });
}
