import { existsSync } from 'node:fs';
import { buildProgram } from '../../dsl/index.ts';
import { type Config, dataPaths, readConfig } from '../config.ts';
import { RuleVersions } from '../deploy/rule-versions.ts';
import { compareRecord, counterpart, type StoredDetection } from '../reproduce/compare.ts';
import { type Derived, derive } from '../reproduce/derive.ts';
import { findRule, type KeptRule } from '../reproduce/kept-rule.ts';
import {
  type AddCommand,
  chosenFormat,
  type Format,
  formatOption,
  Option,
  type Shell,
  withExamples,
} from './command.ts';
import { type ExitCode, exitCodes, usageError } from './exit.ts';
import { openLogHistory, openStoreHistory } from './history-source.ts';
import { type Reproduction, reproductionText } from './reproduce-report.ts';
import { diskReader } from './rules.ts';
import { openReader } from './store-reader.ts';
import { storedDetections } from './stored-detections.ts';

interface ReproduceOptions {
  readonly from: 'log' | 'store';
  readonly data?: string;
  readonly utc?: boolean;
  readonly format?: Format;
}

/** `weir reproduce`: law 8. Exit code 0: every stored record was derived again with an equal core; 1: not so. */
export const addReproduceCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('reproduce')
    .summary('derive a stored detection again, and say what is equal')
    .description(
      'Derives a stored detection again from what Weir received, with the rule as it was then and the rows that its ' +
        'lookups had then, and compares the core of each of its records. Exit code 0: all equal; 1: something differs.',
    )
    .argument('<id>', 'id of the detection')
    .argument('[paths...]', 'rule files and folders; another version than these hold is the one that Weir kept', [
      'rules',
    ])
    .addOption(
      new Option('--from <source>', 'the `log`, or the `store` where only that is')
        .choices(['log', 'store'])
        .default('log'),
    )
    .option('--data <folder>', 'data folder (default: ./var)')
    .option('--utc', 'times in UTC')
    .addOption(formatOption(['table', 'json']))
    .action(async (id: string, paths: string[], options: ReproduceOptions) => {
      finish(await reproduce(id, paths, options, shell));
    });
  withExamples(command, [
    ['weir reproduce 8879155e3f045fa441ae15bfe4815fc5', 'from the log'],
    ['weir reproduce 8879155e3f045fa441ae15bfe4815fc5 --from store --format json', 'from the store, for other tools'],
  ]);
};

async function reproduce(
  id: string,
  paths: readonly string[],
  options: ReproduceOptions,
  shell: Shell,
): Promise<ExitCode> {
  const config = readConfig({ flags: { data: options.data }, environment: shell.environment, folder: shell.folder });
  const stored = await storedRecords(id, options, config, shell);
  const [{ rule, plan_hash }] = stored;
  const kept = ruleOf(rule, plan_hash, paths, config, shell);
  const derived = await deriveAgain(stored, kept, options, config, shell);
  const records = stored.map((record) => compareRecord(record, counterpart(record, derived.records)));
  const isEqual = records.every(({ outcome }) => outcome === 'equal');
  const [{ title }] = stored;
  const { version, at } = kept;
  const { events, first_event_ms, begins_at, coverage, notes } = derived;
  const reproduction: Reproduction = {
    ...{ id, outcome: isEqual ? 'equal' : 'differs', title },
    rule: { name: rule, plan_hash, version, ran_from: at },
    history: {
      ...{ from: options.from, events, begins_at, coverage, notes },
      first_event_at: first_event_ms === null ? null : new Date(first_event_ms).toISOString(),
    },
    records,
  };
  if (chosenFormat(options.format, shell) === 'json') shell.stdout.json(reproduction);
  else {
    const zone = options.utc === true ? 'utc' : 'local';
    for (const line of reproductionText(reproduction, zone, shell.stdout)) shell.stdout.line(line);
  }
  return isEqual ? exitCodes.ok : exitCodes.findings;
}

/** All records of an id, as they were published. @throws CliError when there is none */
async function storedRecords(
  id: string,
  { from }: ReproduceOptions,
  config: Config,
  shell: Shell,
): Promise<readonly StoredDetection[]> {
  if (!existsSync(config.data) && from !== 'store') {
    const hint = 'start `weir run` first, or name its folder with --data';
    throw usageError(`there is no data folder ${config.data}`, hint);
  }
  const { detections } = dataPaths(config.data);
  const found = await storedDetections(id, config.data);
  if (found.length > 0) return found;
  if (from === 'store') {
    const reader = await openReader(config, {}, shell);
    try {
      const query = 'SELECT record FROM alerts FINAL WHERE id = {id:String} ORDER BY record_offset';
      const rows = await reader.client.rows<{ record: string }>(query, { params: { id } });
      if (rows.length > 0) return rows.map(({ record }) => JSON.parse(record) as StoredDetection);
    } finally {
      await reader.close();
    }
  }
  throw usageError(
    `no detection ${id} is stored ${from === 'store' ? 'in the store or ' : ''}in ${detections}`,
    'ids stand in GET /v1/alerts, in the column id of `weir sql "SELECT id, title FROM alerts_now"`, and in that file',
  );
}

function ruleOf(rule: string, plan_hash: string, paths: readonly string[], config: Config, shell: Shell): KeptRule {
  const versions = new RuleVersions(dataPaths(config.data).rule_versions);
  const found = findRule(rule, plan_hash, diskReader(shell.folder), paths, versions);
  if ('plan' in found) return found;
  const disk = found.now === null ? `${rule} is not among ${paths.join(', ')}` : `on disk it has plan ${found.now}`;
  if (found.is_other_weir) {
    throw usageError(
      `the kept version of ${rule} with plan ${plan_hash} gives another plan in this version of Weir; ${disk}`,
      'reproduce it with the version of Weir that found it',
    );
  }
  throw usageError(
    `no version of ${rule} with plan ${plan_hash} is kept; ${disk}`,
    'name the folder of rules as they were then: `weir reproduce ID FOLDER`',
  );
}

async function deriveAgain(
  stored: readonly StoredDetection[],
  { plan }: KeptRule,
  { from }: ReproduceOptions,
  config: Config,
  shell: Shell,
): Promise<Derived> {
  const history = from === 'log' ? openLogHistory(config) : await openStoreHistory(config, shell);
  try {
    const times = stored.map(({ decided_at }) => Date.parse(decided_at));
    const [{ id, rule }] = stored;
    const asked = {
      ...{ id, since_ms: Math.min(...times), until_ms: Math.max(...times) + 1 },
      is_early: stored.some(({ timing, status }) => timing === 'early' || status === 'withdrawn'),
    };
    return await derive(buildProgram(plan), asked, rule, history.read);
  } finally {
    await history.close();
  }
}
