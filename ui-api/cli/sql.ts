import { createWriteStream, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StoreDown, StoreRefused } from '../../connectors/index.ts';
import { readConfig } from '../config.ts';
import { type AddCommand, InvalidArgumentError, Option, type Shell, wholeNumber, withExamples } from './command.ts';
import { type CliError, type ExitCode, exitCodes, faultError, unwritable, usageError } from './exit.ts';
import { exactNumbers } from './json-numbers.ts';
import { Paint } from './output.ts';
import { asStoreTakesIt, meantBy } from './sql-help.ts';
import { openReader, type StoreReader } from './store-reader.ts';
import { printable, renderTable, textWidth } from './table.ts';
import { plural } from './units.ts';

const formats = ['table', 'json', 'ndjson', 'csv', 'parquet'] as const;
type SqlFormat = (typeof formats)[number];

/** What ClickHouse calls them. A table is read whole, with its columns and their types. */
const storeFormats: Readonly<Record<SqlFormat, string>> = {
  table: 'JSONCompact',
  json: 'JSON',
  ndjson: 'JSONEachRow',
  csv: 'CSVWithNames',
  parquet: 'Parquet',
};

/** Formats in which whole numbers are numbers, and those beyond 2^53 - 1 texts. The store quotes all of 64 bits, or none. */
function isJson(format: SqlFormat): boolean {
  return format === 'json' || format === 'ndjson';
}

interface SqlOptions {
  readonly file?: string;
  readonly format?: SqlFormat;
  readonly out?: string;
  readonly rows?: number;
  readonly seconds?: number;
  readonly memory?: number;
  readonly param?: ReadonlyMap<string, string>;
  readonly data?: string;
}

const standardRows = { table: 1000, other: 1_000_000 };

const views = `
What there is to ask (SHOW TABLES lists it, DESCRIBE NAME its columns):
  events, late_events, duplicate_events, dead_letters
      what came in, by its verdict
  alerts_now, alerts, alert_evidence, risk
      what was found: latest revisions, all of them
  aggregates_NAME
      rows of the rules' CREATE TABLE NAME
  account_timeline(account = 'x'), address_timeline(address = 'x'),
  device_timeline(device = 'x')
  alert_events(alert = 'id'), changed_after(alert = 'id')
      the events behind an alert, and what was changed after it
  alerts_by_technique, late_and_rejected
      figures by ATT&CK technique and tenant, by source and day
  rules, runs, audit
      every version of a rule, every live period, who did what

In json and ndjson whole numbers beyond 2^53 - 1 are texts: whoever reads them
as numbers would round them. csv and parquet have every number as it is.`;

export const addSqlCommand: AddCommand = (program, shell, finish) => {
  const command = program
    .command('sql')
    .description("ask the store in ClickHouse's SQL; read only")
    .argument('[statement]', 'one statement (or --file)')
    .option('--file <path>', 'a file with the statement, - for stdin')
    .addOption(
      new Option('--format <format>', 'how rows are written (default: table; ndjson in a pipe)').choices(formats),
    )
    .option('--out <path>', 'write to a file instead of stdout')
    .option('--rows <number>', 'most rows (default: 1,000 in a table, else 1,000,000)', wholeNumber(1))
    .option('--seconds <number>', 'longest time (default: 60)', wholeNumber(1))
    .option('--memory <megabytes>', 'most memory (default: 1024)', wholeNumber(1))
    .addOption(
      new Option('--param <name=value>', 'value of {name:Type} in the statement; may be repeated').argParser(param),
    )
    .option('--data <folder>', 'data folder (default: ./var)');
  command.addHelpText('after', views);
  withExamples(command, [
    ['weir sql "SELECT * FROM account_timeline(account = \'acct_417\')"', 'what happened to an account'],
    ['weir sql "SELECT rule, count() FROM alerts_now GROUP BY rule"', 'alerts by rule'],
    ["weir sql 'SELECT * FROM events WHERE event_id = {id:String}' --param id=e81", 'with a value'],
    ['weir sql "SELECT * FROM events" --format parquet --out events.parquet', 'for other tools'],
  ]);
  command.action(async (statement: string | undefined, options: SqlOptions) => {
    finish(await sql(statement, options, shell));
  });
};

