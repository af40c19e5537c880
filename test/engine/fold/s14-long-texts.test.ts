import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { limits } from '../../../engine/index.ts';
import { seeded } from '../../simulation/random.ts';
import { sweep } from '../decode/sweep.ts';
import { type RunOptions, runFold } from './run.ts';
import { programOf } from './weir-sql.ts';

/** A text that is counted: a little more than a thousand bytes. */
const long = (name: string) => name + 'x'.repeat(1_000);

const counting = (select: string, window: string, having: string) =>
  `CREATE RULE r AS SELECT k, ${select} FROM events GROUP BY k WINDOW ${window} HAVING ${having};`;

function eventsOf(fields: readonly Record<string, unknown>[]) {
  const blank = { seq: 0, tenant_id: 'T', type: 'A', k1: null, k2: null, ip: null, res: null, x: 1, g: 'g' };
  return fields.map((own, i) => ({ ...blank, timestamp: 1_000 + i, event_id: `e${i}`, ...own }));
}

/** Which keys fired and with how many rows, by the first letter of the key, and what bounds dropped. */
function run(rule: string, events: ReturnType<typeof eventsOf>, most: number, options: Partial<RunOptions> = {}) {
  const bounds = { key_groups: 1, text_bytes_per_group: most };
  const { detections, fold } = runFold(programOf(rule), events as never, {
    ...{ shards: 1, batch_rows: 1, limits: bounds },
    ...options,
  });
  const fired = detections.map(({ key, evidence_total }) => `${String(key[0]).slice(0, 1)} ${evidence_total}`);
  return { fired, drops: fold.stats().drops, all: detections };
}

const three = counting('count(*) AS n', 'SLIDING 10 SECONDS', 'n >= 3');

test('S14 of keys with long texts the one goes whose last one came longest ago; keys with short texts stay', () => {
  const events = eventsOf(['s', 's', long('a'), long('a'), long('b'), long('c'), long('a'), 's'].map((k) => ({ k })));
  assert.deepEqual(run(three, events, 3_100).fired, ['a 3', 's 3']);
  const { fired, drops } = run(three, events, 2_100);
  assert.deepEqual(fired, ['s 3'], 'a went when c came, and began anew');
  assert.deepEqual(drops, { text_bytes_per_group: 3 }, 'both rows of a, and that of b');
});

test('S14 a row counts the long texts that aggregates read; a key that has all of them loses its older half', () => {
  const rule = counting('count(DISTINCT g) AS n', 'SLIDING 10 SECONDS', 'n >= 4');
  const events = eventsOf(['1', '2', '3', '4'].map((g) => ({ k: 'a', g: long(g) })));
  assert.deepEqual(run(rule, events, 5_000).fired, ['a 4']);
  const { fired, drops } = run(rule, events, 3_100);
  assert.deepEqual(fired, []);
  assert.deepEqual(drops, { text_bytes_per_group: 2 });
});

test('S14 texts of up to limits.long_text_bytes are bounded by the number of keys and rows alone', () => {
  const at = (length: number) => eventsOf(['a', 'b', 'c'].map((k) => ({ k: k + 'x'.repeat(length - 1) })));
  assert.deepEqual(run(three, at(limits.long_text_bytes), 300).drops, {});
  assert.deepEqual(run(three, at(limits.long_text_bytes + 1), 300).drops, { text_bytes_per_group: 2 });
});

test('S14 a long text of a row that meets nobody and leaves at once pushes out a row that waits', () => {
  const join = `CREATE RULE r AS SELECT a.k FROM events AS a JOIN events AS b WITHIN (AFTER 1 SECONDS) ON a.k = b.k
    WHERE a.g = 'a' AND b.g = 'b';`;
  const events = eventsOf([
    { k: long('w'), g: 'a' },
    { k: long('z'), g: 'b' },
    { k: long('w'), g: 'b' },
    { k: 's', g: 'b' },
  ]);
  for (const options of [{ batch_rows: 64 }, { batch_rows: 1 }]) {
    const wide = run(join, events, 4_100, options);
    assert.deepEqual([wide.all.length, wide.drops], [1, {}]);
    const { all, drops } = run(join, events, 2_500, options);
    assert.deepEqual([all.length, drops], [0, { text_bytes_per_group: 1 }], JSON.stringify(options));
  }
});

