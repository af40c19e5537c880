/** What is compared runs in turns within one process, so that a noisy machine moves all of it alike. */
export interface Contestant {
  name: string;
  /** A fresh run; returns how many detections it found, which must be the same every time. */
  run: () => number;
}

export interface Measured {
  name: string;
  /** Milliseconds of each round, in order. */
  rounds_ms: number[];
  detections: number;
}

/** Runs each contestant once a round, in rotated order; a first round is not counted. */
export function measure(contestants: readonly Contestant[], rounds: number): Measured[] {
  const results = contestants.map(({ name }): Measured => ({ name, rounds_ms: [], detections: -1 }));
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const at = (turn + round) % contestants.length;
      globalThis.gc?.();
      const started = performance.now();
      const detections = (contestants[at] as Contestant).run();
      const took_ms = performance.now() - started;
      const result = results[at] as Measured;
      if (result.detections !== -1 && result.detections !== detections) {
        throw new Error(`${result.name} found ${detections} detections, and ${result.detections} before`);
      }
      result.detections = detections;
      if (round > 0) result.rounds_ms.push(took_ms);
    }
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** Median over rounds of (a's time / b's time): how many times faster b is, round by round. */
export function ratio(a: Measured, b: Measured): number {
  return median(a.rounds_ms.map((took_ms, i) => took_ms / (b.rounds_ms[i] as number)));
}

/** Events a second in millions, from the median round. */
export function millionsPerSecond(result: Measured, events: number): string {
  return (events / median(result.rounds_ms) / 1000).toFixed(2);
}