function param(text: string, known: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('A value is given as name=value.');
  return new Map([...known, [name, value]]);
}

async function sql(given: string | undefined, options: SqlOptions, shell: Shell): Promise<ExitCode> {
  const format = options.format ?? (shell.stdout.is_terminal && options.out === undefined ? 'table' : 'ndjson');
  if (format === 'parquet' && options.out === undefined && shell.stdout.is_terminal) {
    throw usageError('parquet is not for a terminal', 'give a file with --out, or a pipe');
  }
  const statement = (await statementOf(given, options, shell)).trim().replace(/;$/, '');
  if (statement === '') throw usageError('there is no statement', '`weir sql --help` says what there is to ask');
  const config = readConfig({ flags: { data: options.data }, environment: shell.environment, folder: shell.folder });
  const rows = options.rows ?? (format === 'table' ? standardRows.table : standardRows.other);
  const memory_bytes = options.memory === undefined ? undefined : options.memory * 1024 * 1024;
  const limits = {
    rows,
    ...(options.seconds === undefined ? {} : { seconds: options.seconds }),
    ...(memory_bytes === undefined ? {} : { memory_bytes }),
  };
  const reader = await openReader(config, limits, shell);
  try {
    const settings = {
      ...reader.settings,
      // One more than wanted tells that there are more.
      limit: rows + 1,
      ...(isJson(format) ? { output_format_json_quote_64bit_integers: 0 } : {}),
      ...(options.seconds === undefined ? {} : { max_execution_time: options.seconds }),
      ...(memory_bytes === undefined ? {} : { max_memory_usage: memory_bytes }),
    };
    const params = Object.fromEntries(options.param ?? []);
    const bytes = reader.client.bytes(`${asStoreTakesIt(statement)}\nFORMAT ${storeFormats[format]}`, {
      settings,
      params,
    });
    return await write(isJson(format) ? exactNumbers(bytes) : bytes, format, rows, options, shell);
  } catch (error) {
    throw (await misspelt(error, statement, reader)) ?? explained(error, options);
  } finally {
    await reader.close();
  }
}

async function statementOf(given: string | undefined, { file }: SqlOptions, shell: Shell): Promise<string> {
  if ((given === undefined) === (file === undefined)) {
    throw usageError('give one statement, as an argument or with --file', '`weir sql --help` shows some');
  }
  if (given !== undefined) return given;
  if (file === '-') return (await wholeOf(shell.stdin as AsyncIterable<Buffer>)).toString();
  try {
    return readFileSync(resolve(shell.folder, file as string), 'utf8');
  } catch (error) {
    throw usageError(`${file} cannot be read: ${(error as Error).message}`, null);
  }
}

/** What was probably meant by a statement that the store refused; null: nothing is known. */
async function misspelt(error: unknown, statement: string, reader: StoreReader): Promise<CliError | null> {
  if (!(error instanceof StoreRefused)) return null;
  const columns = async (name: string): Promise<string[]> => {
    const query = `${asStoreTakesIt(`DESCRIBE ${name}`)}\nFORMAT JSONCompact`;
    const { data } = JSON.parse(
      (await wholeOf(reader.client.bytes(query, { settings: reader.settings }))).toString(),
    ) as WholeResult;
    return (data as (readonly unknown[])[]).map(([column]) => String(column));
  };
  try {
    const meant = await meantBy(error.code, error.message, statement, columns);
    return meant === null ? null : usageError(meant.message ?? error.message, meant.hint);
  } catch {
    // A help that cannot be had is none.
    return null;
  }
}

/** ClickHouse's own words, and what may help. */
function explained(error: unknown, { data }: SqlOptions): unknown {
  if (error instanceof StoreRefused) {
    const limited = { 158: '--rows', 396: '--rows', 307: '--rows' }[error.code];
    const help = limited === undefined ? '`weir sql --help` says what there is to ask' : `${limited} allows more`;
    return usageError(error.message, error.code === 497 ? 'the store is read only here' : help);
  }
  if (!(error instanceof StoreDown)) return error;
  if (/READONLY|readonly/.test(error.message)) return usageError(error.message, 'the store is read only here');
  if (/TIMEOUT_EXCEEDED/.test(error.message))
    return usageError(error.message, '--seconds allows more, up to what the store allows');
  if (/MEMORY_LIMIT/.test(error.message))
    return usageError(error.message, '--memory allows more, up to what the store allows');
  return faultError(
    `the store cannot be asked: ${error.message}`,
    data === undefined ? 'does `weir run` still run?' : null,
  );
}

