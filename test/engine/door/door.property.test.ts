import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogEntry } from '../../../engine/index.ts';
import { DoorRun, doorProgram, record } from './harness.ts';
import { NaiveDoor } from './naive-door.ts';

const partition = fc.constantFrom('p0', 'p1', 'p2');

type Step = { entry: LogEntry; advance: boolean; restart: boolean };

const entry = (disorder: number, ids: number) =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .record({
          ...{
            partition,
            gap: fc.nat(3).map((tens) => tens * 10),
            back: fc.nat(disorder / 10).map((tens) => tens * 10),
            id: fc.nat(ids - 1),
            tenant: fc.constantFrom('T', 'T', 'T', 'U'),
          },
          ...{ seq: fc.option(fc.nat(2), { nil: undefined }), bad: fc.nat(20), x: fc.nat(2) },
        })
        .map((made) => ({ kind: 'made' as const, ...made })),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('idle' as const, 'back' as const), partition }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('tick' as const), ahead: fc.nat(200) }) },
  );

/** Times (in tens, so that edges are hit) walk on by gaps and fall back by up to `disorder`; few ids, so that most records have a twin. */
const steps = (disorder: number, ids: number) =>
  fc
    .array(fc.record({ made: entry(disorder, ids), advance: fc.boolean(), restart: fc.nat(15) }), { maxLength: 60 })
    .map((list): Step[] => {
      let time = 1000;
      return list.map(({ made, advance, restart }, position) => {
        const flags = { advance, restart: restart === 0 };
        if (made.kind === 'tick') return { ...flags, entry: { kind: 'tick', now_ms: time + made.ahead } };
        if (made.kind !== 'made') return { ...flags, entry: { kind: made.kind, partition: made.partition } };
        time += made.gap;
        const event = {
          ...{ timestamp: time - made.back, event_id: `e${made.id}`, tenant_id: made.tenant, x: made.x },
          ...(made.seq === undefined ? {} : { seq: made.seq }),
        };
        const far = { ...event, timestamp: time + 1_000_000 };
        const written = made.bad === 0 ? null : made.bad === 1 ? far : event;
        return { ...flags, entry: record(made.partition, position, written, time) };
      });
    });

function check(list: readonly Step[], lateness_ms: number, dedup_horizon_ms: number): void {
  const program = doorProgram({ lateness_ms, dedup_horizon_ms, max_ahead_ms: 100_000 });
  const run = new DoorRun(program);
  const naive = new NaiveDoor(program.settings);
  for (const step of list) {
    run.apply(step.entry);
    naive.apply(step.entry);
    assert.equal(run.door.watermark.value_ms, naive.W);
    if (step.advance) run.advance();
    if (step.restart) run.restart();
    const { read, accepted, duplicate, late, rejected } = run.door.counters;
    assert.equal(read, accepted + duplicate + late + rejected + run.door.pending);
  }
  run.end();
  naive.apply({ kind: 'end' });
  assert.deepEqual(run.verdicts, naive.verdicts);
  assert.deepEqual(run.released, naive.released);
}

test('S3 S4 S2 the door gives the verdicts and the order of the naive one', () => {
  fc.assert(
    fc.property(steps(60, 4), fc.constantFrom(0, 20, 50), (list, lateness) => check(list, lateness, 100_000)),
    {
      numRuns: 300,
    },
  );
});

test('S4 the same with a dedup horizon far shorter than what waits: chains of records of one id', () => {
  fc.assert(
    fc.property(steps(250, 2), fc.constantFrom(100, 300), fc.constantFrom(0, 20, 60), (list, lateness, horizon) =>
      check(list, lateness, horizon),
    ),
    { numRuns: 600 },
  );
});
