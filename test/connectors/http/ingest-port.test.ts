import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IngestError, IngestPort, splitBody } from '../../../connectors/http/ingest-port.ts';
import { MemoryLog } from '../../../connectors/memory/event-log.ts';
import type { LogEntry } from '../../../engine/index.ts';
import { readAll } from '../log/entries.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A log whose disk is slow: appends wait until they are let go. */
class SlowLog extends MemoryLog {
  #waiting: (() => void)[] = [];

  override async append(entries: readonly LogEntry[]): Promise<number> {
    const first = super.append(entries);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return first;
  }

  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

test('records carry their log position and the time of the request', async () => {
  const log = new MemoryLog();
  await log.append([{ kind: 'tick', now_ms: 1 }]);
  const port = new IngestPort({ log, now_ms: () => 77 });
  const firsts = await Promise.all([port.submit('http', [bytes('a'), bytes('b')]), port.submit('http', [bytes('c')])]);
  assert.deepEqual(firsts, [1, 3]);
  const records = (await readAll(log, 1)).map(({ position, entry }) => {
    assert.equal(entry.kind, 'record');
    const { record } = entry as Extract<LogEntry, { kind: 'record' }>;
    assert.deepEqual([record.position, record.received_at, record.partition], [position, 77, 'http']);
    return new TextDecoder().decode(record.bytes);
  });
  assert.deepEqual(records, ['a', 'b', 'c']);
});

test('a request resolves only when its records are on disk, and what waits is bounded', async () => {
  const log = new SlowLog();
  const port = new IngestPort({ log, now_ms: () => 0, waiting_records: 3, waiting_bytes: 10 });
  let done = 0;
  const first = port.submit('http', [bytes('a'), bytes('b')]).then(() => done++);
  const busy = (error: unknown) => error instanceof IngestError && error.status === 429 && error.retry_after_s === 1;
  await assert.rejects(port.submit('http', [bytes('c'), bytes('d')]), busy);
  await assert.rejects(port.submit('http', [bytes('123456789')]), busy);
  const second = port.submit('http', [bytes('e')]).then(() => done++);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, 0);
  log.letGo();
  await Promise.all([first, second]);
  assert.equal(done, 2);
  assert.equal(log.end_position, 3);
  const third = port.submit('http', [bytes('123456789')]);
  log.letGo();
  assert.equal(await third, 3);
});

test('a request that could never fit is told so, and a failed one leaves its room', async () => {
  const log = new MemoryLog();
  const port = new IngestPort({ log, now_ms: () => 0, waiting_records: 2 });
  const tooMuch = (error: unknown) =>
    error instanceof IngestError && error.status === 413 && error.retry_after_s === null;
  await assert.rejects(port.submit('http', [bytes('a'), bytes('b'), bytes('c')]), tooMuch);
  await log.close();
  for (let i = 0; i < 3; i++) await assert.rejects(port.submit('http', [bytes('a'), bytes('b')]), /closed/);
});

test('a body is cut into lines: line ends, blank lines, no last line end', async () => {
  const body = bytes('{"a":1}\r\n\n  \r\n{"b":"ü"}\n{"c":3}');
  for (const size of [1, 3, 100]) {
    const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
      body.slice(i * size, (i + 1) * size),
    );
    const lines = await splitBody(chunks);
    assert.deepEqual(
      lines.map((line) => new TextDecoder().decode(line)),
      ['{"a":1}', '{"b":"ü"}', '{"c":3}'],
    );
  }
  assert.deepEqual(await splitBody([]), []);
});

test('a body over the limit is refused before it is read to its end', async () => {
  let read = 0;
  function* endless(): Generator<Uint8Array> {
    for (;;) {
      read++;
      yield new Uint8Array(100);
    }
  }
  await assert.rejects(splitBody(endless(), 1000), (error) => error instanceof IngestError && error.status === 413);
  assert.equal(read, 11);
});