async function write(
  bytes: AsyncIterable<Buffer>,
  format: SqlFormat,
  most: number,
  { out }: SqlOptions,
  shell: Shell,
): Promise<ExitCode> {
  if (format === 'table' || format === 'json') {
    const text = wholeText(format, await wholeOf(bytes), most, shell);
    await toOutput(Readable.from([text]), out, shell);
    return exitCodes.ok;
  }
  await toOutput(format === 'parquet' ? bytes : cutLines(bytes, format === 'csv', most, shell), out, shell);
  return exitCodes.ok;
}

async function wholeOf(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface WholeResult {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[] | readonly Readonly<Record<string, unknown>>[];
}

function wholeText(format: 'table' | 'json', bytes: Buffer, most: number, shell: Shell): string {
  const { meta, data } = JSON.parse(bytes.toString()) as WholeResult;
  const shown = data.slice(0, most);
  if (data.length > most) tellMore(most, shell);
  if (format === 'json') return `${JSON.stringify(shown, null, shell.stdout.is_terminal ? 2 : undefined)}\n`;
  const isNumber = ({ type }: { type: string }) => /^(Nullable\()?(U?Int|Float|Decimal)/.test(type);
  const columns = meta.map((column) => ({ title: column.name, align: isNumber(column) ? 'right' : 'left' }) as const);
  const rows = (shown as (readonly unknown[])[]).map((row) => row.map(cellText));
  const { paint, table_width: width } = shell.stdout;
  const table = renderTable({ columns, rows, paint: new Paint(false), width });
  const fits = table.split('\n').every((line) => textWidth(line) <= width);
  const text = fits ? renderTable({ columns, rows, paint, width }) : oneBelowTheOther(columns, rows, paint);
  return `${text}\n  ${plural(shown.length, 'row')}\n`;
}

/** Rows that are wider than the terminal: a line a value, and none is cut. */
function oneBelowTheOther(
  columns: readonly { readonly title: string }[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  const widest = Math.max(...columns.map(({ title }) => textWidth(title)));
  const lines = rows.map((row, i) => {
    const values = columns.flatMap(({ title }, at) => {
      const value = printable(row[at] ?? '');
      return value === '' ? [] : [`  ${paint.dim(title.padEnd(widest))}  ${value}`];
    });
    return [`  ${paint.bold(`row ${i + 1}`)}`, ...values].join('\n');
  });
  return lines.join('\n\n');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function tellMore(most: number, shell: Shell): void {
  shell.stderr.line(`  note: there are more than these ${plural(most, 'row')}: --rows allows more`);
}

/** So many rows: a line each, but for newlines within the quotes of CSV. */
async function* cutLines(
  bytes: AsyncIterable<Buffer>,
  isCsv: boolean,
  rows: number,
  shell: Shell,
): AsyncGenerator<Buffer> {
  // The names of the columns are a line too.
  let left = isCsv ? rows + 1 : rows;
  let quoted = false;
  for await (const chunk of bytes) {
    let end = chunk.length;
    for (let at = 0; at < chunk.length; at++) {
      if (isCsv && chunk[at] === 34) quoted = !quoted;
      if (left === 0) {
        tellMore(rows, shell);
        end = at;
        break;
      }
      if (chunk[at] === 10 && !quoted) left--;
    }
    if (end > 0) yield chunk.subarray(0, end);
    if (end < chunk.length) return;
  }
}

async function toOutput(bytes: AsyncIterable<Buffer | string>, out: string | undefined, shell: Shell): Promise<void> {
  if (out !== undefined) {
    const path = resolve(shell.folder, out);
    try {
      await pipeline(bytes, createWriteStream(path, { mode: 0o600 }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw unwritable(out, '--out', error);
    }
    return;
  }
  for await (const chunk of bytes) {
    if (shell.stdout.closed) return;
    if (!shell.stdout.write(chunk)) await shell.stdout.drained();
  }
}
