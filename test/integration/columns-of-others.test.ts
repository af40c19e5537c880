import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LogColumns } from '../../ui-api/cli/log-columns.ts';
import { readConfig } from '../../ui-api/config.ts';
import { calm, columnFiles, worldOf } from './column-folder-world.ts';
import { programOf, settings } from './column-world.ts';

const rule = "CREATE RULE logins AS SELECT account_id, session_id FROM events WHERE event_type = 'login';";
/** Streams that declare other fields: the second one has no `geo`, so that its events keep that in `details`. */
const schemas = [
  settings[0],
  settings[0].replace('events', 'events (platform string, event_type string, account_id string, session_id string)'),
];

test('rules with different schemas on one data folder: each backtest is right, and says that it replaced the other’s columns', async (t) => {
  const world = await worldOf(t, 10, 150, calm);
  const expected = [];
  for (const schema of schemas) {
    world.say(schema, rule);
    expected.push((await world.ofRecords()).said);
    await world.afresh();
  }
  assert.ok(expected[0].stdout.length > 1000);
  const segments = columnFiles(world.columns).length - 1;
  const replaced = new RegExp(`\\(${segments} in place of those for another schema or version of Weir\\)`);
  for (const at of [0, 1, 0]) {
    world.say(schemas[at], rule);
    const first = await world.backtest();
    assert.deepEqual(first.said, expected[at]);
    assert.equal(first.segments, segments);
    assert.match(first.notes, replaced);
    const second = await world.backtest();
    assert.deepEqual(second.said, expected[at]);
    assert.equal(second.segments, segments);
    assert.doesNotMatch(second.notes, /in place of/);
  }
});

test('columns that are replaced or removed while a run waits to read them end it with what to do, and no row of others', async (t) => {
  const world = await worldOf(t, 11, 120, calm);
  const config = readConfig({ flags: { data: join(world.folder, 'var') }, environment: {}, folder: world.folder });
  for (const change of ['replace', 'remove']) {
    world.say(schemas[0], rule);
    await world.afresh();
    const { prefix } = await LogColumns.open(config, programOf(schemas[0], rule));
    assert.ok(prefix.length > 3);
    assert.notEqual(prefix[0].events.column('session_id'), null);
    if (change === 'remove') rmSync(world.columns, { recursive: true });
    world.say(schemas[1], rule);
    await world.backtest();
    for (const read of [() => prefix[1].events.column('session_id'), () => prefix[1].lookups()]) {
      assert.throws(read, /\.columns .*replaced by a run with another schema: start this run again$/);
    }
  }
});

test('a segment with an event that brings no id is said to have no columns, each time; what stands before it has them', async (t) => {
  const world = await worldOf(t, 15, 150, { without_id: 0.01, restarts: false });
  world.say(schemas[0], rule);
  const first = await world.afresh();
  const again = await world.backtest();
  assert.deepEqual(again.said, first.said);
  const made = Number(/columns of (\d+) closed segments? were made/.exec(first.notes)?.[1]);
  assert.ok(made > 0 && again.segments === made, `${first.notes} | ${again.notes}`);
  const kept = columnFiles(world.columns);
  assert.equal(kept.length, made + 2, 'of the segment without columns it is kept that it has none');
  const position = Number(/^\d+/.exec(kept[made])?.[0]);
  for (const { notes } of [first, again]) {
    assert.match(notes, new RegExp(`from position ${position} on backtests read the log, because that segment cannot`));
  }
  // With another schema it has none either: what it kept of the first one is in the place of no columns.
  world.say(schemas[1], rule);
  const { notes } = await world.backtest();
  assert.match(
    notes,
    new RegExp(`columns of ${made} closed segments? .*\\(${made} in place of those for another schema`),
  );
});
