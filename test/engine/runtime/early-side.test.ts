import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detection, Engine, type LogEntry, type Program } from '../../../engine/index.ts';
import { denseCase, type ParityCase } from '../../simulation/arbitrary.ts';
import { withBaseline } from '../../simulation/arbitrary-baselines.ts';
import { withComputed } from '../../simulation/arbitrary-computed.ts';
import { withLookupJoins } from '../../simulation/arbitrary-lookup-joins.ts';
import { withLookup } from '../../simulation/arbitrary-lookups.ts';
import { withUnion } from '../../simulation/arbitrary-unions.ts';
import { withUnnest } from '../../simulation/arbitrary-unnest.ts';
import {
  allActivationsOf,
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
    const read = decidingStreams(program, operator.input);
    // A row without a match comes only at its deadline: like a window's end, no event decides it.
    const isOfDeadline = read.some((stream) => {
      const { join } = program.streams[stream];
      return !join?.as_of && ['left', 'anti'].includes(join?.kind ?? '');
    });
    const isAtEnd = isOfEnd || isOfDeadline || read.some((stream) => decidedAtEnd.has(stream));
    const isEndless = window?.kind === 'session' && window.max_ms === null;
    if (isAtEnd && operator.kind === 'view') decidedAtEnd.add(operator.output_stream);
    return { ...operator, emits_early: operator.kind === 'rule' && !isAtEnd && !isEndless };
  });
  return { ...program, operators };
}

/** A stream and those that decide its rows: what stands in a table is there before. */
function decidingStreams(program: Program, stream: number): number[] {
  const { join } = program.streams[stream];
  if (join === undefined) return [stream];
  const sides = join.as_of ? [join.left] : [join.left, join.right];
  return [stream, ...sides.flatMap((side) => decidingStreams(program, side.stream))];
}

interface Outcome {
  readonly notes: readonly Note[];
  readonly finals: readonly Detection[];
}

function run(
  program: Program,
  entries: readonly LogEntry[],
  every: number,
  restarts: ReadonlySet<number>,
  most = 100_000,
): Outcome {
  const options = { batch_rows: 16, early_detections: most };
  let engine = new Engine(program, options);
  const notes: Note[] = [];
  const finals: Detection[] = [];
  const advance = () => {
    const output = engine.advance();
    notes.push(...output.early);
    finals.push(...output.detections);
  };
  entries.forEach((entry, position) => {
    if (restarts.has(position)) engine = Engine.restore(program, structuredClone(engine.snapshot()), options);
    engine.apply(position, entry);
    if ((position + 1) % every === 0) advance();
  });
  engine.apply(entries.length, { kind: 'end' });
  advance();
  return { notes, finals };
}

/**
 * S5: folded by id, in the order of the notes. A final note confirms the early one or has a higher revision, and so has
 * what follows a final note: a further revision of the detection's life.
 */
function folded(notes: readonly Note[]): string[] {
  const kept = new Map<string, Note>();
  for (const note of notes) {
    const before = kept.get(note.detection.id);
    assert.ok(before?.kind !== 'withdrawn', 'nothing follows a withdrawn note');
    assert.ok(note.kind === 'final' || before?.kind !== 'final', 'only final notes follow a final one');
    assert.ok(note.kind !== 'withdrawn' || before !== undefined, 'only what left early is withdrawn');
    assert.ok(note.kind !== 'early' || note.detection.revision === 1, 'only the opening leaves early');
    const isConfirmed = before?.kind === 'early' && note.kind === 'final' && note.revision === 1;
    assert.ok(
      before === undefined || isConfirmed || note.revision === before.revision + 1,
      'each has a number of its own',
    );
    if (isConfirmed) {
      // What is context or provenance (S6) is the final side's to say.
      const { suppressed_by, risk, lookups } = note.detection;
      const context = { suppressed_by, risk, ...(lookups === undefined ? {} : { lookups }) };
      assert.equal(coreText(note.detection), coreText({ ...before.detection, ...context }));
    }
    kept.set(note.detection.id, note);
  }
  return [...kept.values()].filter(({ kind }) => kind !== 'withdrawn').map(({ detection }) => coreText(detection));
}

/** The final set: of each detection its last revision. */
function lastRevisions(finals: readonly Detection[]): string[] {
  return [...new Map(finals.map((detection) => [detection.id, coreText(detection)])).values()];
}

