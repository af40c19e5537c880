import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detection, Engine, joinedStreams, type LogEntry, type Program } from '../../../engine/index.ts';
import { denseCase, type ParityCase, withoutLives } from '../../simulation/arbitrary.ts';
import { withLookup } from '../../simulation/arbitrary-lookups.ts';
import { withUnion } from '../../simulation/arbitrary-unions.ts';
import { withUnnest } from '../../simulation/arbitrary-unnest.ts';
import { atTimesOf } from '../../simulation/lookup-oracle.ts';
import {
  activationsOf,
  coreText,
  eventsOf,
  programOf,
  recordOf,
  shuffled,
  withActivations,
} from '../../simulation/parity.ts';
import { seeded } from '../../simulation/random.ts';

type Note = ReturnType<Engine['advance']>['early'][number];

/** The program with EMIT EARLY on every rule that events decide. */
function early(program: Program): Program {
  const decidedAtEnd = new Set<number>();
  const operators = program.operators.map((operator) => {
    const { window } = operator;
    const isOfEnd = window !== null && window.kind !== 'sliding' && window.decided === 'end';
    const read = [operator.input, ...joinedStreams(program, operator.input)];
    // A row without a match comes only at its deadline: like a window's end, no event decides it.
    const isOfDeadline = read.some((stream) => ['left', 'anti'].includes(program.streams[stream].join?.kind ?? ''));
    const isAtEnd = isOfEnd || isOfDeadline || read.some((stream) => decidedAtEnd.has(stream));
    const isEndless = window?.kind === 'session' && window.max_ms === null;
    if (isAtEnd && operator.kind === 'view') decidedAtEnd.add(operator.output_stream);
    return { ...operator, emits_early: operator.kind === 'rule' && !isAtEnd && !isEndless };
  });
  return { ...program, operators };
}

interface Outcome {
  readonly notes: readonly Note[];
  readonly finals: readonly Detection[];
}

function run(program: Program, entries: readonly LogEntry[], every: number, restarts: ReadonlySet<number>): Outcome {
  let engine = new Engine(program, { batch_rows: 16 });
  const notes: Note[] = [];
  const finals: Detection[] = [];
  const advance = () => {
    const output = engine.advance();
    notes.push(...output.early);
    finals.push(...output.detections);
  };
  entries.forEach((entry, position) => {
    if (restarts.has(position))
      engine = Engine.restore(program, structuredClone(engine.snapshot()), { batch_rows: 16 });
    engine.apply(position, entry);
    if ((position + 1) % every === 0) advance();
  });
  engine.apply(entries.length, { kind: 'end' });
  advance();
  return { notes, finals };
}

/** S5: folded by id, in the order of the notes, each of which has a higher revision than the one before or confirms it. */
function folded(notes: readonly Note[]): string[] {
  const kept = new Map<string, Note>();
  for (const note of notes) {
    const before = kept.get(note.detection.id);
    assert.ok(before === undefined || before.kind === 'early', 'nothing follows a final or withdrawn note');
    assert.ok(before !== undefined || note.kind !== 'withdrawn', 'only what left early is withdrawn');
    assert.ok(note.revision >= (before?.revision ?? 1));
    if (before !== undefined && note.kind === 'final' && note.revision === 1) {
      // What is context or provenance (S6) is the final side's to say.
      const { suppressed_by, risk, lookups } = note.detection;
      const context = { suppressed_by, risk, ...(lookups === undefined ? {} : { lookups }) };
      assert.equal(coreText(note.detection), coreText({ ...before.detection, ...context }));
    }
    kept.set(note.detection.id, note);
  }
  return [...kept.values()].filter(({ kind }) => kind !== 'withdrawn').map(({ detection }) => coreText(detection));
}

const cases = fc.oneof(
  { weight: 3, arbitrary: denseCase },
  ...[withLookup(denseCase), withUnion(denseCase), withUnnest(denseCase)],
);

test('S5 early and final notes folded by id equal the final set, on 10,000 shuffles', (t) => {
  const count = { early: 0, revised: 0, withdrawn: 0 };
  const check = (parity: ParityCase): void => {
    const program = early(programOf(parity.rules, parity.lateness));
    const rules = new Set(program.operators.flatMap(({ emits_early }, i) => (emits_early ? [i] : [])));
    const events = eventsOf(parity);
    const records = events.map((event, i) => recordOf(event, i + 1));
    const random = seeded(parity.seed);
    const times = events.map(({ timestamp }) => timestamp);
    const activations = activationsOf(atTimesOf(parity.lookup ?? [], times));
    for (let shuffle = 0; shuffle < 20; shuffle++) {
      const arrival = shuffled(records, times, parity.lateness, random);
      const arrived = arrival.map((record): LogEntry => ({ kind: 'record', record }));
      const arrivalTimes = arrival.map(({ position }) => times[position - 1]);
      const entries = withActivations(arrived, arrivalTimes, activations, random);
      const restarts = new Set(shuffle % 4 > 0 ? [] : entries.map((_, i) => i).filter(() => random() < 0.04));
      const { notes, finals } = run(program, entries, 1 + Math.floor(random() * 9), restarts);
      const expected = finals.filter(({ operator }) => rules.has(operator)).map(coreText);
      assert.deepEqual(folded(notes).sort(), expected.sort());
      for (const { kind, revision } of notes) {
        if (kind === 'early') count.early++;
        else if (kind === 'withdrawn') count.withdrawn++;
        else if (revision === 2) count.revised++;
      }
    }
  };
  fc.assert(fc.property(cases.map(withoutLives), check), {
    numRuns: 500,
    endOnFailure: true,
  });
  t.diagnostic(JSON.stringify(count));
  assert.ok(
    count.early > 1000 && count.revised > 100 && count.withdrawn > 100,
    'the shuffles exercise every kind of note',
  );
});

test('S5 what comes in order leaves on arrival, with the id and core that become final', () => {
  const program = early(
    programOf(
      [
        {
          ...{ name: 'three', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 100 } },
          ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 3]], emit: 'auto' },
        },
      ],
      1000,
    ),
  );
  const event = { tenant_id: 'T', type: 'A', k1: 'a', k2: null, x: null, ip: null, res: null };
  const engine = new Engine(program);
  [0, 10, 20].forEach((time, i) => {
    const record = recordOf({ ...event, timestamp: 1_000_000_000_000 + time, event_id: `e${i}` }, i + 1);
    engine.apply(i, { kind: 'record', record });
  });
  const first = engine.advance();
  assert.equal(first.detections.length, 0, 'W has not passed the third event');
  assert.deepEqual(
    first.early.map(({ kind, revision }) => [kind, revision]),
    [['early', 1]],
  );
  engine.apply(3, { kind: 'end' });
  const second = engine.advance();
  assert.deepEqual(
    second.early.map(({ kind, revision }) => [kind, revision]),
    [['final', 1]],
  );
  assert.deepEqual(
    second.detections.map(coreText),
    first.early.map(({ detection }) => coreText(detection)),
  );
});
