import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedEvents, readPinnedCases } from '../../conformance/pinned-cases.ts';
import type { JoinRule, SimulationEvent, SimulationRule } from '../../simulation/case.ts';
import { expectedForm } from './expected-form.ts';
import { inTotalOrder, ProgramBuilder } from './programs.ts';
import { type RunOptions, runFold } from './run.ts';

type TestEvent = SimulationEvent & { event_id: string; seq: number };

/** `a` events on the left, `b` events on the right, of one k1: 'a5 b7' are an a at 5 ms and a b at 7 ms. */
function eventsOf(text: string, k1: string | null = 'k'): TestEvent[] {
  const blank = { tenant_id: 'T', k1, k2: null, x: null, ip: null, res: null };
  const events = text.split(' ').map((word, i) => ({
    ...{ ...blank, type: word[0], timestamp: 1000 + Number(word.slice(1)), event_id: word, seq: i },
  }));
  return inTotalOrder(events);
}

const is = (type: string) => ['=', ['f', 'type'], ['v', type]] as const;
const inner: JoinRule = {
  ...{ name: 'j', kind: 'join', on: [['k1', 'k1']], before: 2, after: 5, left_join: false },
  ...{ left: { as: 'l', where: is('a') }, right: { as: 'r', where: is('b') } },
};
const outer: JoinRule = { ...inner, left_join: true };

function run(rule: JoinRule, events: readonly TestEvent[], options: Partial<RunOptions> = {}) {
  const program = new ProgramBuilder().add(rule).build();
  const { detections, fold } = runFold(program, events, { shards: 1, batch_rows: 2, ...options });
  const pairs = detections.map((detection) => {
    const { anchor, decided_at } = expectedForm(detection, program);
    return `${anchor.map((id) => id ?? '-').join('+')}@${decided_at - 1000}`;
  });
  return { pairs, drops: fold.stats().drops, detections };
}

test('S9 the right row lies from before to after the left one, both ends inside', () => {
  assert.deepEqual(run(inner, eventsOf('b7 a10 b15')).pairs, ['a10+b15@15']);
  assert.deepEqual(run(inner, eventsOf('b8 a10 b16')).pairs, ['a10+b8@10']);
});

test('S9 no event joins itself, and two events of one millisecond do', () => {
  const any = { ...inner, left: { as: 'l', where: is('a') }, right: { as: 'r', where: is('a') } };
  assert.deepEqual(run(any, eventsOf('a3')).pairs, []);
  const two = eventsOf('a3 a3').map((event, i) => ({ ...event, event_id: `e${i}` }));
  assert.deepEqual(run(any, two).pairs, ['e0+e1@3', 'e1+e0@3']);
});

test('S9 LEFT JOIN: the unmatched row comes at its deadline, after the events of that millisecond', () => {
  assert.deepEqual(run(outer, eventsOf('a1 b6 a7 a9 b20')).pairs, ['a1+b6@6', 'a7+b6@7', 'a9+-@14']);
  assert.deepEqual(run(outer, eventsOf('a1')).pairs, ['a1+-@6']);
});

test('S9 NULL in ON matches nothing; LEFT JOIN gives its left row at the deadline', () => {
  assert.deepEqual(run(inner, eventsOf('a1 b2', null)).pairs, []);
  assert.deepEqual(run(outer, eventsOf('a1 b2', null)).pairs, ['a1+-@6']);
});

test('S7 the anchor of a pair is both rows, so that equal pairs have one id and others have others', () => {
  const { detections } = run(inner, eventsOf('a1 a2 b3'));
  const again = run(inner, eventsOf('a1 a2 b3'), { batch_rows: 1 }).detections;
  assert.deepEqual(
    detections.map(({ id }) => id),
    again.map(({ id }) => id),
  );
  assert.equal(new Set(detections.map(({ id }) => id)).size, 2);
});

test('S14 a bound on a join drops the oldest rows of a key, or the key silent longest, counted by its name', () => {
  const many = eventsOf('a1 a2 a3 b4');
  const few = run(inner, many, { limits: { key_groups: 1, rows_per_key: 2 } });
  assert.deepEqual(few.pairs, ['a2+b4@4', 'a3+b4@4']);
  assert.deepEqual(few.drops, { rows_per_key: 2 });
  const keys = [...eventsOf('a1', 'x'), ...eventsOf('a2', 'y'), ...eventsOf('b3', 'x'), ...eventsOf('b4', 'y')];
  const bounded = run(inner, keys, { limits: { key_groups: 1, keys_per_group: 1 } });
  assert.deepEqual(bounded.pairs, []);
  assert.deepEqual(bounded.drops, { keys_per_group: 3 });
});

const cases = readPinnedCases() ?? [];
const skip = cases.length === 0 && '../shared/cases is not here';

test('S1 S14 batch sizes, restarts and bounds of joins do not show in the pinned cases', { skip }, () => {
  const isJoin = (rule: SimulationRule): rule is JoinRule => rule.kind === 'join';
  const variants: RunOptions[] = [
    { shards: 1, batch_rows: 1, restart_every: 1 },
    { shards: 2, batch_rows: 5, restart_every: 2 },
  ];
  const tight = { key_groups: 2, keys_per_group: 2, rows_per_key: 3, rows_per_group: 4 };
  for (const pinned of cases.slice(0, 20)) {
    const builder = new ProgramBuilder();
    for (const rule of pinned.input.rules.filter(isJoin)) builder.add(rule);
    const program = builder.build();
    const events = inTotalOrder(acceptedEvents(pinned));
    for (const limits of [{}, tight]) {
      const whole = runFold(program, events, { shards: 1, batch_rows: 256, limits });
      for (const options of variants) {
        const other = runFold(program, events, { ...options, limits });
        assert.deepEqual(other.detections, whole.detections, `case ${pinned.case}`);
        assert.deepEqual(other.fold.stats().drops, whole.fold.stats().drops);
      }
    }
  }
});
