import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import { stateBytes } from '../../../engine/fold/state-bytes.ts';
import type { AggregateRule } from '../../simulation/case.ts';
import { batchOf, ProgramBuilder } from './programs.ts';

const aggs: AggregateRule[][] = [
  [{ as: 'n', fn: 'count' }],
  [
    { as: 'n', fn: 'count' },
    { as: 'd', fn: 'count_distinct', field: 'ip' },
    { as: 'm', fn: 'max', field: 'x' },
  ],
];

test('law 5: bytes a row and a key that are said before are those that the fold then takes', () => {
  for (const group_by of [['k1'], ['k1', 'x'], []]) {
    for (const one of aggs) {
      const builder = new ProgramBuilder();
      builder.add({
        ...{ name: 'r', kind: 'window', where: null, group_by, emit: 'auto', aggs: one },
        ...{ window: { type: 'sliding', size: 1e9 }, having: ['>=', ['a', 'n'], ['v', 3]] },
      });
      const program = builder.build();
      const said = stateBytes(program, 0);
      const dictionary = new Dictionary();
      const fold = new Fold(program, dictionary, { shards: 1 });
      const rows = Array.from({ length: 100 }, (_, i) => ({
        ...{ timestamp: 1000 + i, event_id: `e${i}`, seq: 0, tenant_id: 'T', type: 'A' },
        ...{ k1: `k${i}`, k2: null, x: i, ip: `i${i}`, res: null },
      }));
      fold.push(batchOf(rows, dictionary), 0);
      const { bytes_per_row, bytes_per_key } = fold.stats();
      assert.equal(said?.row_bytes, bytes_per_row);
      assert.equal(said?.cold_rows, 2);
      // The tables that find keys grow by doubling, so a key's part of them is between the half and all of it.
      if (group_by.length > 0) assert.ok(Math.abs((said?.key_bytes ?? 0) - bytes_per_key) <= 64, `${bytes_per_key}`);
    }
  }
});
