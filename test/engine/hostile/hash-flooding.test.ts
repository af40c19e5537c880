import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentHash } from '../../../engine/decode/text-hash.ts';
import { Dictionary, Engine } from '../../../engine/index.ts';
import { mix } from '../../../engine/state/key-hash.ts';
import { KeyTable, MISSING } from '../../../engine/state/key-table.ts';
import { programOf } from '../fold/weir-sql.ts';
import { colliding, inverse } from './colliding.ts';

const count = 20_000;

/** Work of the process for so many fresh keys, in milliseconds. */
function work(texts: readonly string[]): number {
  const rule =
    'CREATE RULE r AS SELECT k, g, count(*) AS n FROM events GROUP BY k, g WINDOW SLIDING 1 HOUR HAVING n >= 3;';
  const engine = new Engine(programOf(rule));
  const before = process.cpuUsage();
  texts.forEach((g, i) => {
    const event = { event_id: `e${i}`, tenant_id: 'T', timestamp: 1_000_000 + i, k: 'one', g };
    const record = {
      partition: 'p',
      position: i,
      received_at: 3e9,
      bytes: new TextEncoder().encode(JSON.stringify(event)),
    };
    engine.apply(i, { kind: 'record', record });
    if (i % 500 === 499) engine.advance();
  });
  return process.cpuUsage(before).user / 1000;
}

test('keys whose contents have one hash share a key group, and cost no more than others', () => {
  const chosen = colliding(count);
  assert.equal(new Set(chosen).size, count);
  assert.equal(new Set(chosen.map(contentHash)).size, 1);
  const plain = Array.from({ length: count }, (_, i) => `text${i}`);
  work(plain);
  // In one chain of a table they took eight times as long when others cost twice what they cost now, and more the more
  // there were. Texts beyond a full bucket are found by V8, which is what they cost more.
  const ratio = work(chosen) / work(plain);
  assert.ok(ratio < 6, `${ratio.toFixed(1)} times the work`);
});

const number = new Float64Array(1);
const halves = new Int32Array(number.buffer);

/** The state that mix() made this hash of, before the part came to it. */
const unmixed = (hash: number) => Math.imul(hash ^ (hash >>> 15) ^ (hash >>> 30), inverse(0x9e3779b1));

/** Floats that have one place in the table of keys (text, float): the upper half undoes the lower one. */
function collidingFloats(count: number, tenant: number, text: number): number[] {
  const start = mix(mix(0, tenant), text);
  const floats: number[] = [];
  for (let low = 1; floats.length < count; low++) {
    halves[0] = low;
    halves[1] = unmixed(4_711) ^ mix(start, low);
    if (Number.isFinite(number[0])) floats.push(number[0] as number);
  }
  return floats;
}

test('floats that have one place in a table cost no more than others: it turns to another salt', () => {
  const dictionary = new Dictionary();
  const [tenant, text] = [dictionary.idOf('T'), dictionary.idOf('one')];
  const tableOf = () => new KeyTable([0, 1], [true, false], 0, { shard: 0, shards: 1, groups: 1 }, dictionary);
  const fill = (table: KeyTable, floats: readonly number[]) => {
    const before = process.cpuUsage();
    const keys = floats.map((float) => {
      assert.equal(table.findParts(tenant, [text, float]), MISSING);
      return table.create();
    });
    return { keys, work: process.cpuUsage(before).user };
  };
  const plain = Array.from({ length: count }, (_, i) => i / 7);
  const chosen = collidingFloats(count, tenant, text);
  assert.equal(new Set(chosen).size, count);
  fill(tableOf(), plain);
  const others = fill(tableOf(), plain);
  const table = tableOf();
  const { keys, work: taken } = fill(table, chosen);
  // In one chain of a table they took sixty times as long.
  assert.ok(taken < 20 * others.work, `${(taken / others.work).toFixed(1)} times the work`);
  const restored = tableOf();
  restored.restore(table.snapshot());
  for (const [i, float] of chosen.entries()) assert.equal(restored.findParts(tenant, [text, float]), keys[i]);
  for (const key of keys) table.free(key);
  for (const float of chosen) assert.equal(table.findParts(tenant, [text, float]), MISSING);
});
