import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BatchWriter } from '../../../connectors/clickhouse/batch-writer.ts';
import { storeTime } from '../../../connectors/clickhouse/event-row.ts';
import { migrate } from '../../../connectors/clickhouse/migrate.ts';
import { NativeBlock, type NativeColumn } from '../../../connectors/clickhouse/native-block.ts';
import { StoreClient } from '../../../connectors/clickhouse/store-client.ts';
import { StoreSink } from '../../../connectors/clickhouse/store-sink.ts';
import { JsonRows } from '../../../connectors/clickhouse/table-rows.ts';
import { EmbeddedStore } from '../../../connectors/embedded/embedded-store.ts';
import type { SegmentLog } from '../../../connectors/log/segment-log.ts';
import { seeded } from '../../simulation/random.ts';
import { grow, openLog, recordText, verdictOf } from './log-of.ts';

const tables = {
  accepted: 'events',
  late: 'late_events',
  duplicate: 'duplicate_events',
  rejected: 'dead_letters',
} as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the sink that fills the store', () => {
  let folder: string;
  let store: EmbeddedStore;
  let log: SegmentLog;
  let lives = 0;
  /** The Weir of now; the one before was killed: what it had on the way may still arrive, and it does nothing more. */
  let sink: StoreSink;
  let kill = (): void => undefined;
  const told: string[] = [];
  const waiting = new Map<number, number>();

  function clientOf(alive: () => boolean): StoreClient {
    return new StoreClient(() => {
      const { address } = store;
      if (!alive() || address?.writer == null) return null;
      return { url: address.url, database: null, login: address.writer };
    });
  }

  function start(): void {
    const life = ++lives;
    const client = clientOf(() => life === lives);
    const detections = {
      path: join(folder, 'detections.ndjson'),
      durable: () => size(join(folder, 'detections.ndjson')),
    };
    sink = new StoreSink({
      ...{ client, log, files: { detections }, source: 'here', batch_rows: 800 },
      position_path: join(folder, 'position.json'),
      prepare: async (to) => void (await migrate(to, { now_ms: () => 0, holder: 'test' })),
      report: (message) => told.push(message),
    });
    sink.start();
    kill = () => {
      lives++;
      void sink.stop(0);
    };
  }

  const size = (path: string): number => readFileSync(path).length;

  async function filled(): Promise<void> {
    const give_up_ms = performance.now() + 180_000;
    while (sink.status().state !== 'up' || sink.status().behind > 0) {
      assert.ok(performance.now() < give_up_ms, JSON.stringify(sink.status()));
      await pause(20);
    }
    await pause(300);
  }

  /** Each record once, in the table of its verdict, as it came. */
  async function check(records: number): Promise<void> {
    const client = clientOf(() => true);
    const seen = new Map<number, string[]>();
    for (const [verdict, table] of Object.entries(tables)) {
      const bytes = table === 'dead_letters' ? 'base64Decode(bytes)' : 'raw';
      const rows = await client.rows<{ n: string; text: string }>(
        `SELECT partition_position AS n, ${bytes} AS text FROM ${table}`,
      );
      for (const { n, text } of rows) {
        assert.equal(text, recordText(Number(n)));
        seen.set(Number(n), [...(seen.get(Number(n)) ?? []), verdict]);
      }
    }
    for (let i = 0; i < records - 20; i++) assert.deepEqual(seen.get(i), [verdictOf(i)], `record ${i}`);
    assert.equal(seen.size, records - 20, 'a record without a verdict waits');
    await client.close();
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-sink-'));
    writeFileSync(join(folder, 'detections.ndjson'), '');
    log = await openLog(join(folder, 'log'));
    store = new EmbeddedStore({ folder: join(folder, 'store') });
  });
  after(async () => {
    await sink.stop(1000);
    await store.stop();
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('law 4: the child and Weir killed at random points while events come: nothing lost, nothing doubled', async (t) => {
    const random = seeded(Number(process.env.WEIRTEST_SEED ?? Date.now() % 1_000_000));
    start();
    let [records, children, weirs] = [0, 0, 0];
    for (let step = 0; step < 28; step++) {
      const more = 1 + Math.floor(random() * 150);
      await grow(log, records, records + more, waiting);
      records += more;
      await pause(random() * 60);
      if (step % 9 === 4 && store.pid !== null) {
        process.kill(store.pid, 'SIGKILL');
        children++;
      } else if (step % 4 === 2) {
        kill();
        weirs++;
        start();
      }
    }
    await filled();
    await check(records);
    t.diagnostic(`${records} records, the child killed ${children} times, Weir ${weirs} times: 0 lost, 0 doubled`);
    assert.ok(children > 0 && weirs > 0);
  });

  test('a position that was lost does no harm: what is there already is not written again', async () => {
    kill();
    rmSync(join(folder, 'position.json'));
    start();
    await filled();
    const { through } = JSON.parse(readFileSync(join(folder, 'position.json'), 'utf8')).log;
    assert.equal(through, log.end_position);
    await check(countRecords());
  });

  const countRecords = (): number => Math.max(...waiting.keys()) + 1;

  test('a row that the store will never take is named, and the others of its batch are written', async () => {
    const client = clientOf(() => true);
    const refused: unknown[] = [];
    const writer = new BatchWriter(client, (table, place) => refused.push([table, place]));
    const row = (i: number) => ({
      source: 'other',
      log_position: i,
      verdict_position: i,
      kind: 'tick',
      time_ms: String(i),
    });
    const rows = [0, 1, 2, 3, 4, 5, 6].map((i) => (i === 4 ? { ...row(i), unknown: 1 } : row(i)));
    const batch = {
      source: 'other',
      from: 0,
      to: 7,
      rows: new Map([['log_marks', new JsonRows(rows, 'verdict_position')]]),
    };
    await writer.write(batch);
    await writer.write(batch);
    assert.deepEqual(refused, [
      ['log_marks', 4],
      ['log_marks', 4],
    ]);
    const [{ there }] = await client.rows<{ there: string }>(
      "SELECT count() AS there FROM log_marks WHERE source = 'other'",
    );
    assert.equal(there, '6', 'the token of a block that is sent again is known');
    await client.close();
  });

  test('a Native block says what the same rows say as JSON, at the bounds of every type', async () => {
    const client = clientOf(() => true);
    const texts = ['', 'x', 'a'.repeat(127), 'é'.repeat(64), '\u{1f600}\n\n\u0000', 'z'.repeat(20_000)];
    const numbers = [0, 1, -1, 4_294_967_303, -4_294_967_297, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER];
    const rows = numbers.map((n, i) => ({
      n,
      t: texts[i % texts.length],
      m: i % 2 === 0 ? null : n,
      f: i % 3 === 0 ? null : n / 7,
    }));
    type Row = (typeof rows)[number];
    const columns: NativeColumn<Row>[] = [
      { name: 'n', type: 'Int64', of: (row) => row.n },
      { name: 't', type: 'String', of: (row) => row.t },
      { name: 'm', type: 'Nullable(Int64)', of: (row) => row.m },
      { name: 'f', type: 'Nullable(Float64)', of: (row) => row.f },
      { name: 'd', type: "DateTime64(3, 'UTC')", of: (row) => Math.abs(row.n % 1e13) },
    ];
    for (const table of ['as_native', 'as_json']) {
      const types = columns.map(({ name, type }) => `${name} ${type === 'String' ? 'LowCardinality(String)' : type}`);
      await client.command(`CREATE TABLE ${table} (${types.join(', ')}) ENGINE = MergeTree ORDER BY n`);
    }
    const block = new NativeBlock(columns);
    for (const row of rows) block.add(row);
    await client.insertBytes('INSERT INTO as_native FORMAT Native', block.pieces());
    const times = (row: Row) => storeTime(Math.abs(row.n % 1e13));
    await client.insert(
      'as_json',
      rows.map((row) => ({ ...row, n: String(row.n), m: row.m === null ? null : String(row.m), d: times(row) })),
    );
    const all = (table: string) => client.rows(`SELECT * FROM ${table} ORDER BY n`);
    assert.deepEqual(await all('as_native'), await all('as_json'));
    assert.equal((await all('as_native')).length, rows.length);
    await client.close();
  });

  test('the ids of events without one are those that the door gives: content and occurrence', async () => {
    const client = clientOf(() => true);
    const ids = await client.rows<{ event_id: string }>(
      "SELECT event_id FROM events WHERE NOT JSONHas(raw, 'event_id') ORDER BY log_position LIMIT 3",
    );
    for (const { event_id } of ids) assert.match(event_id, /^[0-9a-f]{16}~1$/);
    await client.close();
  });

  test('no column is narrower than what can come: 32-bit numbers wrap in silence', async () => {
    const client = clientOf(() => true);
    const narrow = await client.rows(
      `SELECT table, name, type FROM system.columns
       WHERE database = currentDatabase() AND match(type, 'Int(8|16|32)\\\\b|Float32|DateTime$|DateTime[^6]')`,
    );
    assert.deepEqual(narrow, []);
    await client.close();
  });

  test('a store that is down is told once, and that it is back; the log holds what it lacks', async () => {
    told.length = 0;
    const records = countRecords();
    await store.stop();
    await grow(log, records, records + 50, waiting);
    await pause(1200);
    assert.equal(sink.status().state, 'down');
    assert.ok(sink.status().behind > 0);
    store = new EmbeddedStore({ folder: join(folder, 'store') });
    await filled();
    assert.deepEqual(
      told.map((message) => message.slice(0, 24)),
      ['the store cannot be writ', 'the store answers again:'],
    );
    await check(records + 50);
  });
});
