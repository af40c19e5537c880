import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Detection, Engine, type LogEntry, type Program } from '../../engine/index.ts';
import { denseCase, type ParityCase } from './arbitrary.ts';
import { withBaseline } from './arbitrary-baselines.ts';
import { withComputed } from './arbitrary-computed.ts';
import { withLookupJoins } from './arbitrary-lookup-joins.ts';
import { withLookup } from './arbitrary-lookups.ts';
import { withUnion } from './arbitrary-unions.ts';
import { withUnnest } from './arbitrary-unnest.ts';
import { allActivationsOf, coreText, eventsOf, programOf, recordOf, shuffled, withActivations } from './parity.ts';
import type { Property } from './properties.ts';
import { seeded } from './random.ts';

type Note = ReturnType<Engine['advance']>['early'][number];

/** The program with EMIT EARLY on every rule that events decide, and that is wanted. */
export function early(program: Program, isWanted: () => boolean = () => true): Program {
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
    return { ...operator, emits_early: operator.kind === 'rule' && !isAtEnd && !isEndless && isWanted() };
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

export function run(
  program: Program,
  entries: readonly LogEntry[],
  every: number,
  restarts: ReadonlySet<number>,
  early: { readonly early_detections?: number; readonly early_bytes?: number } = {},
): Outcome {
  const options = { batch_rows: 16, piece_rows: 1 + (every % 9), ...early };
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
export function folded(notes: readonly Note[]): string[] {
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
export function lastRevisions(finals: readonly Detection[]): string[] {
  return [...new Map(finals.map((detection) => [detection.id, coreText(detection)])).values()];
}

const cases = fc.oneof(
  { weight: 3, arbitrary: denseCase },
  ...[withLookup(denseCase), withUnion(denseCase), withUnnest(denseCase), withBaseline(denseCase)],
  ...[withComputed(denseCase), withLookupJoins(denseCase)],
);

/** Arrivals of one case. */
const shuffles = 20;

/**
 * S5: early and final notes folded by id equal the final set, in whichever order the events of a case arrive within
 * LATENESS; with restarts, and with a bound on what may leave early.
 */
export function earlyFolds() {
  const count = { shuffles: 0, early: 0, revised: 0, withdrawn: 0, further: 0 };
  const check = (parity: ParityCase): void => {
    const random = seeded(parity.seed);
    // Of every other case some rules alone leave early: what only the others read is not there on arrival.
    const program = early(programOf(parity.rules, parity.lateness), () => parity.seed % 2 === 0 || random() < 0.5);
    const rules = new Set(program.operators.flatMap(({ emits_early }, i) => (emits_early ? [i] : [])));
    const events = eventsOf(parity);
    const records = events.map((event, i) => recordOf(event, i + 1));
    const times = events.map(({ timestamp }) => timestamp);
    const activations = allActivationsOf(parity, times);
    for (let shuffle = 0; shuffle < shuffles; shuffle++) {
      const arrival = shuffled(records, times, parity.lateness, random);
      const arrived = arrival.map((record): LogEntry => ({ kind: 'record', record }));
      const arrivalTimes = arrival.map(({ position }) => times[position - 1]);
      const entries = withActivations(arrived, arrivalTimes, activations, random);
      const restarts = new Set(shuffle % 4 > 0 ? [] : entries.map((_, i) => i).filter(() => random() < 0.04));
      // A bound that is met: fewer leave early, and what they fold to is the same.
      const bounds = [{ early_detections: Math.floor(random() * 4) }, { early_bytes: Math.floor(random() * 10_000) }];
      const bound = shuffle % 5 === 4 ? bounds[shuffle % 2] : {};
      const { notes, finals } = run(program, entries, 1 + Math.floor(random() * 9), restarts, bound);
      const expected = lastRevisions(finals.filter(({ operator }) => rules.has(operator)));
      assert.deepEqual(folded(notes).sort(), expected.sort());
      count.shuffles++;
      for (const { kind, revision, detection } of notes) {
        if (kind === 'early') count.early++;
        else if (kind === 'withdrawn') count.withdrawn++;
        else if (detection.revision > 1) count.further++;
        else if (revision === 2) count.revised++;
      }
    }
  };
  return { cases, check, count } satisfies Property & { count: Record<string, number> };
}
