import {
  flatOperator,
  type NoAnswer,
  nearest,
  type OperatorPlan,
  type Replay,
  replayTest,
  type Why,
  why,
  whyText,
} from '../../dsl/index.ts';
import type { Value } from '../../engine/index.ts';
import { readConfig } from '../config.ts';
import { parseTime } from './backtest-input.ts';
import {
  type AddCommand,
  chosenFormat,
  type Format,
  formatOption,
  Option,
  type Shell,
  withExamples,
} from './command.ts';
import { CliError, type ExitCode, exitCodes, usageError } from './exit.ts';
import { openLogHistory } from './history-source.ts';
import { recordedInstead } from './lookup-history.ts';
import { type LoadedFor, loadFor } from './rules-of.ts';
import { formatOptions } from './source.ts';
import { printable, renderTable } from './table.ts';
import { formatTime } from './units.ts';
import { momentOf, splitAt } from './why-at.ts';
import { type EventSource, replayOf } from './why-source.ts';
import { withTold } from './why-told.ts';

interface WhyOptions extends Partial<EventSource> {
  readonly at?: string;
  readonly tenant?: string;
  readonly test?: string;
  readonly utc?: boolean;
  readonly format?: Format;
}

/** `weir why`: which clause stopped the events of a key, and what would have made the rule fire. */
export const addWhyCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('why')
    .summary('why a rule fired, or why it did not')
    .description(
      'Follows the events of one key through a rule: how many passed each clause, what its window held against the ' +
        'bound, how near it came and when, and which PARAM would have made it fire.',
    )
    .argument('<rule>', 'name of a rule, a view, a table, a step (rule.step) or a SELECT of a UNION ALL')
    .argument('[paths...]', 'rule files, pack folders, or the rules root', ['rules'])
    .option('--at <event>', 'id of an event, a key, or key@time (a time of day is that of the nearest event)')
    .option('--tenant <name>', 'whose event or key, where several tenants have it')
    .option('--from <source>', 'a file of events, or `log` for what Weir received')
    .option('--test <name>', 'the events of a rule test instead of --from (of a view: of what reads it)');
  for (const option of formatOptions()) command.addOption(option);
  command
    .addOption(new Option('--as-of <time>', 'when the file counts as received (default: now)').argParser(parseTime))
    .option('--data <folder>', 'data folder of the log (default: ./var)')
    .option('--utc', 'times in UTC')
    .addOption(formatOption())
    .action(async (rule: string, paths: string[], options: WhyOptions) => {
      finish(await ask(rule, paths, options, shell));
    });
  withExamples(command, [
    ['weir why account_guessing --at acct_902@09:13 --from log', 'a key at a time'],
    ['weir why resets_by_platform --at "web acct_902" --from log', 'a key of several parts'],
    ['weir why account_guessing --at evt_81 --from events.ndjson', 'an event by its id'],
    ['weir why account_guessing --at acct_902 --from auth.log --as sshd', 'where it fired, or came nearest'],
    ['weir why account_guessing --test "ten failures fire once"', 'a rule test'],
  ]);
};

async function ask(rule: string, paths: readonly string[], options: WhyOptions, shell: Shell): Promise<ExitCode> {
  if ((options.test === undefined) === (options.from === undefined)) {
    throw usageError(
      'the question needs events: --from FILE, --from log, or --test NAME',
      `for example: weir why ${rule} --at acct_902 --from log; all of it: weir why --help`,
    );
  }
  const isRecorded = options.from === 'log';
  const loaded = loadFor(rule, paths, shell, isRecorded ? 'recorded' : 'of_files');
  const { plan, compileWith } = loaded;
  const names = [...plan.operators, ...(plan.unions ?? [])].map(({ name }) => name);
  const operator = plan.operators.find(({ name }) => name === rule);
  if (!names.includes(rule)) throw unknown(`rule or view ${rule}`, rule, names);
  const zone = options.utc === true ? 'utc' : 'local';
  if (isRecorded) {
    const { read } = openLogHistory(readConfig({ flags: { data: options.data }, ...shell }));
    for (const note of await recordedInstead(loaded, read, shell)) shell.stderr.line(`note: ${note}`);
  }
  const { subject, moment, span_ms, replay, time, given } = questionOf(rule, loaded, options, shell, zone);
  const plan_with = (param: string, value: number) => compileWith(new Map([...given, [param, value] as const])).plan;
  const with_param = (param: string, value: number): OperatorPlan | null => {
    const changed = plan_with(`${rule}.${param}`, value);
    return changed === null ? null : flatOperator(rule, changed);
  };
  const asked_plan = given.size === 0 ? plan : (compileWith(given).plan ?? plan);
  const answer = await why(
    {
      rule,
      subject,
      moment,
      span_ms,
      with_param,
      plan_with,
      ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
    },
    asked_plan,
    replay,
  );
  if ('error' in answer) throw noAnswer(answer, subject);
  show(
    isRecorded && operator !== undefined
      ? await withTold(answer, operator, readConfig({ flags: { data: options.data }, ...shell }).data)
      : answer,
    time,
    shell,
    chosenFormat(options.format, shell),
  );
  return exitCodes.ok;
}

