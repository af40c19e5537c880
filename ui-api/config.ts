import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { type CliError, usageError } from './cli/exit.ts';
import { type ConfigFile, checkVariables, readConfigFile } from './config-sources.ts';

/** Everything `weir run` can be told, from flags, the environment and weir.json, in this order of precedence. */
export interface Config {
  /** Absolute folder of the log, checkpoints, detections and the token. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly allow_remote: boolean;
  readonly rules: readonly string[];
  readonly checkpoint_seconds: number;
  readonly body_bytes: number;
  /** Lines of one request. */
  readonly request_lines: number;
  /** Requests of one token, and of one address; twice as many at once. */
  readonly requests_per_second: number;
  /** A source that sent for so long and is silent for so long is reported; 0: never. */
  readonly silent_seconds: number;
  /** The watermark further behind the clock than this (and what the stream declares) is reported; 0: never. */
  readonly behind_seconds: number;
  /** Events that wait between the API and the log; beyond it clients are asked to wait (429). */
  readonly queue_events: number;
  readonly log_level: LogLevel;
  /** `embedded`, `off`, or the address of a ClickHouse server, with its database as the path. */
  readonly store: string;
  /** Users of a server: one that writes and owns the tables, and one that may only read. Passwords are never printed. */
  readonly store_user: string;
  readonly store_password: string;
  readonly store_reader_user: string;
  readonly store_reader_password: string;
  /** Rows of the store live so many days; 0: for ever. */
  readonly store_days: number;
  /** Memory of the embedded store in megabytes; 0: a quarter of the machine, at most 8 GiB. */
  readonly store_memory: number;
  /** Threads that judge the rules; one of them takes the events in. */
  readonly workers: number;
  /** Whether columns of the log's closed segments are made beside, which backtests read. */
  readonly columns: boolean;
  /** Token of the API; null: the one in <data>/token, made at the first start. A secret: never printed. */
  readonly token: string | null;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

interface Setting {
  /** Key in weir.json, and the name of the flag with dashes. */
  readonly key: keyof Config;
  readonly environment: string;
  readonly summary: string;
  readonly secret?: boolean;
  /** What stands in it when nobody says otherwise. */
  readonly standard: unknown;
  /** Reads the text of an environment variable; a text that does not fit is left for the schema to refuse. */
  readonly from_text: (text: string) => unknown;
  readonly schema: z.ZodType;
}

const asText = (text: string): unknown => text;
const asNumber = (text: string): unknown => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);

/** The one rule for settings that are on or off, for variables and weir.json: what help, errors and README say of them. */
const on_or_off = '1 or 0 (or true or false)';
const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...([1, '1', 'true', true] as const).map((text) => [text, true] as const),
  ...([0, '0', 'false', false] as const).map((text) => [text, false] as const),
]);
const asBoolean = (text: string): unknown => booleans.get(text.toLowerCase()) ?? text;
const boolean = z.preprocess(
  (value) => (typeof value === 'number' ? (booleans.get(value) ?? value) : value),
  z.boolean(`must be ${on_or_off}`),
);

const wholeNumber = (least: number, most: number) =>
  z
    .number(`must be a whole number from ${least} to ${most}`)
    .refine((value) => Number.isInteger(value) && value >= least && value <= most, {
      message: `must be a whole number from ${least} to ${most}`,
    });

const text = z.string('must be text').min(1, 'must not be empty');

/** What numbers may be that are options of `weir run` too, which says the same of them. */
export const ranges = {
  port: [0, 65_535],
  checkpoint_seconds: [1, 86_400],
  workers: [1, 64],
} as const satisfies { readonly [key in keyof Config]?: readonly [least: number, most: number] };

