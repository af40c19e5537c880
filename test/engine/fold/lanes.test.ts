import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitIntoLanes } from '../../../engine/fold/lanes.ts';
import type { Condition } from '../../simulation/case.ts';
import { ProgramBuilder } from './programs.ts';

function lanesOf(...wheres: (Condition | null)[]): number[][] {
  const builder = new ProgramBuilder();
  for (const [i, where] of wheres.entries()) {
    builder.add({
      ...{ name: `r${i}`, kind: 'window', where, group_by: ['k1'], emit: 'auto', aggs: [{ as: 'n', fn: 'count' }] },
      ...{ window: { type: 'sliding', size: 50 }, having: ['>=', ['a', 'n'], ['v', 3]] },
    });
  }
  const placed = builder.build().operators.map((spec, position) => ({ index: position, position, spec }));
  return splitIntoLanes(placed).map((lane) => lane.map((operator) => operator.position));
}

const typeIs = (type: string): Condition => ['=', ['f', 'type'], ['v', type]];

test('operators that fix different values of a column stand in different lanes', () => {
  assert.deepEqual(lanesOf(typeIs('A'), typeIs('B'), typeIs('A')), [[0, 2], [1]]);
});

test('an IN connects the lanes of its values', () => {
  assert.deepEqual(lanesOf(typeIs('A'), typeIs('B'), typeIs('C'), ['in', ['f', 'type'], ['A', 'B']]), [[0, 1, 3], [2]]);
});

test('one operator that takes any value keeps all in one lane', () => {
  assert.deepEqual(lanesOf(typeIs('A'), typeIs('B'), null), [[0, 1, 2]]);
});

test('there are never more lanes than the limit', () => {
  const lanes = lanesOf(...Array.from({ length: 200 }, (_, i) => typeIs(`t${i}`)));
  assert.equal(lanes.length, 64);
  assert.deepEqual(
    lanes.flat().sort((a, b) => a - b),
    Array.from({ length: 200 }, (_, i) => i),
  );
});