interface Asked {
  readonly subject: string | null;
  readonly moment: ((times: readonly number[]) => number) | null;
  readonly span_ms: number;
  readonly replay: Replay;
  readonly time: (time_ms: number) => string;
  /** Values of PARAMs that a test gives. */
  readonly given: ReadonlyMap<string, Value>;
}

function questionOf(
  rule: string,
  { plan, loaded, lookups, compileWith }: LoadedFor,
  options: WhyOptions,
  shell: Shell,
  zone: 'utc' | 'local',
): Asked {
  if (options.test === undefined) {
    if (options.at === undefined) {
      throw usageError(
        'the question needs a key or an event: --at KEY, --at KEY@TIME or --at EVENT',
        `for example: weir why ${rule} --at acct_902@09:13 --from log; all of it: weir why --help`,
      );
    }
    const { subject, time } = splitAt(options.at, parseTime);
    const source = { ...options, from: options.from ?? '' };
    return {
      ...{ subject, moment: momentOf(time, zone), span_ms: time?.span_ms ?? 0 },
      replay: replayOf(source, lookups.contents, shell),
      time: (time_ms) => formatTime(time_ms, zone),
      given: new Map(),
    };
  }
  const found = replayTest(loaded.tests, { name: options.test, rule }, plan, compileWith, lookups.contents);
  if ('names' in found) {
    if (found.names.length === 0) throw usageError(`no test is about ${rule}`, 'ask with --from FILE or --from log');
    throw unknown(`test with ${rule} named ${options.test}`, options.test, found.names);
  }
  if ('message' in found) throw new CliError(exitCodes.findings, found.message, 'weir test says where');
  const { replay, given, format } = found;
  if (options.at !== undefined) {
    const { subject, time } = splitAt(options.at, found.parse);
    return { subject, moment: momentOf(time, 'utc'), span_ms: time?.span_ms ?? 0, replay, time: format, given };
  }
  const { subject, at_ms } = found;
  return { subject, moment: at_ms === null ? null : () => at_ms, span_ms: 0, replay, time: format, given };
}

function unknown(what: string, name: string, names: readonly string[]): Error {
  const similar = nearest(name, [...names]);
  return usageError(
    `there is no ${what}`,
    similar === null ? `there are: ${names.join(', ')}` : `did you mean ${similar}?`,
  );
}

const shown_keys = 8;

function noAnswer({ error, keys, hint }: NoAnswer, subject: string | null): Error {
  if (hint !== undefined) return usageError(error, hint);
  if (keys.length === 0) return usageError(error, 'see the events with `weir backtest`');
  const similar = subject === null ? null : nearest(subject, [...keys]);
  if (similar !== null && similar !== subject) return usageError(error, `did you mean ${similar}?`);
  const more = keys.length > shown_keys ? ', …' : '';
  return usageError(error, `keys: ${keys.slice(0, shown_keys).join(' | ')}${more}`);
}

function show(answer: Why, time: (time_ms: number) => string, { stdout }: Shell, format: Format): void {
  if (format === 'json' || format === 'ndjson') {
    if (format === 'json') stdout.json(answer);
    else stdout.ndjson(answer);
    return;
  }
  const { title, funnel, answer: lines } = whyText(answer, time);
  stdout.line(stdout.paint.bold(title));
  const rows = funnel.map(({ text, amount, note }) => [
    text,
    amount,
    note === '' ? '' : { text: note, style: 'yellow' as const },
  ]);
  const columns = [{ title: '' }, { title: '', align: 'right' as const }, { title: '' }];
  const width = stdout.table_width;
  stdout.line(renderTable({ columns, rows, paint: stdout.paint, width, indent: '    ', headless: true }));
  for (const line of lines) stdout.line(`  ${printable(line)}`);
}
