import { Worker } from 'node:worker_threads';
import type { Scenario } from '../../connectors/index.ts';
import { type ContestantSpec, makeContestant } from './contestant.ts';
import type { JudgedRun } from './judgement.ts';
import { expectedEvents, playRun, type RunRequest } from './play.ts';

export interface PlayAllOptions {
  readonly scenarios: readonly Scenario[];
  /** Each scenario is played with the seeds 1 to this. */
  readonly seeds: number;
  readonly events_per_hour: number;
  readonly cut_ms: number;
  readonly threads: number;
  /** Called now and then: runs that are over, and events made by now. */
  readonly on_progress: (runs: number, events: number) => void;
}

/** What a thread says (play-worker.ts). */
interface Answer {
  readonly run: number;
  /** Made since the last word. */
  readonly events: number;
  readonly results: readonly JudgedRun[] | null;
}

/**
 * Plays every scenario with every seed; the runs of each contestant, scenario by scenario, seed by seed. How many threads
 * play cannot show in them: a run depends on its seed alone.
 * @throws Error of the first thread that fails
 */
export async function playAll(specs: readonly ContestantSpec[], options: PlayAllOptions): Promise<JudgedRun[][]> {
  const requests = requestsOf(options);
  const results: (readonly JudgedRun[])[] = new Array(requests.length);
  const threads = Math.min(options.threads, requests.length);
  if (threads > 1) await playInThreads(specs, requests, results, threads, options);
  else await playHere(specs, requests, results, options);
  return specs.map((_, k) => results.map((of_run) => of_run[k]));
}

type Asked = Omit<PlayAllOptions, 'threads' | 'on_progress'>;

function requestsOf({ scenarios, seeds, events_per_hour, cut_ms }: Asked): RunRequest[] {
  return scenarios.flatMap(({ name }) =>
    Array.from({ length: seeds }, (_, i): RunRequest => ({ scenario: name, seed: i + 1, events_per_hour, cut_ms })),
  );
}

/** About how many events playAll would make; one seed is asked for all of a scenario. */
export function expectedInAll(options: Asked): number {
  const once = requestsOf({ ...options, seeds: 1 });
  return options.seeds * once.reduce((sum, request) => sum + expectedEvents(request), 0);
}

async function playHere(
  specs: readonly ContestantSpec[],
  requests: readonly RunRequest[],
  results: (readonly JudgedRun[])[],
  { on_progress }: PlayAllOptions,
): Promise<void> {
  const contestants = specs.map(makeContestant);
  let made = 0;
  for (const [run, request] of requests.entries()) {
    results[run] = playRun(request, contestants, (events) => {
      made += events;
      on_progress(run, made);
    });
    // Ctrl-C and what was written to the terminal get their turn between two runs.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function playInThreads(
  specs: readonly ContestantSpec[],
  requests: readonly RunRequest[],
  results: (readonly JudgedRun[])[],
  threads: number,
  { scenarios, on_progress }: PlayAllOptions,
): Promise<void> {
  const span = new Map(scenarios.map(({ name, span_ms }) => [name, span_ms]));
  // The long ones first, so that no thread is left alone with one at the end.
  const waiting = requests
    .map(({ scenario }, run) => ({ run, span_ms: span.get(scenario) ?? 0 }))
    .sort((a, b) => b.span_ms - a.span_ms)
    .map(({ run }) => run);
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./play-worker.ts', import.meta.url), { workerData: specs }),
  );
  let played = 0;
  let made = 0;
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      const next = (): void => {
        const run = waiting.shift();
        if (run === undefined) resolve();
        else worker.postMessage({ run, request: requests[run] });
      };
      worker.on('message', ({ run, events, results: of_run }: Answer) => {
        made += events;
        if (of_run !== null) {
          results[run] = of_run;
          played++;
          next();
        }
        on_progress(played, made);
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`a thread that plays ended with ${code}`)));
      next();
    });
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
