import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INTERVAL_BYTES, limits } from '../../../engine/index.ts';
import type { SimulationEvent, WindowRule } from '../../simulation/case.ts';
import { ProgramBuilder } from './programs.ts';
import { runFold } from './run.ts';
import { type CaseEvent, find } from './weir-sql.ts';

type TestEvent = SimulationEvent & { event_id: string; seq: number };

/** Events of these keys, a millisecond apart. */
function eventsOf(keys: string): TestEvent[] {
  const blank = { tenant_id: 'T', type: 'A', k2: null, x: null, ip: null, res: null };
  return [...keys].map((k1, i) => ({ ...blank, k1, timestamp: 1000 + i, event_id: `e${i}`, seq: 0 }));
}

const three: WindowRule = {
  ...{ name: 'r', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 10_000 } },
  ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 3]], emit: 'auto' },
};

function bounded(keys: string, bounds: Partial<Record<keyof typeof limits, number>>) {
  const program = new ProgramBuilder().add(three).build();
  const options = { shards: 1, batch_rows: 1, limits: { key_groups: 1, ...bounds } };
  const { detections, fold } = runFold(program, eventsOf(keys), options);
  return { fired: detections.map(({ key, evidence_total }) => `${key} ${evidence_total}`), drops: fold.stats().drops };
}

test('S14 a bound evicts the key that was silent longest, and what it dropped is counted by the bound’s name', () => {
  assert.deepEqual(bounded('aabcaa', {}), { fired: ['a 3'], drops: {} });
  // c comes when there is room for two: b was silent shorter than a, so a begins anew.
  const { fired, drops } = bounded('aabcaaa', { keys_per_group: 2 });
  assert.deepEqual(fired, ['a 3']);
  assert.deepEqual(Object.keys(drops), ['keys_per_group']);
  assert.deepEqual(bounded('bbaaca', { keys_per_group: 2 }).fired, ['a 3'], 'b was silent longest here');
});

test('S14 a bound on a key’s rows drops its oldest', () => {
  const { fired, drops } = bounded('aaa', { rows_per_key: 2 });
  assert.deepEqual(fired, []);
  assert.equal(drops.rows_per_key, 1);
});

/** Each event fires; SUPPRESS covers its key for 10 ms. Which detections were suppressed, in order. */
function suppressing(keys: string, most: number, restart_every?: number) {
  const one: WindowRule = {
    ...three,
    ...{ window: { type: 'tumbling', size: 1 }, having: ['>=', ['a', 'n'], ['v', 1]] },
    suppress: { by: ['k1'], for: 10, reset: false },
  };
  const program = new ProgramBuilder().add(one).build();
  const limits = { key_groups: 1, suppress_keys_per_group: most };
  const options = { shards: 1, batch_rows: 1, limits, ...(restart_every === undefined ? {} : { restart_every }) };
  const { detections, fold } = runFold(program, eventsOf(keys), options);
  const marks = detections.map(({ key, suppressed_by }) => `${key}${suppressed_by === null ? '' : '-'}`);
  return { marks: marks.join(' '), ...fold.stats() };
}

test('S14 SUPPRESS keeps so many intervals; beyond them the one that ends first goes, counted by the bound’s name', () => {
  const free = suppressing('abcabc', 3);
  assert.equal(free.marks, 'a b c a- b- c-');
  assert.deepEqual(free.drops, {});
  for (const restart_every of [undefined, 1]) {
    const full = suppressing('abcbca', 2, restart_every);
    assert.equal(full.marks, 'a b c b- c- a', 'a ends first, so it goes when c comes');
    assert.equal(full.drops.suppress_keys_per_group, 2);
    assert.ok(full.operators[0].state_bytes > 2 * INTERVAL_BYTES);
  }
  const ended = suppressing(`ab${'c'.repeat(10)}`, 3);
  assert.deepEqual(ended.drops, {}, 'what has ended is no drop');
  assert.equal(suppressing('abcdefghijklmnopqrstuvwxyz', 100).drops.suppress_keys_per_group, undefined);
});

test('S14 a long SUPPRESS key takes no more room than a short one, and is still its own', () => {
  const long = 'x'.repeat(10_000);
  const events = ['a', 'b', 'a', 'b'].map((end, i): CaseEvent => [1000 + i, { k: long + end }]);
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 1 MILLISECONDS
    HAVING n >= 1 SUPPRESS BY k FOR 10 MILLISECONDS;`;
  const suppressed = find(rule, events).detections.map(({ suppressed_by }) => suppressed_by !== null);
  assert.deepEqual(suppressed, [false, false, true, true]);
});

test('S14 state lives in 256 key groups', () => {
  assert.equal(limits.key_groups, 256);
});

test('S14 a file’s end closes everything: windows that end after the last event are decided', () => {
  const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 1 HOUR HAVING n < 3;`;
  const { detections, run } = find(rule, [[1000, { k: 'a' }]]);
  assert.deepEqual(
    detections.map(({ decided_at }) => decided_at),
    [3_599_999],
  );
  assert.equal(run.stats().undecided, 0);
});

/** What a view that sums says at each event. */
function sums(events: readonly (readonly [time: number, f: number])[]): unknown[] {
  const rules = `CREATE VIEW v AS SELECT k, count(*) AS n, sum(f) AS s FROM events
    GROUP BY k WINDOW SLIDING 10 MILLISECONDS HAVING n >= 1; CREATE RULE r AS SELECT s FROM v;`;
  const { detections } = find(
    rules,
    events.map(([time, f]) => [time, { k: 'a', f }]),
  );
  return detections.map(({ values }) => values[0]);
}

