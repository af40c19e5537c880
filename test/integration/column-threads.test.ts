import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LogReader } from '../../connectors/index.ts';
import { eventSchemaV1 } from '../../engine/index.ts';
import type { ColumnJob, ColumnPlace } from '../../ui-api/cli/column-making.ts';
import { makeAll } from '../../ui-api/cli/column-threads.ts';
import { StoredVerdicts } from '../../ui-api/live/stored-verdicts.ts';
import { seeded } from '../simulation/random.ts';
import { World } from './column-folder-world.ts';
import { randomLog, writeLog } from './column-world.ts';

/** A log, a folder for columns, and its closed segments with the verdicts that stand in it. */
async function made(t: TestContext, without_id: number): Promise<{ place: ColumnPlace; jobs: ColumnJob[] }> {
  const world = new World(t);
  await writeLog(world.log, randomLog(3, 400, { without_id, restarts: false }), seeded(3));
  const reader = new LogReader(world.log);
  const stored = await StoredVerdicts.ofBatches(reader.readBatches(0));
  const positions = await reader.segments();
  const jobs = positions.slice(0, -1).map((first_position, i): ColumnJob => {
    const end_position = positions[i + 1];
    const verdicts = stored.codesOf(first_position, end_position);
    return { segment: { first_position, end_position, marker: 'm', bytes: 1 }, verdicts };
  });
  assert.ok(jobs.length > 5);
  return { place: { log: world.log, columns: world.columns, schema: eventSchemaV1 }, jobs };
}

/** A thread gets the memory of its job's verdicts, and so each job is given once. */
const copied = ({ segment, verdicts }: ColumnJob): ColumnJob => ({ segment, verdicts: verdicts.slice() });

test('columns that several threads make are those of one, byte for byte, and each is told', async (t) => {
  const { place, jobs } = await made(t, 0);
  const files = [];
  for (const threads of [1, 3]) {
    const told: number[] = [];
    const answer = await makeAll(
      place,
      jobs.length,
      (k) => copied(jobs[k]),
      threads,
      (done) => told.push(done),
    );
    assert.deepEqual(answer, { outcomes: jobs.map(() => 'made'), failure: null });
    assert.deepEqual(
      told,
      jobs.map((_, k) => k + 1),
    );
    files.push(readdirSync(place.columns).map((name) => [name, readFileSync(join(place.columns, name), 'hex')]));
    rmSync(place.columns, { recursive: true });
  }
  assert.equal(files[0].length, jobs.length);
  assert.deepEqual(files[1], files[0]);
});

test('behind a segment that cannot have columns none is begun, with one thread and with several', async (t) => {
  const { place, jobs } = await made(t, 0.02);
  const one = await makeAll(
    place,
    jobs.length,
    (k) => copied(jobs[k]),
    1,
    () => undefined,
  );
  const unfit = one.outcomes.indexOf('unfit');
  assert.ok(unfit >= 0 && unfit + 1 === one.outcomes.length && unfit + 3 < jobs.length, String(one.outcomes));
  const three = await makeAll(
    place,
    jobs.length,
    (k) => copied(jobs[k]),
    3,
    () => undefined,
  );
  assert.deepEqual(three.outcomes.slice(0, unfit + 1), one.outcomes);
  // How many the others have made before it is known depends on how fast they are: each that was begun was ended.
  for (const outcome of Array.from(three.outcomes)) assert.match(String(outcome), /^(made|unfit)$/);
});

test('a folder that takes nothing is told with its reason, and none is begun behind it', async (t) => {
  const { place, jobs } = await made(t, 0);
  writeFileSync(place.columns, 'a file');
  for (const threads of [1, 2]) {
    let begun = 0;
    const jobOf = (k: number): ColumnJob => {
      begun++;
      return copied(jobs[k]);
    };
    const { outcomes, failure } = await makeAll(place, jobs.length, jobOf, threads, () => undefined);
    assert.match(failure ?? '', /EEXIST|ENOTDIR/);
    assert.ok(begun <= threads && outcomes.length === 0, `${begun} begun`);
  }
  rmSync(place.columns);
  mkdirSync(place.columns);
});
