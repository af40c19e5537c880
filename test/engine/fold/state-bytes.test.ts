import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import { joinBytes, stateBytes } from '../../../engine/fold/state-bytes.ts';
import { SEGMENT_BITS } from '../../../engine/state/records.ts';
import type { AggregateRule } from '../../simulation/case.ts';
import { batchOf, ProgramBuilder } from './programs.ts';
import { programOf as compiled } from './weir-sql.ts';

const aggs: AggregateRule[][] = [
  [{ as: 'n', fn: 'count' }],
  [
    { as: 'n', fn: 'count' },
    { as: 'd', fn: 'count_distinct', field: 'ip' },
    { as: 'm', fn: 'max', field: 'x' },
  ],
];

test('law 5: bytes a row and a key that are said before are those that the fold then takes, with ids of 36 bytes', () => {
  for (const group_by of [['k1'], ['k1', 'x'], []]) {
    for (const one of aggs) {
      const builder = new ProgramBuilder();
      builder.add({
        ...{ name: 'r', kind: 'window', where: null, group_by, emit: 'auto', aggs: one },
        ...{ window: { type: 'sliding', size: 1e9 }, having: ['>=', ['a', 'n'], ['v', 3]] },
      });
      const program = builder.build();
      const said = stateBytes(program, 0);
      const takenWith = (id_length: number) => {
        const dictionary = new Dictionary();
        const fold = new Fold(program, dictionary, { shards: 1 });
        const rows = Array.from({ length: 100 }, (_, i) => ({
          ...{ timestamp: 1000 + i, event_id: `${i}`.padStart(id_length, 'e'), seq: 0, tenant_id: 'T', type: 'A' },
          ...{ k1: `k${i}`, k2: null, x: i, ip: `i${i}`, res: null },
        }));
        fold.push(batchOf(rows, dictionary), 0);
        return fold.stats();
      };
      const { bytes_per_row, bytes_per_key } = takenWith(36);
      assert.equal(said?.row_bytes, bytes_per_row);
      // Ids of 15 bytes and a byte for their length, where those of 36 take 40.
      assert.equal(takenWith(15).bytes_per_row, bytes_per_row - 24);
      assert.equal(said?.cold_rows, 2);
      // The tables that find keys grow by doubling, so a key's part of them is between the half and all of it.
      if (group_by.length > 0) assert.ok(Math.abs((said?.key_bytes ?? 0) - bytes_per_key) <= 64, `${bytes_per_key}`);
    }
  }
});

for (const [title, having] of [
  ['that has a state at once', 'n > 0'],
  ['that is cold', 'n > 1'],
] as const) {
  test(`law 5: bytes of a key ${title} and has a clock of its own are those that it then takes, its place in the heap too`, () => {
    const program = compiled(
      `CREATE RULE r AS SELECT x, count(*) AS n FROM events GROUP BY x WINDOW SESSION GAP 1 HOUR HAVING ${having} EMIT AT END;`,
    );
    const dictionary = new Dictionary();
    const fold = new Fold(program, dictionary, { shards: 1, limits: { key_groups: 1 } });
    // Record 0 is none: so many keys fill what was allocated.
    const bytesWith = (first: number, end: number): number => {
      const rows = Array.from({ length: end - first }, (_, i) => ({
        ...{ timestamp: 1000, event_id: `e${first + i}`, seq: first + i, tenant_id: 'T', type: 'A' },
        ...{ k1: null, k2: null, x: first + i, ip: null, res: null },
      }));
      fold.push(batchOf(rows, dictionary, program), 0);
      const { parts } = fold.stats();
      return parts['keys of r'] + parts['states of r'];
    };
    const segment = 1 << SEGMENT_BITS;
    const before = bytesWith(1, segment);
    const after = bytesWith(segment, 2 * segment);
    assert.equal(stateBytes(program, 0)?.key_bytes, (after - before) / segment);
  });
}

test('law 5: bytes a row and a key of a join that are said before are those that it then takes', () => {
  const within = 'WITHIN 1 HOUR';
  const rules = [
    `SELECT a.x FROM events AS a JOIN events AS b ${within} ON b.k = a.k AND b.g = 'b' AND a.g = 'a'`,
    `SELECT a.x, b.f FROM events AS a LEFT JOIN events AS b ${within} ON b.k = a.k AND b.f = a.f AND b.g = 'b' WHERE a.g = 'a'`,
    `SELECT a.k FROM events AS a WHERE a.g = 'a' AND NOT EXISTS (SELECT 1 FROM events AS b WHERE b.k = a.k AND b.g = 'b' AND b.x > a.x ${within})`,
  ];
  for (const rule of rules) {
    const program = compiled(`CREATE RULE r AS ${rule};`);
    const said = joinBytes(
      program,
      program.streams.findIndex(({ join }) => join !== undefined),
    );
    for (const [g, row] of [['a', said.left_row] as const, ['b', said.right_row] as const]) {
      const dictionary = new Dictionary();
      const fold = new Fold(program, dictionary, { shards: 1 });
      // So many rows that their records are whole segments; each has a key of its own.
      const push = (from: number, count: number) => {
        const rows = Array.from({ length: count }, (_, i) => ({
          ...{ timestamp: 1000 + from + i, event_id: `e${from + i}`, seq: 0, tenant_id: 'T', type: 'A' },
          ...{ k1: null, k2: null, ip: null, res: null, g, k: `k${from + i}`, x: i, f: 1 },
        }));
        fold.push(batchOf(rows, dictionary, program), 0);
        return fold.stats().state_bytes;
      };
      const whole = 1 << SEGMENT_BITS;
      const before = push(0, whole);
      const grown = (push(whole, 2 * whole) - before) / (2 * whole);
      // A key's entries stand in tables that grow by doubling.
      const expected = row + said.key;
      assert.ok(Math.abs(grown - expected) <= 24, `${rule}: ${g} said ${expected}, grew by ${grown}`);
    }
  }
});
