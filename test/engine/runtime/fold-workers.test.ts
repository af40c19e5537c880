import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { buildProgram } from '../../../dsl/index.ts';
import { Engine, limits, type Program, type WorkerParts } from '../../../engine/index.ts';
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

test('rows on their way to other threads are bounded in bytes: what is left comes when some are decided', async () => {
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
  await threads.settled(engine, () => {
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

/** Events of one account go into an engine with one other thread; what it gives is noted. */
function settling(program: Program, workers: WorkerParts) {
  const engine = new Engine(program, { workers });
  const given: string[] = [];
  let position = 0;
  return {
    engine,
    given,
    take(time: number, event_type: string, result?: string): void {
      const timestamp = 1e12 + time;
      const event = { event_id: `e${position}`, timestamp, platform: 'x', event_type, account_id: 'a', result };
      const record = { partition: 'p', position, received_at: 2e12, bytes: Buffer.from(JSON.stringify(event)) };
      engine.apply(position++, { kind: 'record', record });
    },
    look(): void {
      const { detections, early } = engine.advance();
      for (const { evidence } of detections) given.push(`final ${evidence}`);
      for (const { kind, detection } of early) given.push(`${kind} ${detection.evidence}`);
    },
  };
}

test('what threads have decided by themselves before the engine is settled is given too', async () => {
  const threads = new NearThreads(() => 0.4);
  const { engine, given, take, look } = settling(program, partsOf(threads, 2));
  for (const time of [0, 1, 5000]) take(time, 'reset');
  look();
  assert.deepEqual(given, [], 'another thread has it');
  // As while a file is written: nobody waits for the threads, and nothing is behind when somebody does.
  threads.answer(true);
  assert.equal(engine.behind, 0);
  await engine.settle(look);
  assert.deepEqual(given, ['final e0,e1']);
  await threads.answering(engine.save());
});

test('what the last look at an engine hands over is settled too', async () => {
  const threads = new NearThreads(() => 0.4);
  const { engine, given, take, look } = settling(program, partsOf(threads, 2));
  for (const time of [0, 1, 5000]) take(time, 'reset');
  look();
  threads.answer(true);
  take(9000, 'reset');
  let isSettled = false;
  const settled = engine.settle(look).finally(() => {
    isSettled = true;
  });
  await setImmediate();
  assert.deepEqual([engine.behind, isSettled], [1, false]);
  await threads.answering(settled);
  assert.deepEqual(given, ['final e0,e1']);
  await threads.answering(engine.save());
});

test('S5 what became of early notes is given too where other threads have decided nothing but how far they are', async () => {
  const early = planOf(`CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;
CREATE RULE a AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login' GROUP BY account_id
WINDOW SLIDING 10 SECONDS HAVING last(result) = 'success' AND first(result) = 'failure' EMIT EARLY;
CREATE RULE b AS SELECT account_id, count(*) AS n FROM events WHERE event_type = 'reset' GROUP BY account_id
WINDOW SLIDING 1 MINUTE HAVING count(*) >= 2;`);
  const threads = new NearThreads(() => 0.4);
  const program = buildProgram(early);
  const parts = threads.parts(early, program, 2, {});
  assert.ok(parts !== null);
  const { engine, given, take, look } = settling(program, parts);
  take(100, 'login', 'failure');
  take(300, 'login', 'success');
  look();
  // It comes last and stands first: HAVING was never true.
  take(50, 'login', 'success');
  look();
  await threads.answering(engine.settle(look));
  assert.deepEqual(given, ['early e0,e1']);
  take(5000, 'other');
  look();
  threads.answer(true);
  await threads.answering(engine.settle(look));
  assert.deepEqual(given, ['early e0,e1', 'withdrawn e0,e1']);
});
