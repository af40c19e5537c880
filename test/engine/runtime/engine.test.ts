import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Detection,
  Engine,
  type LogEntry,
  limits,
  MemoryScratch,
  type Program,
  SortedRun,
  type SourceRecord,
  statsOfParts,
  type Verdict,
} from '../../../engine/index.ts';
import { Records } from '../../../engine/state/records.ts';
import type { SimulationRule } from '../../simulation/case.ts';
import { programOf } from '../../simulation/parity.ts';
import { seeded } from '../../simulation/random.ts';
import { brief, entriesOf, event, live, program, records, rules } from './fixture.ts';

test('S1 a third event that arrives late and comes first in time is found at the event that decides', () => {
  const { detections } = live(entriesOf(records([event(1050, 'b'), event(1060, 'c'), event(1000, 'a')])));
  assert.deepEqual(brief(detections), ['three 1060 a,b,c', 'minute 59999 a,b,c']);
});

test('S3 a result leaves when the watermark has passed what decides it, not before', () => {
  const engine = new Engine(program);
  const entries = entriesOf(records([event(1000, 'a'), event(1010, 'b'), event(1020, 'c'), event(1120, 'd', 'z')]));
  entries.forEach((entry, position) => {
    engine.apply(position, entry);
  });
  assert.deepEqual(brief(engine.advance().detections), [], 'W is 1020: c may still have company at 1020');
  assert.equal(engine.watermark_ms, 1020);
  assert.equal(engine.pending, 2);
  engine.apply(4, entriesOf(records([event(1121, 'e', 'z')]))[0]);
  assert.deepEqual(brief(engine.advance().detections), ['three 1020 a,b,c']);
});

test('S3 absence of events: when all are aside the clock closes windows', () => {
  const engine = new Engine(program);
  const steps: LogEntry[] = [
    ...entriesOf(records([event(1000, 'a'), event(1010, 'b')])),
    { kind: 'idle', partition: 'p0' },
    { kind: 'tick', now_ms: 60_000 + 5000 + 99 },
  ];
  steps.forEach((entry, position) => {
    engine.apply(position, entry);
  });
  assert.deepEqual(brief(engine.advance().detections), []);
  engine.apply(4, { kind: 'tick', now_ms: 60_000 + 5000 + 100 });
  assert.deepEqual(brief(engine.advance().detections), ['minute 59999 a,b']);
});

test('S4 the four counters and what is pending add up to what was read, with a tenth of garbage', () => {
  const random = seeded(7);
  const engine = new Engine(program);
  const utf8 = new TextEncoder();
  const garbage = [
    ...['', '{', 'null', '[]', '\u0000', '{"timestamp":1}{', '[['.repeat(5000), '{"timestamp":1,"timestamp":2}'],
    ...['{"__proto__":{"timestamp":1}}', '{"timestamp":"yesterday"}', '{"timestamp":1e400}', ' '.repeat(300 * 1024)],
    ...[JSON.stringify(event(9e15, 'x')), JSON.stringify(event(4_000_000_000_000, 'y')), JSON.stringify(event(0, 'z'))],
  ].map((text) => utf8.encode(text));
  garbage.push(Uint8Array.of(0x22, 0xff, 0xfe, 0x22));
  let time = 1_000_000;
  let letters = 0;
  for (let position = 0; position < 4000; position++) {
    time += Math.floor(random() * 50);
    const id = random() < 0.1 ? null : `e${Math.floor(random() * 3000)}`;
    const text = JSON.stringify(event(time - Math.floor(random() * 300), id, `k${position % 5}`));
    const bytes = random() < 0.1 ? garbage[Math.floor(random() * garbage.length)] : utf8.encode(text);
    const partition = `p${position % 3}`;
    engine.apply(position, { kind: 'record', record: { partition, position, received_at: time, bytes } });
    if (position % 13 === 0) letters += engine.advance().dead_letters.length;
    const { read, accepted, duplicate, late, rejected } = engine.counters;
    assert.equal(read, position + 1);
    assert.equal(read, accepted + duplicate + late + rejected + engine.pending);
  }
  engine.apply(4000, { kind: 'end' });
  letters += engine.advance().dead_letters.length;
  const { accepted, duplicate, late, rejected } = engine.counters;
  assert.equal(accepted + duplicate + late + rejected, 4000);
  assert.equal(letters, rejected);
  assert.ok(rejected > 200 && late > 100 && duplicate > 100, JSON.stringify(engine.counters));
});

test('a dead letter holds reason, place and bytes, also when the reader uses its buffer again', () => {
  const engine = new Engine(program);
  const bytes = new TextEncoder().encode('{"timestamp":');
  engine.apply(0, { kind: 'record', record: { partition: 'file:x', position: 12, received_at: 5, bytes } });
  bytes.fill(0);
  const [letter] = engine.advance().dead_letters;
  assert.equal(letter.reason, 'not_json');
  assert.deepEqual([letter.partition, letter.position, letter.received_at], ['file:x', 12, 5]);
  assert.equal(new TextDecoder().decode(letter.bytes), '{"timestamp":');
});

