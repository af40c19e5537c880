import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildProgram } from '../../dsl/index.ts';
import { Engine, type LogEntry, type TableRow } from '../../engine/index.ts';
import type { ParityCase } from './arbitrary.ts';
import { early, earlyFolds, folded, lastRevisions } from './early-folds.ts';
import { allActivationsOf, eventsOf, recordOf, runLive, shuffled, textOf, withActivations } from './parity.ts';
import { everyWay, longRuns } from './properties.ts';
import { seeded } from './random.ts';
import { NearThreads, planOf, runWorkers, workerRuns } from './workers-way.ts';

/** The case's events in an order of arrival within LATENESS, with activations of lookups and places of restarts. */
function arrivalOf(parity: ParityCase, random: () => number) {
  const events = eventsOf(parity);
  const times = events.map(({ timestamp }) => timestamp);
  const records = events.map((event, i) => recordOf(event, i + 1));
  const arrival = shuffled(records, times, parity.lateness, random);
  const arrived = arrival.map((record): LogEntry => ({ kind: 'record', record }));
  const arrivalTimes = arrival.map(({ position }) => times[position - 1] as number);
  const entries = withActivations(arrived, arrivalTimes, allActivationsOf(parity, times), random);
  const restarts = new Set(random() < 0.5 ? [] : entries.map((_, i) => i).filter(() => random() < 0.1));
  return { entries, restarts };
}

async function check(parity: ParityCase): Promise<void> {
  const random = seeded(parity.seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const horizon_ms = parity.start === undefined ? undefined : 7 * 86_400_000;
  const plan = planOf(textOf(parity.rules, parity.lateness, horizon_ms));
  const program = buildProgram(plan);
  const { entries, restarts } = arrivalOf(parity, random);
  // Ids of swept texts mean others soon, here and in the threads.
  const sweep = random() < 0.5 ? { texts: 4, length: 64, ids_at_once: 2 } : {};
  const given = { shards: pick([1, 2]), batch_rows: pick([1, 3, 256]), sweep };
  const threads = new NearThreads(random);
  const workers = threads.parts(plan, program, pick([2, 3, 5]), given);
  if (workers === null) return;
  const rows: TableRow[] = [];
  const alone = runLive(program, entries, { ...given, arrival_batch: 7, restarts: new Set() }, rows);
  const options = { ...given, arrival_batch: pick([1, 3, 50]), restarts };
  const together = await runWorkers(program, workers, threads, entries, options);
  const said = JSON.stringify({ ...options, restarts: [...restarts] });
  assert.deepEqual(together.detections, alone, `several threads decide something else: ${said}`);
  assert.deepEqual(together.rows, rows, `tables of several threads have other rows: ${said}`);
  const engine = new Engine(program, given);
  entries.forEach((entry, position) => {
    engine.apply(position, entry);
    engine.advance();
  });
  engine.apply(entries.length, { kind: 'end' });
  engine.advance();
  const figures = ({ operators, drops, failed_casts, failed_values }: ReturnType<Engine['stats']>) => ({
    // How often something is computed depends on when texts are swept.
    ...{ drops, failed_casts, failed_values: 'texts' in sweep ? null : failed_values },
    operators: operators.map(({ state_bytes: _, keys: __, ...others }) => others),
  });
  if (restarts.size === 0) assert.deepEqual(figures(together.stats), figures(engine.stats()), said);
}

test('law 1: threads that fold parts of the rules give what one thread gives, in the same order', async () => {
  const property = fc.asyncProperty(fc.oneof(everyWay.cases, longRuns.cases), check);
  await fc.assert(property, { numRuns: 150, endOnFailure: true });
  const { made, others_decide, both_decide, restored, late_answers, full } = workerRuns;
  const text = JSON.stringify(workerRuns);
  assert.ok(made > 50 && others_decide > 20 && both_decide > 1 && restored > 5 && late_answers > 50 && full > 10, text);
});

test('S5 with several threads, what is told on arrival folds to what is final', async () => {
  const property = earlyFolds();
  const count = { early: 0, withdrawn: 0, further: 0 };
  const check = async (parity: ParityCase): Promise<void> => {
    const random = seeded(parity.seed);
    const plan = planOf(textOf(parity.rules, parity.lateness));
    const program = early(buildProgram(plan), () => random() < 0.7);
    const rules = new Set(program.operators.flatMap(({ emits_early }, i) => (emits_early ? [i] : [])));
    const { entries, restarts } = arrivalOf(parity, random);
    const threads = new NearThreads(random);
    const workers = threads.parts(plan, program, 3, {});
    if (workers === null) return;
    const options = { batch_rows: 16, arrival_batch: 1 + Math.floor(random() * 9), restarts };
    const { early: notes, detections } = await runWorkers(program, workers, threads, entries, options);
    const expected = lastRevisions(detections.filter(({ operator }) => rules.has(operator)));
    assert.deepEqual(folded(notes).sort(), expected.sort());
    for (const { kind, detection } of notes) {
      if (kind === 'early' || kind === 'withdrawn') count[kind]++;
      else if (detection.revision > 1) count.further++;
    }
  };
  await fc.assert(fc.asyncProperty(property.cases, check), { numRuns: 200, endOnFailure: true });
  assert.ok(count.early > 100 && count.withdrawn > 0 && count.further > 5, JSON.stringify(count));
});
