import { parseArgs } from 'node:util';
import { fuzzRules } from './dsl/mutated-rules.ts';
import { BothDecoders, firstDifference } from './engine/decode/mutated-records.ts';
import { attack, attacks } from './engine/hostile/attacks.ts';
import { parsedOr, showUsage } from './usage.ts';

/**
 * `npm run fuzz -- rules --first SEED --count SLICES`: a slice is a thousand mutated rule texts of one seed. What fails is
 * kept in dsl/fuzz-regressions and named, and the slices behind it still run.
 * `npm run fuzz -- events --first SEED --count N`: so many hostile events through a rule of each construct, a line after every tenth;
 * `-- addresses`: N addresses in one minute that were never seen before. `-- bounds-keys`, `-- bounds-rows`,
 * `-- bounds-texts` and `-- bounds-events`: the same with windows of hours and small bounds, all of which must be reached. At the end a line for
 * each part of the state: the most that it held, and the most that it may hold by limits.ts and by what came.
 * `--only N` runs them through one of the rules, the one with this number.
 * `npm run fuzz -- decode --first SEED --count N`: N mutated records, a seed for each hundred thousand, through both decoders.
 */
const usage = `npm run fuzz -- [NAME] [--first SEED] [--count N] [--only N]

NAME: rules (where none is given), decode, ${Object.keys(attacks).join(', ')}
--first SEED  the first seed, 1 where it is not given
--count N     rules: slices of 1000 texts (1000 where it is not given); others: events or records (1000000)
--only N      the one rule of this number, of the names but rules and decode
Exit code 0: nothing found; 1: something was; 2: wrong use.`;
const { values, positionals } = parsedOr(usage, () =>
  parseArgs({
    allowPositionals: true,
    options: {
      first: { type: 'string', default: '1' },
      count: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }),
);
if (values.help) showUsage(usage, null);
const [what = 'rules'] = positionals;
const first = Number(values.first);
const count = Number(values.count ?? (what === 'rules' ? 1_000 : 1_000_000));
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count))
  showUsage(usage, '--first and --count are whole numbers');
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

function fuzzEvents(name: string): void {
  const run = attack(name, count, first, values.only === undefined ? null : Number(values.only));
  let step = run.next();
  for (; step.done !== true; step = run.next()) {
    const { parts, ...figures } = step.value;
    say(JSON.stringify(figures));
  }
  const { peaks, unreached, drops } = step.value;
  for (const { part, bytes, bound } of peaks) {
    say(`${bytes <= bound ? 'within' : 'BEYOND'} its bound: ${part}: at most ${bytes} bytes held, ${bound} allowed`);
  }
  say(`dropped: ${JSON.stringify(drops)}`);
  // What no event came near was not tried, and that is no success.
  for (const bound of unreached) say(`NOT REACHED: ${bound} (a longer run does: --count 1000000)`);
  process.exitCode = unreached.length === 0 && peaks.every(({ bytes, bound }) => bytes <= bound) ? 0 : 1;
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
else if (Object.hasOwn(attacks, what)) fuzzEvents(what);
else showUsage(usage, `there is no fuzz ${what}`);
