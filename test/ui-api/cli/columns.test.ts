import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LogEntry } from '../../../engine/index.ts';
import { addColumnsCommand } from '../../../ui-api/cli/columns.ts';
import { calm, type World, worldOf } from '../../integration/column-folder-world.ts';
import { writeLog } from '../../integration/column-world.ts';
import { runCli } from './run-cli.ts';

const columns = ({ folder }: World, ...more: string[]) => {
  return runCli(addColumnsCommand, folder, 'columns', 'rules', '--data', join(folder, 'var'), ...more);
};
const closedOf = (world: World) => readdirSync(world.log).filter((name) => name.endsWith('.segment')).length - 1;
const filesOf = (world: World) => {
  const names = readdirSync(world.columns).filter((name) => name.endsWith('.columns'));
  return new Map(names.map((name) => [name, readFileSync(join(world.columns, name))]));
};

const entry = new URL('../../../ui-api/weir.mjs', import.meta.url).pathname;

test('weir columns makes what the first backtest would make, and that one reads them', async (t) => {
  const world = await worldOf(t, 11, 300, calm);
  const first = await world.afresh();
  const made = filesOf(world);
  assert.ok(made.size > 2 && made.size <= closedOf(world), `${made.size} files`);
  rmSync(world.columns, { recursive: true });
  const { code, stdout, stderr } = await columns(world);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  const others = closedOf(world) - made.size;
  const said = `${made.size} of ${closedOf(world)} closed segments of the log have columns, ${made.size} made now`;
  assert.ok(stderr.includes(`${said}, in `), stderr);
  assert.equal(others > 0, new RegExp(`; ${others} cannot have any yet`).test(stderr), stderr);
  assert.deepEqual(filesOf(world), made, 'the same bytes');
  const next = await world.backtest();
  assert.deepEqual(next.said, first.said);
  assert.equal(next.segments, made.size);
  assert.match((await columns(world)).stderr, / closed segments of the log have columns, 0 made now/);
});

test('weir columns says where it cannot: no log, no closed segment, an event without id, no room', async (t) => {
  const world = await worldOf(t, 12, 200, { ...calm, without_id: 0.2 });
  const unfit = await columns(world);
  assert.equal(unfit.code, 0);
  assert.match(
    unfit.stderr,
    /note: from position \d+ on backtests read the log, because that segment cannot have columns/,
  );
  assert.match(unfit.stderr, /have columns, \d+ made now, in \S+ \S+; \d+ cannot have any: the note says why/);
  const calmWorld = await worldOf(t, 13, 300, calm);
  rmSync(calmWorld.columns, { recursive: true, force: true });
  writeFileSync(calmWorld.columns, 'a file');
  const full = await columns(calmWorld);
  assert.equal(full.code, 3);
  assert.match(full.stderr, /note: not all columns of the log could be kept.*make room in .*error: not all columns/s);
  rmSync(calmWorld.log, { recursive: true });
  const none = await columns(calmWorld);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /there is no log in .*hint: start `weir run` first/s);
  const small = await worldOf(t, 14, 3, calm);
  assert.equal(closedOf(small), 0);
  assert.match((await columns(small)).stderr, /no segment of the log is closed yet/);
});

test('weir columns --progress says its steps as NDJSON', async (t) => {
  const world = await worldOf(t, 15, 200, calm);
  mkdirSync(world.columns, { recursive: true });
  const { stderr } = await columns(world, '--progress', '--threads', '1');
  const steps = [...stderr.matchAll(/^\{"step":"(\w+)"/gm)].map(([, step]) => step);
  assert.deepEqual([...new Set(steps)], ['history', 'columns'], stderr);
});

test('weir columns of a log without verdicts, as weir ingest fills it, says that weir run gives them', async (t) => {
  const world = await worldOf(t, 16, 1, calm);
  rmSync(world.log, { recursive: true });
  const record = (position: number): LogEntry => {
    const bytes = Buffer.from(JSON.stringify({ event_id: `e${position}`, timestamp: 1_772_359_200_000 + position }));
    return { kind: 'record', record: { partition: 'file:x', position, received_at: 1_772_359_200_000, bytes } };
  };
  await writeLog(
    world.log,
    Array.from({ length: 200 }, (_, i) => record(i + 1)),
    () => 0.5,
  );
  const closed = closedOf(world);
  assert.ok(closed > 1);
  const { code, stderr } = await columns(world);
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(`0 of ${closed} closed segments of the log have columns, 0 made now, in `), stderr);
  const why = `; ${closed} cannot have any yet: records in them have no verdict, which \`node ${entry} run\` gives`;
  assert.ok(stderr.includes(why), stderr);
  assert.doesNotMatch(stderr, /may be removed|note:/);
});
