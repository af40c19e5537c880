import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { EmbeddedStore, StoreMissing } from '../../../connectors/embedded/embedded-store.ts';
import { readEndpoint } from '../../../connectors/embedded/endpoint-file.ts';

const limits = { max_execution_time: 1, max_result_rows: 1000, max_memory_usage: 200_000_000 };

function clientOf(url: string, { user, password }: { user: string; password: string }, extra = {}): ClickHouseClient {
  return createClient({ url, username: user, password, log: { level: 127 }, ...extra });
}

async function rowsOf(client: ClickHouseClient, query: string, more = {}): Promise<Record<string, unknown>[]> {
  return (await client.query({ query, format: 'JSONEachRow', ...more })).json();
}

const code = (expected: string) => (error: { code?: string }) => error.code === expected;

describe('the embedded store, through the official client', () => {
  let folder: string;
  let store: EmbeddedStore;
  let writer: ClickHouseClient;
  let reader: ClickHouseClient;
  const told: string[] = [];

  async function begin(): Promise<void> {
    const address = await store.ready(20_000);
    writer = clientOf(address.url, address.writer as { user: string; password: string });
    reader = clientOf(address.url, address.reader, { compression: { request: false, response: true } });
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-embedded-'));
    store = new EmbeddedStore({ folder, reader_limits: limits, report: (message) => told.push(message) });
    await begin();
    await writer.command({ query: 'CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a' });
    await writer.command({ query: "CREATE VIEW files AS SELECT 1 AS n, 'x' AS file" });
    await writer.command({ query: 'CREATE TABLE victim (a UInt8) ENGINE = MergeTree ORDER BY a' });
  });
  after(async () => {
    await writer.close();
    await reader.close();
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const hostile = 'a\n\nDROP TABLE victim';
  const count = async (): Promise<number> => Number((await rowsOf(writer, 'SELECT count() AS n FROM t'))[0].n);

  test('rows with a blank line in them are rows, in every way of inserting them', async () => {
    const { Readable } = await import('node:stream');
    const raw = (text: string) => Readable.from([text], { objectMode: false });
    const lines = async (text: string): Promise<void> => {
      const { stream } = await writer.exec({ query: 'INSERT INTO t FORMAT JSONEachRow', values: raw(text) });
      stream.resume();
    };
    await writer.insert({ table: 't', values: [{ a: 1, s: hostile }], format: 'JSONEachRow' });
    await writer.insert({ table: 't', values: raw(`2,"${hostile}"\n`), format: 'CSV' });
    await lines('{"a":3,"s":"x"}\n\n\n{"a":4,"s":"y"}\n\n');
    await writer.command({ query: `INSERT INTO t VALUES (5, '${hostile}')` });
    await writer.command({ query: `INSERT INTO t FORMAT CSV\n6,"${hostile}"\n` });
    await assert.rejects(
      lines('{"a":7,"s":"x"}\n\nDROP TABLE victim\n'),
      'what is no row is an error, and no statement',
    );
    const rows = await rowsOf(reader, 'SELECT a, s FROM t WHERE a < 7 ORDER BY a');
    assert.deepEqual(
      rows.map(({ s }) => s),
      [hostile, hostile, 'x', 'y', hostile, hostile],
    );
    assert.deepEqual(await rowsOf(reader, 'EXISTS TABLE victim'), [{ result: 1 }]);
  });

  test('Native blocks go in and come out byte by byte, blank lines within them too', async () => {
    const { Readable } = await import('node:stream');
    const asNative = async (query: string): Promise<Buffer> => {
      const chunks: Buffer[] = [];
      for await (const chunk of (await reader.exec({ query: `${query} FORMAT Native` })).stream)
        chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    const block = await asNative("SELECT toUInt64(2570) AS a, '\\n\\nDROP TABLE victim' AS s");
    assert.ok(block.includes('\n\n'));
    const { stream } = await writer.exec({
      query: 'INSERT INTO t FORMAT Native',
      values: Readable.from([block], { objectMode: false }),
    });
    stream.resume();
    assert.deepEqual(await asNative('SELECT a, s FROM t WHERE a = 2570'), block);
  });

  test('one statement at a time, and none that names a file', async () => {
    const before = await count();
    await assert.rejects(writer.command({ query: 'SELECT 1; TRUNCATE TABLE t' }), code('62'));
    await assert.rejects(writer.command({ query: "SELECT 1 INTO OUTFILE '/tmp/weir-must-not-be'" }), code('497'));
    assert.equal(await count(), before);
    assert.equal(existsSync('/tmp/weir-must-not-be'), false);
  });

  test('64-bit numbers stay what they are, and parameters of any text', async () => {
    const rows = await rowsOf(reader, 'SELECT {n:UInt64} AS n, toInt64(-9007199254740993) AS m, {s:String} AS s', {
      query_params: { n: '18446744073709551615', s: 'a\'b\\n\n\t";DROP TABLE victim--' },
    });
    assert.deepEqual(rows, [
      { n: '18446744073709551615', m: '-9007199254740993', s: 'a\'b\\n\n\t";DROP TABLE victim--' },
    ]);
  });

  test('an unknown field is refused, not dropped', async () => {
    await assert.rejects(writer.insert({ table: 't', values: [{ a: 9, zz: 1 }], format: 'JSONEachRow' }), code('117'));
  });

  test('the reader only reads: no change, no file, no address, no higher limit', async () => {
    const refused = [
      'DROP TABLE t',
      'INSERT INTO t SELECT 1, 2',
      "SELECT * FROM file('/etc/passwd', 'LineAsString')",
      "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a Int8')",
      "SELECT * FROM remote('127.0.0.1', 'system', 'one')",
      "SELECT * FROM executable('x', 'TSV', 'a String')",
      // What readonly lets through: the function file, in every way of naming it, and a table function's columns.
      "SELECT file('/etc/passwd')",
      "SELECT `file`('/etc/passwd')",
      `SELECT "f\\x69le"('/etc/passwd')`,
      "SELECT arrayMap(file, ['/etc/passwd'])",
      "SELECT arrayMap(x -> file/**/ (x), ['/etc/passwd'])",
      "DESCRIBE TABLE file('/etc/passwd', 'CSVWithNames')",
      "DESCRIBE url('http://127.0.0.1:1/', 'CSVWithNames')",
      'SELECT 1 SETTINGS readonly = 0',
      'SELECT 1 SETTINGS max_execution_time = 0',
      'SET readonly = 0',
      'SYSTEM SHUTDOWN',
    ];
    for (const query of refused)
      await assert.rejects(rowsOf(reader, query), /not allowed|readonly|forgotten|may not call|may describe/, query);
    assert.deepEqual(await rowsOf(reader, 'SELECT f.file FROM (SELECT 1 AS a) AS t JOIN files AS f ON f.n = t.a'), [
      { file: 'x' },
    ]);
    assert.equal((await rowsOf(reader, 'DESCRIBE TABLE (SELECT count(*) AS n FROM t)')).length, 1);
    const higher = { clickhouse_settings: { max_execution_time: 0, max_result_rows: '0' } };
    await assert.rejects(rowsOf(reader, 'SELECT number FROM numbers(100000)', higher), code('396'));
    const other = { clickhouse_settings: { readonly: '0' } };
    await assert.rejects(rowsOf(reader, 'SELECT 1', other), code('497'));
  });

  test('limits of time, rows and memory are errors of their statement alone', async () => {
    await assert.rejects(
      rowsOf(reader, 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1'),
      code('159'),
    );
    await assert.rejects(rowsOf(reader, 'SELECT number FROM numbers(100000)'), code('396'));
    await assert.rejects(rowsOf(reader, 'SELECT groupArray(number) FROM numbers(100000000)'), code('241'));
    assert.deepEqual(await rowsOf(reader, 'SELECT 1 AS a'), [{ a: 1 }]);
  });

  test('settings and databases of one statement are not the next one’s', async () => {
    const size = "SELECT value FROM system.settings WHERE name = 'max_block_size'";
    const [own] = await rowsOf(writer, size, { clickhouse_settings: { max_block_size: '777' } });
    const [next] = await rowsOf(writer, size);
    assert.deepEqual([own.value, next.value === '777'], ['777', false]);
  });

  test('a slow statement does not hold up another one', async () => {
    let isSlow = true;
    const slow = rowsOf(writer, 'SELECT sleepEachRow(1) FROM numbers(10) SETTINGS max_block_size = 1').then(() => {
      isSlow = false;
    });
    await rowsOf(reader, 'SELECT 1 AS a');
    assert.ok(isSlow, 'each statement has a session of its own');
    await slow;
  });

  test('an error in the middle of a result is an error', async () => {
    const result = await writer.query({
      query: 'SELECT throwIf(number = 300000) FROM numbers(400000)',
      format: 'JSONEachRow',
    });
    await assert.rejects(result.json(), code('395'));
  });

  test('without the password nothing but a ping', async () => {
    const { url, reader: user } = await store.ready(20_000);
    const stranger = clientOf(url, { user: user.user, password: 'guess' });
    await assert.rejects(rowsOf(stranger, 'SELECT 1'), code('516'));
    assert.equal((await stranger.ping()).success, true);
    await stranger.close();
    assert.equal(statSync(join(folder, 'endpoint.json')).mode & 0o077, 0, 'only the owner reads the password');
    assert.deepEqual(readEndpoint(folder)?.reader, user);
  });

  test('a request that is no address costs the others nothing', async () => {
    const { pid } = store;
    const { port } = new URL((await store.ready(20_000)).url);
    const answers = ['//', '/\\', '*', 'http://[', '/?query=%E0%A4%A'].map(
      (target) =>
        new Promise<string>((resolve, reject) => {
          const socket = connect(Number(port), '127.0.0.1', () =>
            socket.end(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`),
          );
          let text = '';
          socket.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          socket.on('close', () => resolve(text));
          socket.on('error', reject);
        }),
    );
    for (const answer of await Promise.all(answers)) assert.match(answer, /^HTTP\/1\.1 (400|403) /);
    assert.equal((await rowsOf(reader, 'SELECT 1 AS a')).length, 1);
    assert.equal(store.pid, pid, 'the same child');
  });

  test('a child that is killed is begun again, with everything that it had acknowledged', async () => {
    const before = await count();
    process.kill(store.pid as number, 'SIGKILL');
    while (store.address !== null) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(readEndpoint(folder), null);
    await writer.close();
    await reader.close();
    await begin();
    assert.equal(await count(), before);
    assert.match(told.join('\n'), /ended by SIGKILL; it is begun again/);
  });

  test('a second store in the same folder says who is in the way, and takes over when that ends', async () => {
    const said: string[] = [];
    const second = new EmbeddedStore({ folder, report: (message) => said.push(message) });
    await assert.rejects(second.ready(8000), /another process has the store in .* open/);
    assert.match(said.join('\n'), /does not start: another process/);
    await second.stop();
  });
});

describe('a machine without the embedded store', () => {
  test('says so once, with what to do, and does not try again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-missing-'));
    const program = join(folder, 'child.mjs');
    const answer = { kind: 'failed', missing: true, message: 'chdb: no native binding for linux-ia64.' };
    writeFileSync(program, `process.stdout.write(${JSON.stringify(`${JSON.stringify(answer)}\n`)});`);
    const told: string[] = [];
    const store = new EmbeddedStore({ folder, program, report: (message) => told.push(message) });
    await assert.rejects(store.ready(10_000), StoreMissing);
    await assert.rejects(store.ready(10_000), /Everything else works.*WEIR_STORE=http/);
    assert.equal(told.length, 1);
    assert.match(told[0], /no native binding for linux-ia64/);
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
