import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogFeed, type ReadableLog } from '../../../connectors/clickhouse/log-feed.ts';
import { beginOfFile } from '../../../connectors/clickhouse/position-file.ts';
import { atEnd } from '../../at-end.ts';
import { grow, openLog } from './log-of.ts';

const position = (through: number, read_from = through) => ({
  ...{ version: 1 as const, source: 'here', files: { other: beginOfFile } },
  log: { through, read_from, sending_to: null },
});

test('reading that fails in the middle, again and again, loses no row and doubles none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-feed-'));
  const log = await openLog(folder);
  atEnd(t, async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const waiting = new Map<number, number>();
  for (let i = 0; i < 600; i += 10) await grow(log, i, i + 10, waiting);
  const whole = await placesOf(new LogFeed(log, position(0), 70));
  let [batches, every] = [0, 3];
  const failing: ReadableLog = {
    position_at: (time) => log.position_at(time),
    end_position: log.end_position,
    async *readBatches(from) {
      for await (const batch of log.readBatches(from)) {
        yield batch;
        if (++batches % every === 0) throw new Error('EIO');
      }
    },
  };
  const feed = new LogFeed(failing, position(0), 70);
  assert.deepEqual(await placesOf(feed), whole);
  assert.ok(batches > 20 && whole.length > 300);
  // And from a place in the middle, with records of before that wait for their verdicts.
  every = 31;
  const { to, read_from } = await batchBehind(log, 200);
  const rest = new LogFeed(failing, position(to, read_from), 70);
  assert.deepEqual(
    await placesOf(rest),
    whole.filter((place) => Number(place.split(' ')[1]) >= to),
  );
});

/** Every row by its table and place, in order; a failure is tried again. */
async function placesOf(feed: LogFeed): Promise<string[]> {
  const places: string[] = [];
  for (let failures = 0; ; ) {
    try {
      const batch = (await feed.ahead()) ?? (await feed.next(null));
      if (batch === null) return places.sort((a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]));
      for (const [table, rows] of batch.rows) {
        for (let row = 0; row < rows.count; row++) places.push(`${table} ${rows.placeOf(row)}`);
      }
    } catch (error) {
      assert.equal((error as Error).message, 'EIO');
      assert.ok(++failures < 1000);
    }
  }
}

async function batchBehind(log: ReadableLog, place: number): Promise<{ to: number; read_from: number }> {
  const feed = new LogFeed(log, position(0), 70);
  for (;;) {
    const batch = await feed.next(null);
    assert.ok(batch?.read_from !== undefined);
    if (batch.to > place) return { to: batch.to, read_from: batch.read_from };
  }
}
