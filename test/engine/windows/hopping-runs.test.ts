import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../simulation/case.ts';
import { ProgramBuilder } from '../fold/programs.ts';
import { runFold } from '../fold/run.ts';

/** A HOPPING run that goes on reads no rows where the bounds are all of HAVING. Here it must read them, and has ended. */

const size = { type: 'hopping', size: 20, advance: 10 } as const;
const three: Condition = ['>=', ['a', 'n'], ['v', 3]];

/** When rule r fires over events of one key, given as their times and x. */
function firings(
  having: Condition,
  events: readonly (readonly [time: number, x: number])[],
  rows_per_key: number,
): number[] {
  const builder = new ProgramBuilder();
  const rule = { kind: 'window' as const, group_by: ['k1'], emit: 'auto' as const, window: size };
  const aggs = [
    { as: 'n', fn: 'count' as const },
    { as: 'm', fn: 'max' as const, field: 'ip' },
  ];
  builder.add({ ...rule, name: 'r', where: ['>=', ['f', 'x'], ['v', 1]], having, aggs });
  // Its rows stand in the same store, and fill what a key may have.
  builder.add({ ...rule, name: 'all', where: null, having: ['>=', ['a', 'n'], ['v', 1000]], aggs });
  const rows = events.map(([timestamp, x], i) => ({
    ...{ timestamp, event_id: `e${i}`, seq: 0, tenant_id: 'T', type: 'A' },
    ...{ k1: 'a', k2: null, ip: `i${x}`, res: null, x },
  }));
  const options = { shards: 1, batch_rows: 4, limits: { key_groups: 1, rows_per_key } };
  return runFold(builder.build(), rows, options).detections.map(({ decided_at }) => decided_at);
}

const at = (times: readonly number[], x: number) => times.map((time) => [time, x] as const);

test('S8 S14 HOPPING: a run ends where a bound took the rows of its next window, although the bounds of HAVING still count them', () => {
  const first = at([1000, 1001, 1002, 1011, 1012], 1);
  const flood = at(Array<number>(8).fill(1013), 0);
  const rest = at([1014, 1031, 1032, 1033], 1);
  assert.deepEqual(firings(three, [...first, ...flood, ...rest], 8), [1002, 1033]);
  assert.deepEqual(firings(three, [...first, ...flood, ...rest], 1000), [1002]);
});

test('S8 HOPPING: a run ends where a window has the rows that bounds ask for, and the rest of HAVING is not true', () => {
  const events = [...at([1000, 1001, 1002], 2), ...at([1011, 1012, 1013], 1), ...at([1031, 1032, 1033], 2)];
  // Nothing is kept of the greatest text.
  const isTwo: Condition = ['>=', ['a', 'm'], ['v', 'i2']];
  assert.deepEqual(firings(['and', three, isTwo], events, 1000), [1002, 1033]);
  assert.deepEqual(firings(three, events, 1000), [1002]);
});
