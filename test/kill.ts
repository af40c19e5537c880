import { parseArgs } from 'node:util';
import { killAtRandom } from './integration/store-kill.ts';

/**
 * `npm run kill -- --points 50 --seed N`: a real `weir run` and its store's process are killed (SIGKILL) at so many random
 * points under load; then log, alerts and tables are held against the events that were sent. It takes minutes.
 */
const { values } = parseArgs({ options: { points: { type: 'string', default: '50' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`seed ${seed}`);
const figures = await killAtRandom(Number(values.points), seed, say);
for (const [name, figure] of Object.entries(figures)) say(`${name.padEnd(14)} ${figure}`);
process.exitCode = figures.lost + figures.doubled === 0 ? 0 : 1;
