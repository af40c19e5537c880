import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { knownMigrations, type Migration, migrate } from '../../../connectors/clickhouse/migrate.ts';
import { setRetention } from '../../../connectors/clickhouse/retention.ts';
import { StoreClient, StoreDown, StoreRefused } from '../../../connectors/clickhouse/store-client.ts';
import { EmbeddedStore } from '../../../connectors/embedded/embedded-store.ts';

describe('migrations of the store', () => {
  let folder: string;
  let store: EmbeddedStore;
  let client: StoreClient;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-migrate-'));
    store = new EmbeddedStore({ folder });
    const { url, writer } = await store.ready(20_000);
    assert.ok(writer);
    client = new StoreClient(() => ({ url, database: null, login: writer }));
  });
  after(async () => {
    await client.close();
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const one: Migration = {
    number: 1,
    name: '0001-a.sql',
    text: '-- A.\nCREATE TABLE IF NOT EXISTS a (x Int64) ENGINE = MergeTree ORDER BY x;\n',
  };
  const two: Migration = {
    number: 2,
    name: '0002-b.sql',
    text: 'CREATE TABLE IF NOT EXISTS b (x Int64) ENGINE = MergeTree ORDER BY x;\nINSERT INTO a SELECT 1;\n',
  };
  const options = { now_ms: () => 1000, holder: 'test' };

  test('each once, in order, however many begin at a time', async () => {
    const counts = await Promise.all([1, 2, 3].map(() => migrate(client, { ...options, migrations: [one, two] })));
    assert.deepEqual(counts.sort(), [0, 0, 2]);
    assert.deepEqual(await client.rows('SELECT count() AS n FROM a'), [{ n: '1' }]);
    assert.equal(await migrate(client, { ...options, migrations: [one, two] }), 0);
  });

  test('one that was changed since, and a store of a later Weir, are refused by name', async () => {
    const changed = { ...one, text: `${one.text}-- more\n` };
    await assert.rejects(
      migrate(client, { ...options, migrations: [changed, two] }),
      /0001-a.sql was applied .* another text/,
    );
    await assert.rejects(
      migrate(client, { ...options, migrations: [one] }),
      /0002-b.sql, which this Weir does not know/,
    );
  });

  test('the lock of a process that was killed is taken over after a while, and not before', async () => {
    const three: Migration = { number: 3, name: '0003-c.sql', text: 'SELECT 1;\n' };
    const comment = JSON.stringify({ holder: 'gone', since_ms: 1000 });
    await client.command(`CREATE TABLE migration_lock (held UInt8) ENGINE = Memory COMMENT '${comment}'`);
    let now_ms = 2000;
    const waits: number[] = [];
    const sleep = async (ms: number) => {
      waits.push(ms);
      now_ms += 30_000;
    };
    const all = [one, two, three];
    assert.equal(await migrate(client, { holder: 'test', now_ms: () => now_ms, sleep, migrations: all }), 1);
    assert.equal(waits.length, 2);
  });

  test('those that Weir has are numbered without gaps, and a time to live is set and taken back', async () => {
    assert.deepEqual(
      knownMigrations().map(({ number }) => number),
      knownMigrations().map((_, i) => i + 1),
    );
    const other = new EmbeddedStore({ folder: join(folder, 'other') });
    const { url, writer } = await other.ready(20_000);
    assert.ok(writer);
    const own = new StoreClient(() => ({ url, database: null, login: writer }));
    await migrate(own, options);
    const ttl = async () =>
      (await own.rows<{ e: string }>("SELECT engine_full AS e FROM system.tables WHERE name = 'events'"))[0].e;
    await setRetention(own, 30);
    assert.match(await ttl(), /TTL toDateTime\(received_at\) \+ toIntervalDay\(30\)/);
    await setRetention(own, 0);
    assert.doesNotMatch(await ttl(), /TTL/);
    await own.close();
    await other.stop();
  });

  test('errors are of two kinds, and no message has a password', async () => {
    await assert.rejects(client.rows('SELECT * FROM nowhere'), StoreRefused);
    const { url } = await store.ready(1000);
    const stranger = new StoreClient(() => ({ url, database: null, login: { user: 'x', password: 'secret-text' } }));
    await assert.rejects(
      stranger.rows('SELECT 1'),
      (error: Error) => error instanceof StoreDown && !error.message.includes('secret-text'),
    );
    const nobody = new StoreClient(() => ({
      url: 'http://127.0.0.1:1',
      database: null,
      login: { user: 'x', password: 'secret-text' },
    }));
    await assert.rejects(
      nobody.rows('SELECT 1'),
      (error: Error) => error instanceof StoreDown && !error.message.includes('secret-text'),
    );
    await stranger.close();
    await nobody.close();
  });
});
