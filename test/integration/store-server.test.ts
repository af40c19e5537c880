import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreClient } from '../../connectors/clickhouse/store-client.ts';
import { EmbeddedStore } from '../../connectors/embedded/embedded-store.ts';
import { buildProgram, compile } from '../../dsl/index.ts';
import { compose } from '../../ui-api/compose.ts';
import { readConfig } from '../../ui-api/config.ts';
import { atEnd } from '../at-end.ts';

/** A ClickHouse server is an address and two users: WEIRTEST_STORE names a real one, else the embedded one plays it. */
test('a server instead of the embedded store is a matter of an address, and no file of Weir has a password', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-server-'));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  const given = process.env.WEIRTEST_STORE;
  const server = given === undefined ? new EmbeddedStore({ folder: join(folder, 'server') }) : null;
  atEnd(t, () => server?.stop());
  const address = await server?.ready(30_000);
  const environment =
    address === undefined
      ? process.env
      : {
          WEIR_STORE: `${address.url}/default`,
          WEIR_STORE_USER: address.writer?.user,
          WEIR_STORE_PASSWORD: address.writer?.password,
          WEIR_STORE_READER_USER: address.reader.user,
          WEIR_STORE_READER_PASSWORD: address.reader.password,
        };
  const flags = { data: join(folder, 'data'), port: 0, ...(given === undefined ? {} : { store: given }) };
  const config = readConfig({ flags, environment, folder });
  const { plan } = compile([
    { path: 'r.rule.sql', text: "CREATE RULE r AS SELECT account_id FROM events WHERE event_type = 'login';" },
  ]);
  assert.ok(plan);
  const clock = { now_ms: () => Date.now(), monotonic_ms: () => performance.now() };
  const options = {
    config,
    program: buildProgram(plan),
    version: '0',
    clock,
    with_store: true as const,
    store_drain_ms: 30_000,
  };
  const told: string[] = [];
  const { weir } = await compose({ ...options, report: (message) => told.push(message), replaying: () => undefined });
  const account_id = `server-test-${process.pid}-${Date.now()}`;
  const event = { account_id, timestamp: Date.now(), platform: 'inhouse', event_type: 'login' };
  await weir.submit('http', [new TextEncoder().encode(JSON.stringify(event))]);
  await weir.stop();
  // One event alone waits for its verdict until the clock moves: it is there as what waits.
  const { store_reader_user: user, store_reader_password: password } = config;
  const { origin, pathname } = new URL(config.store);
  const reader = new StoreClient(() => ({ url: origin, database: pathname.slice(1), login: { user, password } }));
  const [{ n }] = await reader.rows<{ n: string }>(
    'SELECT count() AS n FROM (SELECT raw FROM events UNION ALL SELECT base64Decode(bytes) AS raw FROM pending_events) WHERE position(raw, {a:String}) > 0',
    { params: { a: account_id } },
  );
  assert.equal(n, '1');
  await assert.rejects(reader.command('TRUNCATE TABLE events'), /not allowed|denied|privileges|readonly/i);
  await reader.close();
  const files = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, 'data', name),
  );
  const texts = [
    ...told,
    ...files.filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1')),
  ];
  for (const secret of [config.store_password, password].filter((one) => one !== '')) {
    assert.ok(texts.every((text) => !text.includes(secret)));
  }
});
