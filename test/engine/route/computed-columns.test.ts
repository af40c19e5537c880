import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Lookups } from '../../../engine/lookups/lookups.ts';
import { ComputedColumns } from '../../../engine/route/computed-columns.ts';
import { eventRows } from '../../../engine/route/stream-rows.ts';
import { batchOf } from '../fold/programs.ts';
import { programOf } from '../fold/weir-sql.ts';

const program = programOf(
  'CREATE RULE r AS SELECT upper(k) AS u, count(*) AS n FROM events GROUP BY u WINDOW TUMBLING 1 MINUTES HAVING n > 1;',
);
const [stream] = program.streams;
const upper = stream.columns.findIndex(({ kind }) => kind === 'computed');

/** What is computed of texts, by one that remembers few. */
function upperOf(columns: ComputedColumns, symbols: Dictionary, texts: readonly (string | null)[]): (string | null)[] {
  const blank = { tenant_id: 'T', type: 'A', k1: null, k2: null, x: 0, ip: null, res: null, timestamp: 1, seq: 0 };
  const rows = eventRows(
    batchOf(
      texts.map((k, i) => ({ ...blank, k, event_id: `e${i}` })),
      symbols,
      program,
    ),
  );
  columns.complete(rows);
  return [...rows.columns[upper].subarray(0, texts.length)].map((id) => (id === 0 ? null : symbols.textOf(id)));
}

test('who asks beside the stream remembers few texts, whatever their ids, and computes the others anew', () => {
  const symbols = new Dictionary();
  const columns = new ComputedColumns(stream, symbols, new Lookups(program), new Set([upper]));
  const texts = Array.from({ length: 3000 }, (_, i) => (i % 100 === 7 ? null : `text ${i % 1700}`));
  const expected = texts.map((text) => text?.toUpperCase() ?? null);
  assert.deepEqual(upperOf(columns, symbols, texts), expected);
  assert.deepEqual(upperOf(columns, symbols, texts.toReversed()), expected.toReversed());
});

test('what is remembered by an id is forgotten when ids are taken back', () => {
  const symbols = new Dictionary();
  const columns = new ComputedColumns(stream, symbols, new Lookups(program), new Set([upper]));
  assert.deepEqual(upperOf(columns, symbols, ['one', 'two']), ['ONE', 'TWO']);
  symbols.beginSweep(() => undefined);
  columns.forget();
  while (symbols.freeSome(1000));
  const others = ['three', 'four', 'five', 'six', 'seven'];
  assert.deepEqual(
    upperOf(columns, symbols, others),
    others.map((text) => text.toUpperCase()),
  );
});

test('a hundred that ask beside the stream take no room for each text of the dictionary', () => {
  const symbols = new Dictionary();
  for (let n = 0; n < 100_000; n++) symbols.idOf(`t${n}`);
  const lookups = new Lookups(program);
  const before = process.memoryUsage().arrayBuffers;
  const all = Array.from({ length: 100 }, () => new ComputedColumns(stream, symbols, lookups, new Set([upper])));
  for (const one of all) assert.deepEqual(upperOf(one, symbols, ['t99999']), ['T99999']);
  // By id it would be 160 MB.
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
});