test('S1 stopped, saved and restored before any entry, the engine goes on as if it had not been', () => {
  const random = seeded(3);
  let time = 1_000_000;
  const events = Array.from({ length: 120 }, (_, i) => {
    time += Math.floor(random() * 60);
    const id = i % 10 === 0 ? null : `e${i - (random() < 0.1 ? 1 : 0)}`;
    return event(time - Math.floor(random() * 150), id, `k${i % 3}`);
  });
  const entries = entriesOf(records(events));
  const whole = live(entries);
  assert.ok(whole.detections.length > 5);
  for (let stop = 0; stop < entries.length; stop += 7) {
    const options = { batch_rows: 1 + (stop % 5) };
    let engine = new Engine(program, options);
    const detections = [];
    const verdicts: string[] = [];
    for (let position = 0; position <= entries.length; position++) {
      if (position % 50 === stop % 50) engine = Engine.restore(program, structuredClone(engine.snapshot()), options);
      engine.apply(position, entries[position] ?? { kind: 'end' });
      if (position % 3 !== 0 && position < entries.length) continue;
      const output = engine.advance();
      detections.push(...output.detections);
      for (const { position: at, verdict } of output.verdicts) verdicts[at] = verdict;
    }
    assert.deepEqual(detections, whole.detections);
    assert.deepEqual(verdicts, whole.verdicts);
    assert.deepEqual(engine.counters, whole.run.counters);
  }
});

test('a snapshot of another program is refused, and both are named', () => {
  const other = programOf(rules.slice(0, 1), 100);
  assert.notEqual(other.hash, program.hash);
  const snapshot = new Engine(program).snapshot();
  assert.throws(
    () => Engine.restore(other, snapshot),
    (error: Error) => error.message.includes(other.hash) && error.message.includes(program.hash),
  );
});

test('a snapshot of another layout is refused, and so are records of another size', () => {
  const snapshot = new Engine(program).snapshot();
  const other = { ...(snapshot as object), layout: 1 };
  assert.throws(() => Engine.restore(program, other), /another version of Weir \(state layout 1/);
  const records = new Records(4);
  records.allocate();
  assert.throws(
    () => new Records(6).restore(records.snapshot()),
    /4 doubles, and those of this version of Weir have 6/,
  );
});

test('a flood of fresh names does not grow the dictionary for ever, and freed ids do not mix up names', () => {
  const wanted: SimulationRule = { name: 'wanted', kind: 'single', where: ['=', ['f', 'k1'], ['v', 'wanted']] };
  const engine = new Engine(programOf([...rules, wanted], 100));
  const count = 150_000;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const [entry] = entriesOf(records([event(1_000_000 + i * 1000, `e${i}`, `name-${i}`)], 'p0', 1e12));
    engine.apply(i, entry);
    if (i % 1000 !== 0) continue;
    engine.advance();
    largest = Math.max(largest, engine.stats().dictionary_size);
  }
  assert.ok(largest < 80_000, `${largest} texts of ${count}`);
  const names = ['name-5', 'name-5', 'name-5', 'wanted'];
  const tail = names.map((name, i) => event(1_000_000 + count * 1000 + i, `tail${i}`, name));
  for (const [i, entry] of entriesOf(records(tail, 'p0', 1e12)).entries()) engine.apply(count + i, entry);
  engine.apply(count + names.length, { kind: 'end' });
  const found = engine.advance().detections.filter(({ rule }) => rule !== 'minute');
  assert.deepEqual(
    found.map(({ rule, key, evidence }) => [rule, ...key, ...evidence]),
    [
      ['three', 'name-5', 'tail0', 'tail1', 'tail2'],
      ['wanted', 'tail3'],
    ],
  );
});

/** More names than a sweep waits for, all of them pending; three come a second time within the minute. */
function* manyPending(): Generator<SourceRecord> {
  const count = 70_000;
  yield* records([event(999_000, 'first', 'holder')], 'behind', 1e12);
  for (let i = 0; i < count; i++) yield* records([event(1_020_000, `e${i}`, `name-${i}`)], 'p0', 1e12);
  for (const i of [0, 33_333, count - 1]) yield* records([event(1_020_001, `again${i}`, `name-${i}`)], 'p0', 1e12);
}

const pendingFound = ['name-0', 'name-33333', 'name-69999'].map((name) => [name, 2]);

test('a sweep of the dictionary keeps the texts of pending events, live and in a sorted run', () => {
  const engine = new Engine(program);
  let position = 0;
  for (const record of manyPending()) {
    engine.apply(position++, { kind: 'record', record });
    if (position % 10_000 === 0) engine.advance();
  }
  assert.equal(engine.pending, position);
  engine.apply(position, { kind: 'end' });
  const brief = (all: readonly Detection[]) => all.map(({ key, evidence_total }) => [...key, evidence_total]);
  assert.deepEqual(brief(engine.advance().detections), pendingFound);
  const run = new SortedRun(program);
  for (const record of manyPending()) run.add(record);
  assert.deepEqual(brief([...run.finish()].flat()), pendingFound);
});