const cases = fc.oneof(
  { weight: 3, arbitrary: denseCase },
  ...[withLookup(denseCase), withUnion(denseCase), withUnnest(denseCase), withBaseline(denseCase)],
  ...[withComputed(denseCase), withLookupJoins(denseCase)],
);

test('S5 early and final notes folded by id equal the final set, on 10,000 shuffles', (t) => {
  const count = { early: 0, revised: 0, withdrawn: 0, further: 0 };
  const check = (parity: ParityCase): void => {
    const program = early(programOf(parity.rules, parity.lateness));
    const rules = new Set(program.operators.flatMap(({ emits_early }, i) => (emits_early ? [i] : [])));
    const events = eventsOf(parity);
    const records = events.map((event, i) => recordOf(event, i + 1));
    const random = seeded(parity.seed);
    const times = events.map(({ timestamp }) => timestamp);
    const activations = allActivationsOf(parity, times);
    for (let shuffle = 0; shuffle < 20; shuffle++) {
      const arrival = shuffled(records, times, parity.lateness, random);
      const arrived = arrival.map((record): LogEntry => ({ kind: 'record', record }));
      const arrivalTimes = arrival.map(({ position }) => times[position - 1]);
      const entries = withActivations(arrived, arrivalTimes, activations, random);
      const restarts = new Set(shuffle % 4 > 0 ? [] : entries.map((_, i) => i).filter(() => random() < 0.04));
      // A bound that is met: fewer leave early, and what they fold to is the same.
      const most = shuffle % 5 === 4 ? Math.floor(random() * 4) : 100_000;
      const { notes, finals } = run(program, entries, 1 + Math.floor(random() * 9), restarts, most);
      const expected = lastRevisions(finals.filter(({ operator }) => rules.has(operator)));
      assert.deepEqual(folded(notes).sort(), expected.sort());
      for (const { kind, revision, detection } of notes) {
        if (kind === 'early') count.early++;
        else if (kind === 'withdrawn') count.withdrawn++;
        else if (detection.revision > 1) count.further++;
        else if (revision === 2) count.revised++;
      }
    }
  };
  fc.assert(fc.property(cases, check), {
    numRuns: 500,
    endOnFailure: true,
  });
  t.diagnostic(JSON.stringify(count));
  assert.ok(
    count.early > 1000 && count.revised > 100 && count.withdrawn > 100 && count.further > 100,
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

test('S5 of a detection with a life the opening leaves early; further revisions are final, each with the next number', () => {
  const program = early(
    programOf(
      [
        {
          ...{ name: 'five', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 100 } },
          ...{
            aggs: [
              { as: 'n', fn: 'count' },
              { as: 'mx', fn: 'max', field: 'x' },
            ],
            emit: 'auto',
          },
          ...{ having: ['>=', ['a', 'mx'], ['v', 5]] },
          life: { escalate: [{ on: 'n', over: 3, to: 'high' }], update: false, close: 500 },
        },
      ],
      1000,
    ),
  );
  /** Events at these times, in the order of arrival; the one at 20 fires. */
  const told = (times: readonly number[]) => {
    const event = { tenant_id: 'T', type: 'A', k1: 'a', k2: null, ip: null, res: null };
    const entries = times.map((time, i): LogEntry => {
      const own = { ...event, timestamp: 1_000_000_000_000 + time, event_id: `e${time}`, x: time === 20 ? 5 : 0 };
      return { kind: 'record', record: recordOf(own, i + 1) };
    });
    const every = [1, 100].map((count) => {
      const { notes } = run(program, entries, count, new Set());
      return notes.map(
        ({ kind, revision, detection }) => `${kind} ${revision} ${detection.status} ${detection.severity}`,
      );
    });
    assert.deepEqual(every[0], every[1], 'when the watermark is told cannot show');
    return every[0];
  };
  assert.deepEqual(told([0, 10, 20, 30]), [
    ...['early 1 open medium', 'final 1 open medium', 'final 2 updated high', 'final 3 closed high'],
  ]);
  // The event at 0 comes last: at 20 there were more than the early one knew.
  assert.deepEqual(told([10, 20, 30, 40, 0]), [
    ...['early 1 open medium', 'final 2 open medium', 'final 3 updated high', 'final 4 closed high'],
  ]);
});
