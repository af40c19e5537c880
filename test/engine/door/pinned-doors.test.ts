import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SortedRun, type Verdict } from '../../../engine/index.ts';
import { type PinnedCase, readPinnedCases } from '../../conformance/pinned-cases.ts';
import { doorProgram, type Event, sourceRecord } from './harness.ts';

const cases = readPinnedCases();
const missing = cases === null && 'the shared cases do not stand beside the clone';

function answer({ input }: PinnedCase, advanceEvery: number): Verdict[] {
  const program = doorProgram({
    lateness_ms: input.lateness,
    dedup_horizon_ms: input.dedup_horizon,
    max_ahead_ms: input.max_ahead,
  });
  const records = input.records.map(({ partition, position, event }) =>
    sourceRecord(partition, position, event as Event | null, input.now),
  );
  const door: Verdict[] = [];
  if (input.mode === 'sorted') {
    const run = new SortedRun(program, {
      on_verdict: (record, verdict) => {
        door[record] = verdict;
      },
    });
    for (const record of records) run.add(record);
    assert.deepEqual([...run.finish()].flat(), []);
    return door;
  }
  const engine = new Engine(program);
  const take = () => {
    for (const { position, verdict } of engine.advance().verdicts) door[position] = verdict;
  };
  records.forEach((record, position) => {
    engine.apply(position, { kind: 'record', record });
    if (position % advanceEvery === 0) take();
  });
  engine.apply(records.length, { kind: 'end' });
  take();
  return door;
}

for (const advanceEvery of [1, 7, 1000]) {
  test(`S3 S4 pinned: all 200 doors, advanced every ${advanceEvery} records`, { skip: missing }, () => {
    const wrong = (cases ?? []).filter((pinned) => {
      return JSON.stringify(answer(pinned, advanceEvery)) !== JSON.stringify(pinned.door);
    });
    assert.deepEqual(
      wrong.map((pinned) => pinned.case),
      [],
    );
    assert.equal(cases?.length, 200);
  });
}
