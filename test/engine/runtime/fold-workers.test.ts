import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram } from '../../../dsl/index.ts';
import { type Detection, Engine, limits, type WorkerParts } from '../../../engine/index.ts';
import { NearThreads, planOf } from '../../simulation/workers-way.ts';

const plan = planOf(`CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;
CREATE RULE agents AS SELECT details.agent::string AS agent, count(*) AS n FROM events GROUP BY details.agent::string WINDOW SLIDING 1 MINUTE HAVING n >= 2;
CREATE RULE resets AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'reset'
GROUP BY account_id WINDOW SLIDING 1 MINUTE HAVING n >= 2;`);
const program = buildProgram(plan);

function partsOf(threads: NearThreads, count: number): WorkerParts {
  const parts = threads.parts(plan, program, count, {});
  assert.ok(parts !== null);
  return parts;
}

test('rows on their way to other threads are bounded in bytes: what is left comes when some are decided', () => {
  // All rules are in the other thread: nothing is known of how much work they are.
  const threads = new NearThreads(() => 0.4);
  // A bound in batches that is never met.
  const engine = new Engine(program, { workers: { ...partsOf(threads, 2), most_batches: 1e9 } });
  const events = 6000;
  for (let n = 0; n < events; n++) {
    const agent = `${n} ${'x'.repeat(30_000)}`;
    const event = {
      event_id: `e${n}`,
      timestamp: 1e12 + n,
      platform: 'x',
      event_type: 'login',
      account_id: 'a',
      details: { agent },
    };
    const bytes = Buffer.from(JSON.stringify(event));
    const record = { partition: 'p', position: n, received_at: 2e12, bytes };
    assert.equal(engine.apply(n, { kind: 'record', record }), 'accepted');
  }
  engine.apply(events, { kind: 'end' });
  engine.advance();
  assert.equal(engine.behind, Number.POSITIVE_INFINITY, 'not all is released');
  const between = engine.stats().parts['rows between threads'];
  const batch_bytes = limits.sent_batch_rows * 30_100 * 1.25;
  assert.ok(between > limits.parcel_bytes && between < limits.parcel_bytes + 2 * batch_bytes, `${between} bytes`);
  let advances = 0;
  threads.settle(engine, () => {
    engine.advance();
    advances++;
  });
  assert.ok(advances > 1);
  assert.equal(engine.counters.accepted, events);
});

test('where a thread cannot be started, those that were started before it are ended', () => {
  const threads = new NearThreads(() => 0.1);
  const parts = partsOf(threads, 3);
  assert.equal(parts.others.length, 2);
  let ended = 0;
  const start: WorkerParts['start'] = (k, listener) => {
    if (k === 1) throw new Error('no thread is left');
    const close = async (): Promise<void> => void ended++;
    return { ...parts.start(k, listener), close };
  };
  assert.throws(() => new Engine(program, { workers: { ...parts, start } }), /no thread is left/);
  assert.equal(ended, 1);
});

test('what threads have decided by themselves before the engine is settled is given too', async () => {
  const threads = new NearThreads(() => 0.4);
  const engine = new Engine(program, { workers: partsOf(threads, 2) });
  for (let n = 0; n < 4; n++) {
    const event = { event_id: `e${n}`, timestamp: 1e12 + n, platform: 'x', event_type: 'reset', account_id: 'a' };
    const bytes = Buffer.from(JSON.stringify(event));
    engine.apply(n, { kind: 'record', record: { partition: 'p', position: n, received_at: 2e12, bytes } });
  }
  engine.apply(4, { kind: 'end' });
  const given: Detection[] = [...engine.advance().detections];
  assert.equal(given.length, 0, 'another thread has them');
  // As while a file is written: nobody waits for the threads, and nothing is behind when somebody does.
  threads.answer(true);
  assert.equal(engine.behind, 0);
  await engine.settle(() => void given.push(...engine.advance().detections));
  assert.deepEqual(
    given.map(({ evidence }) => evidence),
    [['e0', 'e1']],
  );
  await threads.answering(engine.save());
});
