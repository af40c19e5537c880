import { type ChildProcess, fork } from 'node:child_process';
import type { Contest, Round } from './contestant.ts';

export interface Measured {
  name: string;
  /** Milliseconds of each round, in order. */
  rounds_ms: number[];
  detections: number;
  matches: number;
  /** All that each round said, in order. */
  rounds: Round[];
  /** All detections as sorted lines, from the round that is not counted. */
  text: string;
}

/** Who takes part: what it shall do, and the program that does it (contestant.ts of this or another checkout). */
export interface Contestant {
  readonly name: string;
  readonly contest: Contest;
  readonly program: URL;
}

/** Contestants of this checkout. */
export function measure(contests: ReadonlyMap<string, Contest>, rounds: number): Promise<Measured[]> {
  const program = new URL('./contestant.ts', import.meta.url);
  return measureAll(
    [...contests].map(([name, contest]) => ({ name, contest, program })),
    rounds,
  );
}

/**
 * Each contestant has a process of its own; they run one at a time and in turns, in rotated order, so that a noisy
 * machine moves all of them alike. The first round warms up, is compared, and is not counted.
 */
export async function measureAll(contestants: readonly Contestant[], rounds: number): Promise<Measured[]> {
  const children: ChildProcess[] = [];
  try {
    for (const { contest, program } of contestants) {
      // The plain engine has gigabytes of objects where its windows are full: near its limit it would only collect.
      const child = fork(program, { execArgv: ['--expose-gc', '--max-old-space-size=8192'] });
      children.push(child);
      await answer(child, contest);
    }
    const results = contestants.map(
      ({ name }): Measured => ({ name, rounds_ms: [], rounds: [], detections: 0, matches: 0, text: '' }),
    );
    for (let round = 0; round <= rounds; round++) {
      for (let turn = 0; turn < children.length; turn++) {
        const at = (turn + round) % children.length;
        const said = (await answer(children[at] as ChildProcess, { describe: round === 0 })) as Round;
        const { took_ms, detections, matches, text } = said;
        const result = results[at] as Measured;
        if (round === 0) Object.assign(result, { detections, matches, text });
        else {
          result.rounds_ms.push(took_ms);
          result.rounds.push(said);
        }
        if (detections !== result.detections)
          throw new Error(`${result.name} found ${detections}, before it was other`);
      }
    }
    return results;
  } finally {
    for (const child of children) child.kill();
  }
}

function answer(child: ChildProcess, message: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a contestant's process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (reply) => {
      child.off('exit', ended);
      resolve(reply);
    });
    child.send(message);
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** Round by round (a's time / b's time): how many times faster b is. */
export function ratios(a: Measured, b: Measured): number[] {
  return a.rounds_ms.map((took_ms, i) => took_ms / (b.rounds_ms[i] as number));
}

/** Median over rounds of how many times faster b is than a. */
export function ratio(a: Measured, b: Measured): number {
  return median(ratios(a, b));
}

/** Events a second in millions, from the median round. */
export function millionsPerSecond(result: Measured, events: number): string {
  return (events / median(result.rounds_ms) / 1000).toFixed(2);
}
