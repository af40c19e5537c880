import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seeded } from '../simulation/random.ts';
import { calm, columnFiles, World, worldOf } from './column-folder-world.ts';
import { declaredRules, detailsRules, randomLog, settings, start_ms, writeLog } from './column-world.ts';

const iso = (ms: number) => new Date(start_ms + ms).toISOString();
/** With each of these a backtest may read columns, but with the last two. */
const ways = [
  ...[[], ['--since', iso(30_000)], ['--until', iso(40_000)], ['--since', iso(20_000), '--until', iso(21_000)]],
  ...[['--lookups', 'latest'], ['--threads', '2'], ['--late', 'include'], ['--as-arrived']],
];

test('a backtest says the same with columns as without, whatever the log, the options and the settings', async (t) => {
  let detections = 0;
  let segments = 0;
  let failed = 0;
  for (let seed = 1; seed <= 4; seed++) {
    const how = { without_id: seed % 4 === 3 ? 0.03 : 0, restarts: seed % 2 === 0 };
    const world = await worldOf(t, seed, 250, how);
    const rules = seed === 1 ? declaredRules : detailsRules;
    for (const [s, stream] of settings.entries()) {
      for (const [w, way] of (s === 0 ? ways : ways.slice(0, 1)).entries()) {
        world.say(stream, rules);
        const without = await world.ofRecords(...way);
        // Made by this backtest, or (where that is of no kind that makes any) by one with other settings.
        const first = await world.afresh(...way);
        assert.deepEqual(first.said, without.said, `seed ${seed}, ${way.join(' ')}, ${stream}, the first time`);
        if (!existsSync(world.columns) || w === 1) {
          world.say(settings[2], declaredRules);
          await world.afresh();
          world.say(stream, rules);
        }
        const again = await world.backtest(...way);
        assert.deepEqual(again.said, without.said, `seed ${seed}, ${way.join(' ')}, ${stream}`);
        if (w < 6 && how.without_id === 0) assert.ok(again.segments > 3, `seed ${seed} ${way}: ${again.notes}`);
        if (w >= 6) assert.equal(again.segments, 0);
        detections += again.said.stdout.split('\n').length;
        segments += again.segments;
        for (const count of Object.values(again.said.summary.failed_casts)) failed += count as number;
      }
    }
  }
  assert.ok(detections > 1000 && segments > 100 && failed > 500, `${[detections, segments, failed]}`);
});

test('columns of a version that kept no details serve rules that read none, and are made again for those that do', async (t) => {
  const world = await worldOf(t, 10, 150, calm);
  world.say(settings[0], detailsRules);
  const expected = await world.ofRecords();
  await world.afresh();
  const paths = columnFiles(world.columns).map((name) => join(world.columns, name));
  const version = 8;
  for (const path of paths) {
    const bytes = readFileSync(path);
    bytes[version] = 2;
    writeFileSync(path, bytes);
  }
  world.say(settings[0], declaredRules);
  const declared = await world.backtest();
  assert.equal(declared.segments, paths.length - 1);
  assert.deepEqual([declared.notes.includes('made'), readFileSync(paths[0])[version]], [false, 2]);
  world.say(settings[0], detailsRules);
  const again = await world.backtest();
  assert.deepEqual(again.said, expected.said);
  const made = `${paths.length - 1} in place of those for another schema or version of Weir`;
  assert.ok(again.segments === paths.length - 1 && again.notes.includes(made), again.notes);
  assert.equal(readFileSync(paths[0])[version], 3);
});

/** What may have happened to a file of columns. */
const damages: Record<string, (path: string, other: string) => void> = {
  'cut short': (path) => truncateSync(path, statSync(path).size - 9),
  'hardly begun': (path) => truncateSync(path, 5),
  empty: (path) => truncateSync(path, 0),
  'a bit turned in the middle': (path) => turnBit(path, Math.floor(statSync(path).size / 2)),
  'a bit turned at its end': (path) => turnBit(path, statSync(path).size - 1),
  'a length out of its mind': (path) => turnBit(path, 15),
  'of another version': (path) => turnBit(path, 8),
  'of another log': (path, other) => copyFileSync(other, path),
  'no file': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  gone: (path) => rmSync(path),
};

function turnBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 64;
  writeFileSync(path, bytes);
}

test('columns that are damaged, cut, of another version or another log: the log is read, a note says it, the next time all is well', async (t) => {
  const [world, other] = [await worldOf(t, 5, 120, calm), await worldOf(t, 6, 120, calm)];
  const expected = await world.ofRecords();
  await world.afresh();
  await other.afresh();
  const names = columnFiles(world.columns);
  assert.ok(names.length > 4 && names.includes('door.state'), names.join());
  const whole = await world.backtest();
  assert.equal(whole.segments, names.length - 1);
  const [first, second] = names;
  for (const name of [first, second, 'door.state']) {
    for (const [what, damage] of Object.entries(damages)) {
      const foreign = join(other.columns, name === 'door.state' ? name : first);
      damage(join(world.columns, name), foreign);
      const { said, notes, segments } = await world.backtest();
      assert.deepEqual(said, expected.said, `${name} ${what}`);
      // What is of no use is made again; what stands in its place and cannot be written over is for its owner to remove.
      const whole_before = what === 'no file' && name !== 'door.state' ? names.indexOf(name) : whole.segments;
      assert.equal(segments, whole_before, `${name} ${what}`);
      const isSilent = what === 'gone' || what === 'of another log';
      assert.equal(notes.includes(name), !isSilent, `${name} ${what}: ${notes}`);
      if (what === 'no file') rmSync(join(world.columns, name), { recursive: true });
      await world.backtest();
      const mended = await world.backtest();
      assert.deepEqual(mended.said, expected.said);
      assert.equal(mended.segments, whole.segments, `${name} ${what}: ${mended.notes}`);
      assert.doesNotMatch(mended.notes, /made|instead|kept/);
    }
  }
});

test('a data folder that takes no columns: a note says so, and the results are those of the log', async (t) => {
  const world = await worldOf(t, 7, 120, calm);
  const expected = await world.afresh();
  const { said, notes } = await world.ofRecords();
  assert.deepEqual(said, expected.said);
  assert.match(
    notes,
    /not all columns of the log could be kept, so the next backtest reads the log again where they are missing: /,
  );
});

test('a log that grows behind its columns: what came since is read from it, and made into columns in its turn', async (t) => {
  for (const seed of [8, 9]) {
    const world = new World(t);
    const next = seeded(seed);
    const entries = randomLog(seed, 300, { without_id: 0, restarts: seed === 9 });
    let segments = 0;
    for (const part of [0.3, 0.5, 0.55, 1]) {
      await writeLog(world.log, entries.slice(0, Math.floor(entries.length * part)), next);
      const grown = await world.backtest();
      const again = await world.backtest();
      const kept = readdirSync(world.columns);
      assert.deepEqual((await world.ofRecords()).said, grown.said, `seed ${seed}, ${part}`);
      assert.deepEqual((await world.afresh()).said, grown.said, `seed ${seed}, ${part}`);
      assert.deepEqual(again.said, grown.said);
      assert.deepEqual(readdirSync(world.columns).sort(), kept.sort());
      assert.ok(grown.segments >= segments && again.segments === grown.segments, `${grown.notes} | ${again.notes}`);
      segments = again.segments;
    }
    assert.ok(segments > 5);
  }
});
