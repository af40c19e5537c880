import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryScratch, type SourceRecord, type Verdict } from '../../../engine/index.ts';
import { type Event, sourceRecord } from '../door/harness.ts';
import { brief, entriesOf, event, live, program, records, sorted } from './fixture.ts';

test('S4 a bounded source is sorted whole: nothing is late, and the summary says what would have been late live', () => {
  const file = records([event(50_000, 'z'), event(1000, 'a'), event(1020, 'c'), event(1010, 'b')]);
  const { verdicts, detections, run } = sorted(file);
  assert.deepEqual(verdicts, ['accepted', 'accepted', 'accepted', 'accepted']);
  assert.deepEqual(brief(detections), ['three 1020 a,b,c', 'minute 59999 a,b,c,z']);
  assert.equal(run.counters.would_be_late, 3);
  assert.equal(live(entriesOf(file)).run.counters.late, 3);
});

test('S4 an event within LATENESS would not have been late; partitions are judged each by its own order', () => {
  const p0 = records([event(50_000, 'z'), event(49_900, 'y'), event(49_899, 'x')]);
  const p1 = records([event(1000, 'a'), event(1010, 'b')], 'p1');
  assert.equal(sorted([...p0, ...p1]).run.counters.would_be_late, 1);
});

test('S4 duplicates of a file are judged in total order; without ids equal lines are different events', () => {
  const file = records([
    event(1010, 'a', 'k', { x: 1 }),
    event(1000, 'a', 'k', { x: 2 }),
    event(1000, null),
    event(1000, null),
  ]);
  const { verdicts, run } = sorted(file);
  assert.deepEqual(verdicts, ['duplicate', 'accepted', 'accepted', 'accepted']);
  assert.equal(run.counters.conflict, 1);
});

test('S4 rejected records of a file go to the letters with their bytes', () => {
  const letters: string[] = [];
  const file = [...records([event(1000, 'a'), null, event(400_000_000, 'b')])];
  const { verdicts } = sorted(file, { on_letter: (letter) => letters.push(`${letter.position} ${letter.reason}`) });
  assert.deepEqual(verdicts, ['accepted', 'rejected', 'rejected']);
  assert.deepEqual(letters, ['2 not_an_object', '3 too_far_ahead']);
});

/** A history with a late event that would have completed a group, a duplicate, and a rejected record. */
const history = records([
  ...[event(1000, 'a'), event(1500, 'c'), event(1100, 'b'), event(1500, 'c'), null, event(1900, 'd')],
]);

test('S4 a stored history with a late event gives what it gave live', () => {
  const online = live(entriesOf(history));
  assert.deepEqual(online.verdicts, ['accepted', 'accepted', 'late', 'duplicate', 'rejected', 'accepted']);
  const letters: unknown[] = [];
  const again = sorted(history, { on_letter: (letter) => letters.push(letter) }, online.verdicts);
  assert.deepEqual(again.verdicts, online.verdicts);
  assert.deepEqual(again.detections, online.detections);
  assert.deepEqual(letters, [], 'the letters of stored history were written when it was live');
  const { read, accepted, duplicate, late, rejected } = again.run.counters;
  assert.deepEqual([read, accepted, duplicate, late, rejected], [6, 3, 1, 1, 1]);
});

test('S4 --late include judges stored late events as if they had been in time', () => {
  const { verdicts } = live(entriesOf(history));
  const included = sorted(history, { late: 'include' }, verdicts);
  assert.deepEqual(included.verdicts, ['accepted', 'accepted', 'accepted', 'duplicate', 'rejected', 'accepted']);
  assert.deepEqual(brief(included.detections), ['three 1500 a,b,c', 'minute 59999 a,b,c,d']);
});

test('S4 an included late event that comes first wins its id from one that was accepted', () => {
  const file = records([event(5000, 'z'), event(1000, 'a', 'k'), event(5000, 'a', 'k')]);
  const online = live(entriesOf(file));
  assert.deepEqual(online.verdicts, ['accepted', 'late', 'accepted']);
  assert.deepEqual(sorted(file, { late: 'include' }, online.verdicts).verdicts, ['accepted', 'accepted', 'duplicate']);
});