/** Every setting once: its names, its meaning and what it may be. `weir run --help` prints them from here. */
export const settings: readonly Setting[] = [
  setting('data', 'WEIR_DATA', 'folder of the log and all state', './var', asText, text),
  setting('host', 'WEIR_HOST', 'address the API listens on', '127.0.0.1', asText, text),
  setting('port', 'WEIR_PORT', 'port of the API; 0 takes a free one', 7474, asNumber, wholeNumber(...ranges.port)),
  setting(
    'allow_remote',
    'WEIR_ALLOW_REMOTE',
    `listen on an address that other machines reach: ${on_or_off}`,
    false,
    asBoolean,
    boolean,
  ),
  setting(
    'rules',
    'WEIR_RULES',
    'rule files and folders, separated by commas',
    ['rules'],
    (given) => given.split(',').filter((path) => path !== ''),
    z.array(text, 'must be a list of paths').min(1, 'must name at least one path'),
  ),
  setting(
    'checkpoint_seconds',
    'WEIR_CHECKPOINT_SECONDS',
    'time between checkpoints',
    30,
    asNumber,
    wholeNumber(...ranges.checkpoint_seconds),
  ),
  setting(
    'body_bytes',
    'WEIR_BODY_BYTES',
    'largest request body',
    16 * 1024 * 1024,
    asNumber,
    wholeNumber(1024, 1024 * 1024 * 1024),
  ),
  setting(
    'request_lines',
    'WEIR_REQUEST_LINES',
    'most lines of one request',
    20_000,
    asNumber,
    wholeNumber(1, 1_000_000),
  ),
  setting(
    'requests_per_second',
    'WEIR_REQUESTS_PER_SECOND',
    'requests of one token, and of one address',
    1000,
    asNumber,
    wholeNumber(1, 1_000_000),
  ),
  setting(
    'silent_seconds',
    'WEIR_SILENT_SECONDS',
    'a source that sent for so long may be silent for so long; 0: for ever',
    900,
    asNumber,
    wholeNumber(0, 31_536_000),
  ),
  setting(
    'behind_seconds',
    'WEIR_BEHIND_SECONDS',
    'the watermark may be so far behind the clock, beyond LATENESS and IDLE; 0: as far as it likes',
    300,
    asNumber,
    wholeNumber(0, 31_536_000),
  ),
  setting(
    'queue_events',
    'WEIR_QUEUE_EVENTS',
    'events that may wait for the log',
    65_536,
    asNumber,
    wholeNumber(1, 16_777_216),
  ),
  setting(
    'log_level',
    'WEIR_LOG_LEVEL',
    `what <data>/weir.log keeps: ${logLevels.join(', ')}`,
    'info',
    asText,
    z.enum(logLevels, `must be one of ${logLevels.join(', ')}`),
  ),
  {
    ...setting(
      'store',
      'WEIR_STORE',
      'embedded, off, or http(s)://host:port/database',
      'embedded',
      asText,
      storeSchema(),
    ),
    // Somebody may have put a password into it.
    secret: true,
  },
  setting('store_user', 'WEIR_STORE_USER', 'user of a ClickHouse server that writes', 'default', asText, text),
  secret('store_password', 'WEIR_STORE_PASSWORD', 'its password'),
  setting(
    'store_reader_user',
    'WEIR_STORE_READER_USER',
    'user of a server that may only read',
    '',
    asText,
    z.string('must be text'),
  ),
  secret('store_reader_password', 'WEIR_STORE_READER_PASSWORD', 'its password'),
  setting(
    'store_days',
    'WEIR_STORE_DAYS',
    'days that rows stay in the store; 0: for ever',
    0,
    asNumber,
    wholeNumber(0, 36_500),
  ),
  setting(
    'store_memory',
    'WEIR_STORE_MEMORY',
    'memory of the embedded store in MB; 0: a quarter of the machine',
    0,
    asNumber,
    wholeNumber(0, 1_048_576),
  ),
  setting(
    'workers',
    'WEIR_WORKERS',
    'threads that judge the rules, which are divided among them',
    1,
    asNumber,
    wholeNumber(...ranges.workers),
  ),
  setting(
    'columns',
    'WEIR_COLUMNS',
    `make columns of the log beside, so that the first backtest is as fast as others: ${on_or_off}`,
    false,
    asBoolean,
    boolean,
  ),
  {
    ...setting(
      'token',
      'WEIR_TOKEN',
      'token of the API instead of the one in <data>/token',
      null,
      asText,
      z.string('must be text').min(16, 'must have at least 16 characters').nullable(),
    ),
    secret: true,
  },
];

function setting(
  key: keyof Config,
  environment: string,
  summary: string,
  standard: unknown,
  from_text: (text: string) => unknown,
  schema: z.ZodType,
): Setting {
  return { key, environment, summary, standard, from_text, schema };
}

function secret(key: keyof Config, environment: string, summary: string): Setting {
  return { ...setting(key, environment, summary, '', asText, z.string('must be text')), secret: true };
}

/** An address without a user in it: addresses are shown, and stand in logs. */
function storeSchema(): z.ZodType {
  return text.refine((value) => {
    if (value === 'embedded' || value === 'off') return true;
    if (!URL.canParse(value)) return false;
    const { protocol, username, password, search } = new URL(value);
    return /^https?:$/.test(protocol) && username === '' && password === '' && search === '';
  }, 'must be embedded, off, or http(s)://host:port/database without a user in it (that is WEIR_STORE_USER)');
}

