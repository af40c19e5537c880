import { parseArgs } from 'node:util';
import { fuzzRules } from './dsl/mutated-rules.ts';

/**
 * `npm run fuzz -- rules --first SEED --count SLICES`: a slice is a thousand mutated rule texts of one seed. What fails is
 * kept in dsl/fuzz-regressions and named, and the slices behind it still run.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { first: { type: 'string', default: '1' }, count: { type: 'string', default: '1000' } },
});
const [what = 'rules'] = positionals;
const [first, count] = [Number(values.first), Number(values.count)];
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count))
  throw new Error('--first and --count are whole numbers');
const say = (line: string) => process.stdout.write(`${line}\n`);

if (what !== 'rules') throw new Error(`there is no fuzz ${what}`);
const sum = { texts: 0, refused: 0, slowest_ms: 0, failures: 0 };
for (let seed = first; seed < first + count; seed++) {
  const slice = fuzzRules(seed, 1_000, 100);
  for (const failure of slice.failures) say(`seed ${seed}: ${failure}`);
  sum.texts += slice.texts;
  sum.refused += slice.refused;
  sum.slowest_ms = Math.max(sum.slowest_ms, slice.slowest_ms);
  sum.failures += slice.failures.length;
  const slowest = sum.slowest_ms.toFixed(1);
  say(
    `seed ${seed}: ${sum.texts} texts since seed ${first}, ${sum.refused} refused, slowest ${slowest} ms, ${sum.failures} failures`,
  );
}
process.exitCode = sum.failures > 0 ? 1 : 0;
