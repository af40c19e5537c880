import { parseArgs } from 'node:util';
import { parsedOr, showUsage } from '../usage.ts';
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
const usage = `npm run soak -- [NAME] [--first SEED] [--count SLICES]

NAME: parity (where none is given), lives, early, clickhouse, clickhouse-joins
--first SEED    the first slice, 1 where it is not given
--count SLICES  how many slices, 1000 where it is not given; one is ${sets} rule sets
Exit code 0: all agree; 1: some differ; 2: wrong use.`;
const { values, positionals } = parsedOr(usage, () =>
  parseArgs({
    allowPositionals: true,
    options: {
      first: { type: 'string', default: '1' },
      count: { type: 'string', default: '1000' },
      help: { type: 'boolean', default: false },
    },
  }),
);
if (values.help) showUsage(usage, null);
const [name = 'parity'] = positionals;
const first = Number(values.first);
const end = first + Number(values.count);
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end))
  showUsage(usage, '--first and --count are whole numbers');
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
  const found = known.get(name);
  if (found !== undefined) return found;
  if (asked === undefined) return showUsage(usage, `there is no soak ${name}`);
  const there = await asked();
  // What it needs is not installed: a text says what.
  return typeof there === 'string' ? showUsage(usage, there) : there;
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