export interface ConfigSources {
  /** Values of flags; undefined ones count as not given. */
  readonly flags: { readonly [key in keyof Config]?: unknown };
  readonly environment: NodeJS.ProcessEnv;
  /** Folder that weir.json and relative paths start from. */
  readonly folder: string;
}

/**
 * One frozen object from all sources, or one error that names everything that is wrong with them.
 * @throws CliError with exit code 2.
 */
export function readConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  const keys = settings.map(({ key }) => key);
  const file = readConfigFile(sources, keys, problems);
  const variables = settings.map(({ environment }) => environment);
  checkVariables(sources.environment, variables, problems);
  const config: Record<string, unknown> = {};
  const said_by = new Map<string, string>();
  for (const known of settings) {
    const { value, from } = given(known, sources, file);
    said_by.set(known.key, from);
    const result = known.schema.safeParse(value);
    if (result.success) {
      config[known.key] = result.data;
    } else {
      const shown = known.secret === true ? '' : `, not ${JSON.stringify(value)}`;
      problems.push(`${from}: ${result.error.issues[0].message}${shown}`);
    }
  }
  checkHost(config, said_by.get('host') as string, problems);
  const data = config.data as string | undefined;
  if (data !== undefined) {
    config.data = isAbsolute(data) ? data : resolve(sources.folder, data);
    if (statSync(config.data as string, { throwIfNoEntry: false })?.isDirectory() === false) {
      problems.push(`${said_by.get('data')}: ${data} is a file, and the data of Weir is a folder`);
    }
  }
  if (problems.length > 0) throw refused(problems);
  return Object.freeze(config) as unknown as Config;
}

function refused(problems: readonly string[]): CliError {
  const text = problems.length === 1 ? problems[0] : problems.map((problem) => `\n  - ${problem}`).join('');
  return usageError(
    problems.length === 1 ? `setting ${text}` : `${problems.length} settings are wrong:${text}`,
    '`weir run --help` lists every setting and what it may be',
  );
}

function given(known: Setting, sources: ConfigSources, file: ConfigFile | null): { value: unknown; from: string } {
  const flag = sources.flags[known.key];
  if (flag !== undefined) return { value: flag, from: `--${known.key.replaceAll('_', '-')}` };
  const variable = sources.environment[known.environment];
  if (variable !== undefined && variable !== '') {
    return { value: known.from_text(variable), from: known.environment };
  }
  if (file?.values.has(known.key)) return { value: file.values.get(known.key), from: `${file.name}, ${known.key}` };
  return { value: known.standard, from: known.key };
}

/**
 * Where one of the two is wrong itself, it is told alone: what was meant is not known.
 * @param from where the host was said: a flag, a variable or a file
 */
function checkHost({ host, allow_remote }: Partial<Config>, from: string, problems: string[]): void {
  if (host === undefined || allow_remote !== false || isLoopback(host)) return;
  problems.push(
    `${from}: ${host} can be reached from other machines, and the API speaks plain HTTP; ` +
      'say --allow-remote (or WEIR_ALLOW_REMOTE=1) if that is meant',
  );
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The files and folders of <data>, in one place. */
export function dataPaths(data: string) {
  return {
    log: join(data, 'log'),
    /** Columns of the log's closed segments; may be removed when no backtest runs. */
    columns: join(data, 'columns'),
    checkpoints: join(data, 'checkpoints'),
    detections: join(data, 'detections.ndjson'),
    aggregates: join(data, 'aggregates.ndjson'),
    dead_letters: join(data, 'dead-letters.ndjson'),
    /** The embedded store, and how far the store of this folder's log is filled. */
    store: join(data, 'store'),
    /** Names this folder's log in a store. */
    source: join(data, 'source'),
    token: join(data, 'token'),
    /** Where the API of the Weir that runs on this folder listens. */
    address: join(data, 'address'),
    tokens: join(data, 'tokens.json'),
    blind: join(data, 'blind.ndjson'),
    blind_state: join(data, 'blind-state.json'),
    audit: join(data, 'audit.ndjson'),
    runs: join(data, 'runs'),
    /** Every run, live periods too: see runs/run-history.ts. */
    run_history: join(data, 'runs.ndjson'),
    rule_versions: join(data, 'rule-versions.ndjson'),
    service_log: join(data, 'weir.log'),
  } as const;
}
