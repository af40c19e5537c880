import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { atEnd } from '../../at-end.ts';
import { seededRandom, temporaryDirectory } from '../../connectors/files/faulty-files.ts';
import { LivesFolder } from './lives-world.ts';
import { check, play, steps } from './turns.ts';

/** Rules of a few programs at random, in turn on one data folder. */

function holds(context: TestContext, workers: number) {
  return fc.asyncProperty(steps, fc.nat(), async (drawn, seed) => {
    const root = temporaryDirectory((cleanUp) => atEnd(context, cleanUp));
    const folder = new LivesFolder(root, workers, seededRandom(seed));
    atEnd(context, () => folder.abandon());
    const told = await check(folder, await play(folder, drawn));
    tally.told += told.length;
    tally.restarts += drawn.filter(({ step }) => step === 'restart').length;
  });
}

const tally = { told: 0, restarts: 0 };

test('S1 law 1: whatever rules ran in turn, deployed, stopped, killed or without power: told is what a backtest of the log finds', async (context) => {
  await fc.assert(holds(context, 1), {
    numRuns: 20,
    interruptAfterTimeLimit: 60_000,
    endOnFailure: true,
  });
  context.diagnostic(JSON.stringify(tally));
  assert.ok(tally.told > 50 && tally.restarts > 15, 'too little happened: the test would show nothing');
});

test('S1 law 1: the same where the rules are divided between two threads', async (context) => {
  await fc.assert(holds(context, 2), { numRuns: 2, interruptAfterTimeLimit: 60_000, endOnFailure: true });
});
