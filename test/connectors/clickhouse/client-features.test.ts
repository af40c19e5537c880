import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NativeBlock, type NativeColumn } from '../../../connectors/clickhouse/native-block.ts';
import { StoreClient, StoreDown, type StorePlace, StoreRefused } from '../../../connectors/clickhouse/store-client.ts';
import { EmbeddedStore } from '../../../connectors/embedded/embedded-store.ts';

/**
 * What Weir uses of ClickHouse through the official client. It runs against the embedded one; where WEIRTEST_STORE names a
 * server (http://host:8123/database, with WEIRTEST_STORE_USER and WEIRTEST_STORE_PASSWORD), against that.
 */
describe('what Weir uses of ClickHouse', () => {
  const table = `client_features_${process.pid}`;
  let folder: string;
  let embedded: EmbeddedStore | null = null;
  let place: StorePlace;
  let client: StoreClient;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-client-'));
    const {
      WEIRTEST_STORE: given,
      WEIRTEST_STORE_USER: user = 'default',
      WEIRTEST_STORE_PASSWORD: password = '',
    } = process.env;
    if (given === undefined) {
      embedded = new EmbeddedStore({ folder });
      const { url, writer } = await embedded.ready(60_000);
      assert.ok(writer);
      place = { url, database: null, login: writer };
    } else {
      const { origin, pathname } = new URL(given);
      place = { url: origin, database: pathname.slice(1) || null, login: { user, password } };
    }
    client = new StoreClient(() => place);
    await client.command(
      `CREATE TABLE ${table} (n UInt64, t LowCardinality(String), m Nullable(Int64), d DateTime64(3, 'UTC'), a Array(String),
         c Map(String, UInt64)) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000`,
    );
  });
  after(async () => {
    await client.command(`DROP TABLE IF EXISTS ${table}`);
    await client.close();
    await embedded?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const count = async (): Promise<number> =>
    Number((await client.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`))[0].n);

  test('rows as JSON, with arrays, maps, times, NULL and 64 bits, and the same block twice by its token', async () => {
    const row = {
      n: '18446744073709551615',
      t: "it's \\ \n\n;",
      m: null,
      d: '2026-01-05 10:00:00.123',
      a: ['x', "'"],
      c: { k: 5 },
    };
    const settings = { insert_deduplicate: 1, insert_deduplication_token: 'one', async_insert: 0 };
    await client.insert(table, [row], settings);
    await client.insert(table, [row], settings);
    assert.deepEqual(await client.rows(`SELECT * FROM ${table}`), [{ ...row, c: { k: '5' } }]);
  });

  test('a Native block, and the same again by its token', async () => {
    const columns: NativeColumn<number>[] = [
      { name: 'n', type: 'UInt64', of: (n) => n },
      { name: 't', type: 'String', of: (n) => `native ${n}` },
      { name: 'm', type: 'Nullable(Int64)', of: (n) => (n % 2 === 0 ? null : -n) },
      { name: 'd', type: "DateTime64(3, 'UTC')", of: (n) => 1_767_607_200_000 + n },
    ];
    const block = new NativeBlock(columns);
    for (let n = 0; n < 5000; n++) block.add(n);
    const before_rows = await count();
    for (let i = 0; i < 2; i++) {
      const settings = { insert_deduplicate: 1, insert_deduplication_token: 'block' };
      await client.insertBytes(`INSERT INTO ${table} (n, t, m, d) FORMAT Native`, block.pieces(), settings);
    }
    assert.equal(await count(), before_rows + 5000);
    const sums = await client.rows(`SELECT count(m) AS m, min(d) AS d FROM ${table} WHERE startsWith(t, 'native')`);
    assert.deepEqual(sums, [{ m: '2500', d: '2026-01-05 10:00:00.000' }]);
  });

  test('parameters of every type that Weir gives, as data', async () => {
    const text = "a'); DROP TABLE x; --\n\n\\ `";
    const [row] = await client.rows(
      'SELECT {t:String} AS t, {n:UInt64} AS n, {all:Array(String)} AS all, {a:String} IN ({all:Array(String)}) AS is_in',
      { params: { t: text, n: 5_000_000_000, all: [text, ''], a: text } },
    );
    assert.deepEqual(row, { t: text, n: '5000000000', all: [text, ''], is_in: 1 });
  });

  test('a result as bytes, as they come, in a format that the statement names', async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of client.bytes('SELECT number FROM numbers(100000) FORMAT CSV')) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString().trim().split('\n').length, 100_000);
    const parquet: Buffer[] = [];
    for await (const chunk of client.bytes('SELECT 1 AS one FORMAT Parquet')) parquet.push(chunk);
    assert.equal(Buffer.concat(parquet).subarray(0, 4).toString(), 'PAR1');
  });

  test('a statement that is wrong is refused with its number; one that takes too long, or too much, may be tried again', async () => {
    const code = async (query: string, settings = {}): Promise<number> => {
      const error: unknown = await client.rows(query, { settings }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof StoreRefused, String(error));
      return error.code;
    };
    assert.equal(await code('SELEKT 1'), 62);
    assert.equal(await code(`SELECT nope FROM ${table}`), 47);
    assert.equal(await code('SELECT 1 FROM no_such_table'), 60);
    const passing: [string, Record<string, number>][] = [
      ['SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))', { max_execution_time: 1 }],
      ['SELECT groupArray(number) FROM numbers(100000000)', { max_memory_usage: 20_000_000 }],
    ];
    for (const [query, settings] of passing) await assert.rejects(client.rows(query, { settings }), StoreDown);
    const wrong = new StoreClient(() => ({ ...place, login: { user: place.login.user, password: 'wrong secret' } }));
    await assert.rejects(wrong.rows('SELECT 1'), (error: Error) => !error.message.includes('wrong secret'));
    await wrong.close();
  });
});
