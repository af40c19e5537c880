import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from '../at-end.ts';
import { calm, type World, worldOf } from './column-folder-world.ts';
import { WeirProcess } from './weir-process.ts';

/** A real `weir run` with WEIR_COLUMNS on the log of the world. */
async function beside(t: TestContext, world: World): Promise<WeirProcess> {
  process.env.WEIR_COLUMNS = '1';
  atEnd(t, () => delete process.env.WEIR_COLUMNS);
  const weir = await WeirProcess.start([join(world.folder, 'rules')], join(world.folder, 'var'));
  atEnd(t, () => weir.end('SIGKILL'));
  return weir;
}

async function until(isSo: () => boolean, what: () => string): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 1200, what());
    await sleep(100);
  }
}

const madeIn = (world: World): string[] => {
  try {
    return readdirSync(world.columns).filter((name) => name.endsWith('.columns'));
  } catch {
    return [];
  }
};

test('weir run with WEIR_COLUMNS makes columns beside: the first backtest reads them and makes none', async (t) => {
  const world = await worldOf(t, 21, 400, calm);
  const weir = await beside(t, world);
  await until(
    () => madeIn(world).length > 2,
    () => `no columns: ${weir.stderr}`,
  );
  assert.equal(await weir.end('SIGINT'), 0, weir.stderr);
  const first = await world.backtest();
  assert.ok(first.segments > 2, first.notes);
  // What Weir has appended is of the history too: it is asked of the log as it is now.
  assert.ok((await world.ofRecords()).said.stdout === first.said.stdout, 'the records say something else');
});

test('what keeps it from making columns is told, and Weir runs on', async (t) => {
  const world = await worldOf(t, 22, 400, calm);
  rmSync(world.columns, { recursive: true, force: true });
  writeFileSync(world.columns, 'a file');
  const weir = await beside(t, world);
  await until(
    () => weir.stderr.includes('columns of the log could not be made, and backtests read the log itself: '),
    () => weir.stderr,
  );
  assert.ok(((await weir.status()).counters.read as number) > 300);
  assert.equal(await weir.end('SIGINT'), 0, weir.stderr);
});
