import { parseArgs } from 'node:util';
import { earlyFolds } from './early-folds.ts';
import { everyWay, longRuns, type Property, sameInClickHouse, sameJoinsInClickHouse } from './properties.ts';
import { runProperty } from './run-property.ts';

/**
 * `npm run soak -- [parity|lives|early|clickhouse|clickhouse-joins] --first SEED --count SLICES`: a slice is a hundred rule
 * sets of one seed; of `early` each arrives in twenty orders, so that five slices are 10,000 shuffles.
 * A run that was stopped goes on with `--first` of the slice that it had reached; slices of several processes need only
 * have different seeds. What fails is kept in regressions/ and named at the end, and the slices behind it still run.
 */
const sets = 100;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { first: { type: 'string', default: '1' }, count: { type: 'string', default: '1000' } },
});
const [name = 'parity'] = positionals;
const first = Number(values.first);
const end = first + Number(values.count);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end))
  throw new Error('--first and --count are whole numbers');
const say = (line: string) => process.stdout.write(`${line}\n`);

async function propertyOf(name: string): Promise<Property> {
  const known = new Map<string, Property>([
    ['parity', everyWay],
    ['lives', longRuns],
    ['early', earlyFolds()],
  ]);
  const asked = new Map([
    ['clickhouse', sameInClickHouse],
    ['clickhouse-joins', sameJoinsInClickHouse],
  ]).get(name);
  const found = known.get(name) ?? (asked === undefined ? `there is no soak ${name}` : await asked());
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const property = await propertyOf(name);
const failed: number[] = [];
let agreed = 0;
for (let seed = first; seed < end; seed++) {
  const started = performance.now();
  try {
    runProperty(name, property, seed, sets);
    agreed += sets;
  } catch (error) {
    failed.push(seed);
    say(`${name}: seed ${seed} DIFFERS\n${String((error as Error).cause)}`);
  }
  const rules = 'rules' in property ? `, ${property.rules} rules` : '';
  const count = 'count' in property ? `; ${JSON.stringify(property.count)}` : '';
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${name}: seed ${seed} in ${seconds} s; ${agreed} rule sets agree since seed ${first}${rules}${count}`);
}
say(`${name}: seeds ${first} to ${end - 1}, ${agreed} rule sets agree; differ: ${failed.join(', ') || 'none'}`);
process.exitCode = failed.length > 0 ? 1 : 0;