const rules = {
  'rows of SLIDING': counting('count(DISTINCT g) AS n, last(g) AS l', 'SLIDING 40 MILLISECONDS', 'n >= 2'),
  'rows of TUMBLING': counting('count(DISTINCT g) AS n', 'TUMBLING 50 MILLISECONDS', 'n < 2'),
  'windows with a clock': counting('count(DISTINCT g) AS n', 'SESSION GAP 9 MILLISECONDS', 'n >= 2'),
  hopping: counting('count(DISTINCT g) AS n', 'HOPPING 40 MILLISECONDS ADVANCE BY 10 MILLISECONDS', 'n >= 2'),
  joins: `CREATE RULE r AS SELECT a.k, b.g FROM events AS a JOIN events AS b WITHIN 30 MILLISECONDS ON b.k = a.k AND b.g <> a.g;`,
  baselines: `CREATE TABLE t AS SELECT k, last(g) AS last_g FROM events GROUP BY k WINDOW TUMBLING 5 MILLISECONDS;
    CREATE RULE r AS SELECT e.k, t.last_g FROM events AS e JOIN t ON t.k = e.k WHERE e.g <> t.last_g;`,
  'open detections': `CREATE RULE r AS SELECT k, last(g) AS l, count(*) AS n FROM events GROUP BY k
    WINDOW SLIDING 20 MILLISECONDS HAVING n >= 2 ESCALATE WHEN n > 3 TO high CLOSE AFTER 10 MILLISECONDS QUIET;`,
};

for (const [what, rule] of Object.entries(rules)) {
  test(`S14 S1 ${what}: batches, shards and restarts cannot show in what long texts drop`, () => {
    const random = seeded(11);
    const text = () => {
      const name = String.fromCharCode(97 + Math.floor(random() * 5));
      return random() < 0.6 ? long(name) : name;
    };
    const events = eventsOf(Array.from({ length: 400 }, () => ({ k: text(), g: text() })));
    const bounds = { limits: { key_groups: 4, text_bytes_per_group: 5_000 } };
    const whole = run(rule, events, 0, { ...bounds, batch_rows: 64 });
    assert.ok((whole.drops.text_bytes_per_group ?? 0) > 10, JSON.stringify(whole.drops));
    assert.ok(whole.all.length > 10);
    for (const options of [{ batch_rows: 1, restart_every: 1 }, { batch_rows: 7 }, { batch_rows: 50, shards: 2 }]) {
      const other = run(rule, events, 0, { ...bounds, ...options });
      assert.deepEqual(other.all, whole.all);
      assert.deepEqual(other.drops, whole.drops);
    }
  });
}

test('law 5: the dictionary says what its texts take, a byte a character or two, and what of them is long', () => {
  const dictionary = new Dictionary();
  const before = dictionary.allocated_bytes;
  const id = dictionary.idOf('x'.repeat(10_000));
  const wide = dictionary.idOf('ж'.repeat(10_000));
  const short = dictionary.idOf('x');
  assert.deepEqual(
    [id, wide, short].map((one) => dictionary.longBytesOf(one)),
    [10_000, 20_000, 0],
  );
  // With the places of the long ones among 2^10 texts, which go with the last of them.
  const grown = dictionary.allocated_bytes - before - 8 * 2 ** 10;
  assert.ok(grown >= 30_000 && grown < 30_400, String(grown));
  sweep(dictionary, (used) => {
    used[short] = 1;
  });
  assert.equal(dictionary.hasLong, false);
  assert.ok(dictionary.allocated_bytes - before < 400);
});
