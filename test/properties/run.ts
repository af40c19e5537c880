import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parsedOr, showUsage } from '../usage.ts';

/**
 * `npm run properties -- --times 50 [FILE ...]`: the property tests with so many times their runs, from seeds of the
 * moment. A test run of a few minutes draws what is likely; what one run in ten thousand shows is found here.
 */
const usage = `npm run properties -- [--times N] [--test PATTERN] [--seed N [--path P]] [FILE ...]

FILE: test files; where none is given, all of test/ that import fast-check
--times N       N times the runs of each property, 20 where it is not given
--test PATTERN  only tests whose names fit, as node --test-name-pattern
--seed N        this seed for all of them; --path P as well: only the case that a failure named, with one test and file
Exit code: that of the tests; 2: wrong use. What fails names its seed and path.`;
const { values, positionals } = parsedOr(usage, () =>
  parseArgs({
    allowPositionals: true,
    options: {
      times: { type: 'string', default: '20' },
      test: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }),
);
if (values.help) showUsage(usage, null);
const times = Number(values.times);
if (!(Number.isSafeInteger(times) && times > 0)) showUsage(usage, '--times is a whole number above 0');
const { seed, path } = values;
if (seed !== undefined && !Number.isSafeInteger(Number(seed))) showUsage(usage, '--seed is a whole number');
if (path !== undefined && (seed === undefined || positionals.length !== 1 || values.test === undefined)) {
  showUsage(usage, '--path belongs to a --seed, a --test and a FILE');
}

const files = positionals.length > 0 ? positionals : await propertyTests();
const pattern = values.test === undefined ? [] : ['--test-name-pattern', values.test];
const preload = new URL('./preload.ts', import.meta.url).href;
const { status } = spawnSync(process.execPath, ['--import', preload, '--test', ...pattern, ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    WEIRTEST_PROPERTY_TIMES: String(times),
    ...(seed === undefined ? {} : { WEIRTEST_PROPERTY_SEED: seed }),
    ...(path === undefined ? {} : { WEIRTEST_PROPERTY_PATH: path }),
  },
});
process.exitCode = status ?? 1;

async function propertyTests(): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob('test/**/*.test.ts')) {
    if (readFileSync(file, 'utf8').includes("from 'fast-check'")) found.push(file);
  }
  return found.sort();
}