test('stats name the operators, what they saw and what they hold', () => {
  const { run } = live(entriesOf(records([event(1000, 'a'), event(1010, 'b'), event(1020, 'c')])));
  const { operators, drops, dictionary_size, state_bytes } = run.stats();
  assert.deepEqual(
    operators.map(({ name, events, detections }) => ({ name, events, detections })),
    [
      { name: 'minute', events: 3, detections: 1 },
      { name: 'three', events: 3, detections: 1 },
    ],
  );
  assert.deepEqual(drops, {});
  assert.ok(dictionary_size > 0 && state_bytes > 0);
  assert.ok(limits.dedup_ids > limits.pending_events);
});

const judgedAll = { judged_to_ms: Number.POSITIVE_INFINITY };

/** Forty columns `details.n0::int` and so on, more than one word has bits, and the first of them as a float too. */
const casts = [...Array.from({ length: 40 }, (_, k) => [`n${k}`, 'int'] as const), ['n0', 'float'] as const];
const casting: Program = {
  ...program,
  operators: [],
  streams: [
    {
      name: 'events',
      columns: casts.map(([n, type]) => {
        const name = `details.${n}`;
        return { kind: 'field', name, path: ['details', n], type, storage: 'number', conversion: 'cast' } as const;
      }),
    },
  ],
};

test('values that a cast could not read are counted by column, of accepted events: live, restored, and in a spilled file', () => {
  const one = (time_ms: number, id: string, details: object) => event(time_ms, id, 'a', { details });
  const events = [
    one(1000, 'a', { n0: 'seven', n1: '8', n39: 'x' }),
    one(1000, 'a', { n0: 'twice', n2: 'twice' }),
    // It waits, and gives way to the one that comes behind it and stands before it.
    one(1002, 'b', { n3: 'gives way' }),
    one(1001, 'b', { n0: 1.5, n38: {}, n39: [] }),
    one(1500, 'c', { n5: true, n39: 'x' }),
    one(1000, 'late', { n0: 'late', n7: 'late' }),
    one(2_000_000_000_000, 'd', { n8: 'too far ahead' }),
  ];
  const all = records(events);
  const counted = { 'details.n0': 2, 'details.n38': 1, 'details.n39': 3 };
  let engine = new Engine(casting);
  const verdicts: Verdict[] = [];
  const advance = () => {
    for (const { position, verdict } of engine.advance().verdicts) verdicts[position] = verdict;
  };
  for (const [position, entry] of [...entriesOf(all), { kind: 'end' } as const].entries()) {
    if (position === 4) {
      assert.deepEqual(Object.fromEntries(engine.stats().failed_casts), {}, 'nothing is released yet');
      engine = Engine.restore(casting, structuredClone(engine.snapshot()));
    }
    engine.apply(position, entry);
    if (position >= 4) advance();
  }
  assert.deepEqual(verdicts, ['accepted', 'duplicate', 'duplicate', 'accepted', 'accepted', 'late', 'rejected']);
  assert.deepEqual(Object.fromEntries(engine.stats().failed_casts), counted);
  const run = new SortedRun(casting, { scratch: new MemoryScratch(), memory_rows: 2, ...judgedAll });
  all.forEach((record, i) => {
    run.add(record, verdicts[i]);
  });
  assert.deepEqual([...run.finish()].flat(), []);
  assert.equal(run.stats().spilled_events, 3);
  assert.deepEqual(Object.fromEntries(run.stats().failed_casts), counted);
  const part = new SortedRun(casting, { ...judgedAll, since_ms: 1001, until_ms: 1500 });
  all.forEach((record, i) => {
    part.add(record, verdicts[i]);
  });
  assert.deepEqual([...part.finish()].flat(), []);
  assert.deepEqual(Object.fromEntries(part.stats().failed_casts), { 'details.n38': 1, 'details.n39': 1 });
});

test('parts of a program that have a cast both have counted it once, and casts of one field to two types add up', () => {
  const counted = (columns: readonly (typeof casting.streams)[0]['columns'][number][]) => {
    const run = new SortedRun({ ...casting, streams: [{ name: 'events', columns }] });
    for (const record of records([event(1000, 'a', 'a', { details: { n0: 'x', n1: 'y' } })])) run.add(record);
    for (const _ of run.finish());
    return run.stats();
  };
  const { columns } = casting.streams[0];
  const parts = [[columns[0], columns[1]], [columns[0]], [columns[40]]].map((own) => {
    return { part: { names: new Set<string>() }, stats: counted(own) };
  });
  const { failed_casts } = statsOfParts(casting, parts);
  assert.deepEqual(Object.fromEntries(failed_casts), Object.fromEntries(counted(columns).failed_casts));
  assert.deepEqual(Object.fromEntries(failed_casts), { 'details.n0': 2, 'details.n1': 1 });
});