test('S4 records of a history that have no stored verdict yet are judged', () => {
  const stored: (Verdict | undefined)[] = ['accepted', undefined, undefined];
  const { verdicts } = sorted(records([event(1000, 'a'), event(1000, 'a'), event(900, 'b')]), {}, stored);
  assert.deepEqual(verdicts, ['accepted', 'duplicate', 'accepted']);
});

test('S14 earlier history warms up: what was decided before since is not given', () => {
  const file = records([
    event(1000, 'a'),
    event(1010, 'b'),
    event(1020, 'c'),
    event(2500, 'd'),
    event(2600, 'e'),
    event(2700, 'f'),
  ]);
  const { detections, run } = sorted(file, { since_ms: 2000 });
  assert.deepEqual(brief(detections), ['three 2700 d,e,f', 'minute 59999 a,b,c,d,e,f']);
  assert.equal(run.stats().warm_up_detections, 1);
});

test('S14 at until W is until: windows that end later stay undecided and are counted, events after it are not folded', () => {
  const file = records([
    event(1000, 'a'),
    event(1010, 'b'),
    event(61_000, 'c'),
    event(61_010, 'd'),
    event(200_000, 'e'),
  ]);
  const { verdicts, detections, run } = sorted(file, { until_ms: 100_000 });
  assert.deepEqual(brief(detections), ['minute 59999 a,b']);
  const { undecided, after_until, first_event_ms, last_event_ms, operators } = run.stats();
  assert.deepEqual(
    { undecided, after_until, first_event_ms, last_event_ms },
    {
      ...{ undecided: 1, after_until: 1, first_event_ms: 1000, last_event_ms: 200_000 },
    },
  );
  assert.equal(verdicts[4], 'accepted', 'the door does not know of until');
  assert.equal(operators.find(({ name }) => name === 'minute')?.detections, 1, 'what is undecided is no detection');
  assert.deepEqual(brief(sorted(file, { until_ms: 60_000 }).detections), ['minute 59999 a,b'], 'end - 1 < until');
  assert.deepEqual(brief(sorted(file, { until_ms: 59_999 }).detections), []);
});

test('S14 per rule warm or partial: the history has to reach back by the rule’s horizon', () => {
  const coverage = (first_ms: number, since_ms?: number) =>
    Object.fromEntries(
      sorted(records([event(first_ms, 'a'), event(100_000, 'b')]), since_ms === undefined ? {} : { since_ms })
        .run.stats()
        .coverage.map(({ rule, coverage: of }) => [rule, of]),
    );
  assert.deepEqual(coverage(90_000, 100_000), { minute: 'partial', three: 'warm' });
  assert.deepEqual(coverage(40_000, 100_000), { minute: 'warm', three: 'warm' });
  assert.deepEqual(coverage(40_001, 100_000), { minute: 'partial', three: 'warm' });
  assert.deepEqual(coverage(98_000, 100_000), { minute: 'partial', three: 'warm' });
  // Whether HAVING was true at the event before: that may be a window ago, and looks back a window itself.
  assert.deepEqual(coverage(98_001, 100_000), { minute: 'partial', three: 'partial' });
  assert.deepEqual(
    coverage(99_001),
    { minute: 'warm', three: 'warm' },
    'without since nothing lies before the history',
  );
});

const written = fc.record({
  time: fc.oneof(fc.nat(3), fc.nat(2_000_000)),
  id: fc.option(fc.nat(10), { nil: null }),
  k1: fc.constantFrom('a', 'b', '\u00e9'),
  tenant_id: fc.constantFrom('T', 'U', '\u{1F600}'),
  seq: fc.option(fc.nat(1), { nil: undefined }),
  bad: fc.nat(15),
});

function fileOf(
  list: readonly { time: number; id: number | null; bad: number; k1: string; tenant_id: string; seq?: number }[],
) {
  return list.map(({ time, id, bad, k1, tenant_id, seq }, i): SourceRecord => {
    const made: Event = { ...event(time, id === null ? null : `e${id}`, k1), tenant_id };
    if (seq !== undefined) made.seq = seq;
    return sourceRecord(`p${i % 2}`, i, bad === 0 ? null : made, 10_000_000);
  });
}

