import { parseArgs } from 'node:util';
import { fuzzRules } from './dsl/mutated-rules.ts';
import { BothDecoders, firstDifference } from './engine/decode/mutated-records.ts';
import { everyConstruct } from './engine/hostile/every-construct.ts';
import { freshAddresses, hostileEvents } from './engine/hostile/records.ts';
import { growth, type Held, runHostile } from './engine/hostile/run.ts';

/**
 * `npm run fuzz -- rules --first SEED --count SLICES`: a slice is a thousand mutated rule texts of one seed. What fails is
 * kept in dsl/fuzz-regressions and named, and the slices behind it still run.
 * `npm run fuzz -- events --first SEED --count N`: so many hostile events through thirty rules, a line after every tenth;
 * `-- addresses`: addresses that were never seen before, N in one minute, few in the two behind it, N in a fourth, a line
 * after every tenth of a minute. What is held in the second half must be what was held in the first: it says of which part.
 * `--only N` runs them through one of the rules, the one with this number.
 * `npm run fuzz -- decode --first SEED --count N`: N mutated records, a seed for each hundred thousand, through both decoders.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { first: { type: 'string', default: '1' }, count: { type: 'string' }, only: { type: 'string' } },
});
const [what = 'rules'] = positionals;
const first = Number(values.first);
const count = Number(values.count ?? (what === 'rules' ? 1_000 : 1_000_000));
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count))
  throw new Error('--first and --count are whole numbers');
const say = (line: string) => process.stdout.write(`${line}\n`);

function fuzzTexts(): void {
  const sum = { texts: 0, refused: 0, slowest_ms: 0, failures: 0 };
  for (let seed = first; seed < first + count; seed++) {
    const slice = fuzzRules(seed, 1_000, 100);
    for (const failure of slice.failures) say(`seed ${seed}: ${failure}`);
    sum.texts += slice.texts;
    sum.refused += slice.refused;
    sum.slowest_ms = Math.max(sum.slowest_ms, slice.slowest_ms);
    sum.failures += slice.failures.length;
    const slowest = sum.slowest_ms.toFixed(1);
    const figures = `${sum.refused} refused, slowest ${slowest} ms, ${sum.failures} failures`;
    say(`seed ${seed}: ${sum.texts} texts since seed ${first}, ${figures}`);
  }
  process.exitCode = sum.failures > 0 ? 1 : 0;
}

function fuzzEvents(): void {
  const only = values.only === undefined ? null : Number(values.only);
  const minutes = [count, Math.ceil(count / 100), Math.ceil(count / 100), count];
  const records = what === 'events' ? hostileEvents(count, first) : freshAddresses(minutes);
  const held: Held[] = [];
  for (const one of runHostile(everyConstruct(only).program, records, Math.ceil(count / 10))) {
    held.push(one);
    const { parts, ...figures } = one;
    say(JSON.stringify(figures));
  }
  const grown = growth(held);
  for (const { part, before, after, isFlat } of grown) {
    say(`${isFlat ? 'flat' : 'GREW'} ${part}: at most ${before} bytes in the first half, ${after} in the second`);
  }
  process.exitCode = grown.every(({ isFlat }) => isFlat) ? 0 : 1;
}

function fuzzDecoders(): void {
  const slice = 100_000;
  const both = new BothDecoders();
  let differences = 0;
  for (let seed = first; (seed - first) * slice < count; seed++) {
    const difference = firstDifference(seed, slice, both);
    if (difference !== null) {
      differences++;
      say(`seed ${seed}: ${difference}`);
    }
    say(`seed ${seed}: ${both.accepted} accepted, ${both.rejected} rejected, ${differences} differences`);
  }
  process.exitCode = differences > 0 ? 1 : 0;
}

if (what === 'rules') fuzzTexts();
else if (what === 'decode') fuzzDecoders();
else if (what === 'events' || what === 'addresses') fuzzEvents();
else throw new Error(`there is no fuzz ${what}`);
