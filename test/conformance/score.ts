import { readFileSync } from 'node:fs';

/** How one suite of published cases went. Every case or rule of it is in exactly one of the four. */
export interface Score {
  suite: string;
  /** What one is: 'case', 'rule', 'scenario'. */
  unit: string;
  agree: number;
  differ: number;
  /** Weir's language cannot say it, and its compiler said so. */
  inexpressible: number;
  /** Compiles, but is refused at run time. */
  refused: number;
  /** The first few differences, named. */
  notes: string[];
}

export function newScore(suite: string, unit: string): Score {
  return { suite, unit, agree: 0, differ: 0, inexpressible: 0, refused: 0, notes: [] };
}

/** One line per suite. */
export function scoreLine(score: Score): string {
  const { suite, unit, agree, differ, inexpressible, refused } = score;
  const counts = { agree, differ, inexpressible, refused };
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${String(count).padStart(4)}`);
  return `${suite.padEnd(12)} ${parts.join('   ')}   (${unit})`;
}

/** The least that a suite must agree on (flink: agree or differ as pinned). Raise floor.json when a suite agrees on more. */
export function floorOf(suite: string): number {
  const floors = JSON.parse(readFileSync(new URL('floor.json', import.meta.url), 'utf8')) as { [name: string]: number };
  const floor = floors[suite];
  if (floor === undefined) throw new Error(`floor.json has no floor for ${suite}`);
  return floor;
}