test('S4 a file larger than memory: sorted parts in scratch space give the same as memory, verdict by verdict', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 120 }), fc.integer({ min: 1, max: 40 }), (list, memory_rows) => {
      const file = fileOf(list as Parameters<typeof fileOf>[0]);
      const inMemory = sorted(file);
      const spilled = sorted(file, { scratch: new MemoryScratch(), memory_rows });
      assert.deepEqual(spilled.verdicts, inMemory.verdicts);
      assert.deepEqual(spilled.detections, inMemory.detections);
      assert.deepEqual(spilled.run.counters, inMemory.run.counters);
      const rows = inMemory.verdicts.filter((verdict) => verdict !== 'rejected').length;
      assert.equal(spilled.run.stats().spilled_events, rows >= memory_rows ? rows : 0);
    }),
    { numRuns: 100 },
  );
});

test('S4 a file is larger than memory by its records as well, however few they are', () => {
  const file = records([event(3, 'a'), event(1, 'b'), event(2, 'c')]);
  const bytes = file.reduce((sum, record) => sum + record.bytes.length, 0);
  const kept = sorted(file, { scratch: new MemoryScratch(), memory_bytes: bytes + 1 });
  const spilled = sorted(file, { scratch: new MemoryScratch(), memory_bytes: bytes });
  assert.deepEqual(
    [kept, spilled].map(({ run }) => run.stats().spilled_events),
    [0, 3],
  );
  assert.deepEqual(spilled.detections, kept.detections);
});

test('S1 batch sizes and shards cannot show', () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 120 }), (list) => {
      const file = fileOf(list as Parameters<typeof fileOf>[0]);
      const { detections } = sorted(file);
      assert.deepEqual(sorted(file, { batch_rows: 1, shards: 5 }).detections, detections);
      assert.deepEqual(sorted(file, { batch_rows: 7, shards: 2 }).detections, detections);
    }),
    { numRuns: 30 },
  );
});

test('a file without anything gives nothing, and a run is finished once', () => {
  const { detections, run } = sorted([]);
  assert.deepEqual(detections, []);
  assert.deepEqual(run.stats().first_event_ms, null);
  assert.throws(() => [...run.finish()], /finished once/);
  assert.throws(() => run.add(records([event(1, 'a')])[0]), /takes no records after finish/);
  assert.equal(program.operators.length, 2);
});

test('S4 what a stored verdict makes needless cannot show: ids that repeat, old verdicts that today’s horizon contradicts', () => {
  const horizon_ms = program.settings.dedup_horizon_ms;
  const step_ms = horizon_ms / 4;
  const one = fc.record({
    step: fc.integer({ min: 0, max: 24 }),
    id: fc.constantFrom('a', 'b', 'c', null),
    x: fc.constantFrom(1, 2),
    verdict: fc.constantFrom<Verdict>('accepted', 'accepted', 'accepted', 'duplicate', 'late', 'rejected'),
  });
  let conflicts = 0;
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40, size: 'max' }), fc.integer({ min: 0, max: 24 }), (all, judged_to) => {
      const judged_to_ms = judged_to * step_ms;
      const file = records(
        all.map(({ step, id, x }) => event(step * step_ms, id, 'k', { x })),
        'p0',
        horizon_ms * 10,
      );
      const stored = all.map(({ step, verdict }) => (step < judged_to || step % 3 === 0 ? verdict : undefined));
      for (const late of [{}, { late: 'include' } as const]) {
        const options = { until_ms: judged_to_ms, ...late };
        const whole = sorted(file, options, stored);
        const short = sorted(file, { ...options, judged_to_ms }, stored);
        assert.deepEqual(short.verdicts, whole.verdicts);
        assert.deepEqual(short.detections, whole.detections);
        assert.deepEqual(short.run.counters, whole.run.counters);
        assert.equal(short.run.stats().undecided, whole.run.stats().undecided);
        const spilled = sorted(
          file,
          { ...options, judged_to_ms, scratch: new MemoryScratch(), memory_rows: 5 },
          stored,
        );
        assert.deepEqual(spilled.run.counters, whole.run.counters);
        conflicts += whole.run.counters.conflict;
      }
    }),
  );
  assert.ok(conflicts > 20, `${conflicts} conflicts tell little`);
});