test('S14 floats are summed in total order: neither arrival nor what left the window shows in the last digit', () => {
  // In total order (1e16 + 1) - 1e16 is 0; the order of arrival would give 1.
  assert.deepEqual(
    sums([
      [100, 1e16],
      [102, -1e16],
      [101, 1],
    ]),
    [1e16, 1e16, 0],
  );
  // A running sum from which 1e16 is taken away again would say 1 at the end.
  assert.deepEqual(
    sums([
      [100, 1e16],
      [105, 1],
      [115, 1],
    ]),
    [1e16, 1e16, 2],
  );
});

/** Rules r and s, of which r has STATE MAX, over one event a key and letter; which of them found what. */
function withStateMax(keys: string, state_keys: number, restart_every?: number) {
  const rule = (name: string): WindowRule => ({
    ...{ name, kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 1000 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 2]], emit: 'auto' },
  });
  const built = new ProgramBuilder().add(rule('r')).add(rule('s')).build();
  const operators = built.operators.map((operator) => (operator.name === 'r' ? { ...operator, state_keys } : operator));
  const events = [...keys].map((k1, i) => ({
    ...{ timestamp: 1000 + i, event_id: `e${i}`, seq: 0, tenant_id: 'T' },
    ...{ type: 'A', k1, k2: null, x: null, ip: null, res: null },
  }));
  const options = { shards: 1, batch_rows: 1, limits: { key_groups: 1 } };
  const run = restart_every === undefined ? options : { ...options, restart_every };
  const { detections, fold } = runFold({ ...built, operators }, events, run);
  return { found: detections.map(({ rule: name, key }) => `${name} ${key}`).join(', '), drops: fold.stats().drops };
}

test('S14 STATE MAX: the key that was silent longest goes, counted under the name of the rule; other rules keep theirs', () => {
  for (const restart_every of [undefined, 1]) {
    const full = withStateMax('abcab', 2, restart_every);
    assert.equal(full.found, 's a, s b');
    assert.deepEqual(full.drops, { 'STATE MAX of r': 3 });
  }
  const enough = withStateMax('abcab', 3);
  assert.equal(enough.found, 'r a, s a, r b, s b');
  assert.deepEqual(enough.drops, {});
});

test('S14 STATE MAX is divided among the key groups: the number of shards cannot show', () => {
  for (const window of ['SLIDING 10 SECONDS', 'SESSION GAP 10 SECONDS', 'HOPPING 10 SECONDS ADVANCE BY 5 SECONDS']) {
    const rule = `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} HAVING n >= 2
      STATE MAX 256 KEYS;`;
    const events = Array.from({ length: 600 }, (_, i): CaseEvent => [1000 + i, { k: `k${i % 300}` }]);
    // find() holds the backtest on one shard against the live engine on two, restarted at every event.
    const { detections, run } = find(rule, events);
    const dropped = run.stats().drops as Record<string, number>;
    assert.ok(dropped['STATE MAX of r'] > 100, window);
    assert.ok(detections.length < 300 && detections.length > 50, window);
  }
});

test('S14 open detections are bounded per key group: the one that was silent longest gets no further revision', () => {
  const rule: WindowRule = {
    ...{ name: 'r', kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 50 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 1]], emit: 'auto' },
  };
  const life = { escalations: [], update_at_end: false, close_after_ms: 100 };
  const built = new ProgramBuilder().add(rule).build();
  const program = { ...built, operators: built.operators.map((operator) => ({ ...operator, life })) };
  const closed = (keys: string, most: number) => {
    const events = [...keys].map((k1, i) => ({
      ...{ timestamp: 1000 + i, event_id: `e${i}`, seq: 0, tenant_id: 'T' },
      ...{ type: 'A', k1, k2: null, x: null, ip: null, res: null },
    }));
    const limits = { key_groups: 1, open_detections_per_group: most };
    const { detections, fold } = runFold(program, events, { shards: 1, batch_rows: 1, limits, restart_every: 1 });
    const found = detections.flatMap(({ key, status }) => (status === 'closed' ? [String(key)] : []));
    return { closed: found.join(' '), drops: fold.stats().drops };
  };
  assert.deepEqual(closed('abcab', 3), { closed: 'c a b', drops: {} });
  assert.deepEqual(closed('abac', 2), { closed: 'a c', drops: { open_detections_per_group: 1 } });
});

test('S14 which of the open detections of a rule a bound drops does not rest on the other rules of the program', () => {
  const rule = (name: string): WindowRule => ({
    ...{ name, kind: 'window', where: null, group_by: ['k1'], window: { type: 'sliding', size: 50 } },
    ...{ aggs: [{ as: 'n', fn: 'count' }], having: ['>=', ['a', 'n'], ['v', 1]], emit: 'auto' },
  });
  const life = { escalations: [], update_at_end: false, close_after_ms: 100 };
  const events = Array.from({ length: 40 }, (_, i) => ({
    ...{ timestamp: 1000 + i, event_id: `e${i}`, seq: 0, tenant_id: 'T' },
    ...{ type: 'A', k1: `k${i}`, k2: null, x: null, ip: null, res: null },
  }));
  const closed = (...names: string[]) => {
    const builder = names.reduce((all, name) => all.add(rule(name)), new ProgramBuilder());
    const built = builder.build();
    const program = { ...built, operators: built.operators.map((operator) => ({ ...operator, life })) };
    const limits = { key_groups: 4, open_detections_per_group: 2 };
    const { detections } = runFold(program, events, { shards: 1, batch_rows: 8, limits });
    return detections.flatMap(({ rule, key, status }) => (rule === 'r' && status === 'closed' ? [String(key)] : []));
  };
  const alone = closed('r');
  assert.equal(alone.length, 8);
  assert.deepEqual(closed('a', 'b', 'r'), alone);
});
