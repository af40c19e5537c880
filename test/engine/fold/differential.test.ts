import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Detection, Program } from '../../../engine/index.ts';
import { type ParityEvent, parityCase, withoutLives } from '../../simulation/arbitrary.ts';
import type { ExpectedDetection, SimulationEvent, SimulationRule } from '../../simulation/case.ts';
import { oracle } from '../../simulation/naive-oracle.ts';
import { withoutShown } from '../../simulation/oracle-joins.ts';
import { expectedForm } from './expected-form.ts';
import { inTotalOrder, ProgramBuilder } from './programs.ts';
import { type RunOptions, runFold } from './run.ts';

/** Accepted events in total order: each with an id of its own, times from the gaps. */
function eventsOf(events: readonly ParityEvent[]): (SimulationEvent & { event_id: string; seq: number })[] {
  let time = 1_000_000_000_000;
  const all = events.map(({ gap, id: _id, ...rest }, i) => {
    time += gap;
    return { ...rest, timestamp: time, event_id: `e${i}`, seq: rest.seq ?? i };
  });
  return inTotalOrder(all);
}

function programOf(rules: readonly SimulationRule[]): Program {
  const builder = new ProgramBuilder();
  for (const rule of rules) builder.add(rule);
  return builder.build();
}

/** In the oracle's form, without the ids of view rows in anchors, which the oracle cannot know. */
function withoutRowIds(detections: readonly Detection[], program: Program): ExpectedDetection[] {
  return detections.map((detection) => {
    const form = expectedForm(detection, program);
    return program.operators[detection.operator].input > 0 && detection.window !== null && 'id' in detection.anchor
      ? { ...form, anchor: [''] }
      : form;
  });
}

test('S8 S13 judge form and hot form agree with the naive oracle on random rules, views included', () => {
  const property = fc.property(parityCase.map(withoutLives), ({ rules: drawn, events }) => {
    // The programs of this test are made without the compiler, which is what turns EXISTS into a join, and joins into a chain.
    const rules = drawn.map((rule) => {
      // Nor do its rules without a window show a column that SUPPRESS could name.
      const plain = rule.kind === 'single' ? { ...rule, suppress: undefined } : rule;
      return { ...plain, exists: undefined, third: undefined } as SimulationRule;
    });
    const program = programOf(rules);
    const rows = eventsOf(events);
    const expected = withoutShown(
      rules,
      oracle(rules, rows, () => ''),
    );
    for (const form of ['judge', 'hot'] as const) {
      const { detections } = runFold(program, rows, { form, shards: 1, batch_rows: 7 });
      assert.deepEqual(withoutRowIds(detections, program), expected, form);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('S1 S14 batch sizes, shards and restarts do not show', () => {
  const variants: RunOptions[] = [
    { shards: 2, batch_rows: 1 },
    { shards: 5, batch_rows: 256 },
    { shards: 1, batch_rows: 3, restart_every: 1 },
    { shards: 2, batch_rows: 5, restart_every: 2 },
    { shards: 1, batch_rows: 1, form: 'judge', restart_every: 3 },
  ];
  const property = fc.property(parityCase, ({ rules, events }) => {
    const program = programOf(rules);
    const rows = eventsOf(events);
    const expected = runFold(program, rows, { shards: 1, batch_rows: 16 }).detections;
    for (const options of variants) {
      assert.deepEqual(runFold(program, rows, options).detections, expected, JSON.stringify(options));
    }
  });
  fc.assert(property, { numRuns: 150 });
});

test('S14 bounds evict the same keys and rows, whatever the batch size and the number of shards', () => {
  const limits = { key_groups: 2, keys_per_group: 2, rows_per_key: 8, rows_per_group: 12 };
  const property = fc.property(parityCase, ({ rules, events }) => {
    const program = programOf(rules);
    const rows = eventsOf(events);
    const expected = runFold(program, rows, { limits, shards: 1, batch_rows: 16 });
    for (const [shards, batch_rows, form] of [
      [2, 1, 'hot'],
      [1, 5, 'judge'],
      [2, 256, 'judge'],
    ] as const) {
      const other = runFold(program, rows, { limits, shards, batch_rows, form });
      assert.deepEqual(other.detections, expected.detections);
      assert.deepEqual(other.fold.stats().drops, expected.fold.stats().drops);
    }
  });
  fc.assert(property, { numRuns: 200 });
});
