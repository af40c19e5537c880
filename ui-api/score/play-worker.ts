import { parentPort, workerData } from 'node:worker_threads';
import { type ContestantSpec, makeContestant } from './contestant.ts';
import { playRun, type RunRequest } from './play.ts';

/** A thread that plays runs: it is sent one at a time, and answers with its number, events as they go, and results. */
const contestants = (workerData as readonly ContestantSpec[]).map(makeContestant);

parentPort?.on('message', ({ run, request }: { run: number; request: RunRequest }) => {
  const on_events = (events: number): void => parentPort?.postMessage({ run, events, results: null });
  parentPort?.postMessage({ run, events: 0, results: playRun(request, contestants, on_events) });
});
