import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DemoPlayer } from '../../../ui-api/live/demo-player.ts';

test('history comes at once with times before the start, the rest not yet; ids carry the start', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let now_ms = 1_000_000;
  const received: { event_id: string; timestamp: string; n: number }[] = [];
  const text = [-2000, -1, 50, 5000].map((after_ms, n) => JSON.stringify({ after_ms, event: { event_id: 's', n } }));
  const player = new DemoPlayer(text.join('\n'), async (partition, lines) => {
    assert.equal(partition, 'sample');
    received.push(...lines.map((line) => JSON.parse(Buffer.from(line).toString())));
    return [];
  });
  assert.equal(player.events, 4);
  await player.start(() => now_ms);
  assert.deepEqual(
    received.map(({ timestamp }) => Date.parse(timestamp)),
    [998_000, 999_999],
  );
  assert.equal(received[0].event_id, 's-1000000');
  now_ms += 100;
  context.mock.timers.tick(100);
  assert.equal(received.length, 3);
  player.stop();
  now_ms += 10_000;
  context.mock.timers.tick(10_000);
  assert.equal(received.length, 3);
});

test('the shipped sample is in order, has its own ids and attacks that are decided within 15 s of its start', () => {
  const text = readFileSync(new URL('../../../rules/sample.ndjson', import.meta.url), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { after_ms: number; event: { event_id: string } });
  assert.ok(lines.length >= 250 && lines.length <= 400);
  assert.equal(new Set(lines.map(({ event }) => event.event_id)).size, lines.length);
  const times = lines.map((line) => line.after_ms);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(lines[0].after_ms > -600_000);
  assert.ok((lines.at(-1) as { after_ms: number }).after_ms <= 30_000);
});
