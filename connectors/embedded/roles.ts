import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { literal } from './protocol.ts';
import { RefusedStatement, type Statement } from './statement.ts';

export type Role = 'writer' | 'reader';

/** Names of the two users; their passwords are made at every start. */
export const userNames: Readonly<Record<Role, string>> = { writer: 'weir_writer', reader: 'weir_reader' };

/** Who asks, by the password (basic authentication, or the headers that ClickHouse has for it); null: nobody known. */
export function roleOf(request: IncomingMessage, passwords: Readonly<Record<Role, string>>): Role | null {
  const { user, password } = credentialsOf(request);
  for (const role of ['writer', 'reader'] as const) {
    if (user === userNames[role] && isSame(password, passwords[role])) return role;
  }
  return null;
}

function credentialsOf({ headers }: IncomingMessage): { user: string; password: string } {
  const { 'x-clickhouse-user': user, 'x-clickhouse-key': key, authorization } = headers;
  if (typeof user === 'string') return { user, password: typeof key === 'string' ? key : '' };
  const basic = /^Basic (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const [name, ...rest] = Buffer.from(basic, 'base64').toString().split(':');
  return { user: name, password: rest.join(':') };
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What a reader may say; everything else is the writer's. Under readonly = 1 the engine refuses the rest once more. */
const readerVerbs = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS']);

/** @throws RefusedStatement where the role may not run the statement */
export function checkRole(role: Role, { verb, reads_files, calls, shows_create }: Statement): void {
  if (verb === 'SET' || verb === 'USE') {
    throw new RefusedStatement(`${verb} would be forgotten at once: give settings with the statement`, 497);
  }
  if (role === 'writer') return;
  if (!readerVerbs.has(verb)) {
    throw new RefusedStatement(`${userNames.reader} may only read: ${verb} is not allowed`, 497);
  }
  // readonly = 1 refuses neither: one reads files of this machine, the other asks addresses in the network.
  if (reads_files) {
    throw new RefusedStatement(
      `${userNames.reader} may not call file(): a column of that name is written with its table, t.file, and a quote ` +
        'within a quoted name is doubled',
      497,
    );
  }
  if (shows_create) {
    throw new RefusedStatement(`${userNames.reader} may not SHOW CREATE: DESCRIBE NAME lists the columns`, 497);
  }
  if (calls && (verb === 'DESCRIBE' || verb === 'DESC')) {
    throw new RefusedStatement(`${userNames.reader} may describe tables and queries, no table functions`, 497);
  }
}

/** The most that a reader's statement may have of each, and has where it asks for nothing less. */
export interface ReaderLimits {
  readonly max_execution_time: number;
  readonly max_memory_usage: number;
  readonly max_result_rows: number;
  readonly max_result_bytes: number;
}

const readerSettings =
  /^(output_format_|format_|date_time_|result_overflow_mode$|max_threads$|max_rows_to_read$|limit$)/;

/**
 * The settings that a statement runs with, as the text of one SET; a session holds one statement, so none outlives it.
 * A reader's limits stand above what it asks for.
 * @throws RefusedStatement for a setting that a reader may not have
 */
export function settingsOf(
  role: Role,
  asked: readonly (readonly [name: string, value: string])[],
  limits: ReaderLimits,
): string {
  const settings = new Map<string, string>([
    // Beyond 2^53 a number in JSON is not what it was (records.md).
    ['output_format_json_quote_64bit_integers', '1'],
    ['input_format_skip_unknown_fields', '0'],
    ['max_memory_usage', String(limits.max_memory_usage)],
  ]);
  for (const [name, value] of asked) {
    if (role === 'reader' && !(name in limits) && !readerSettings.test(name)) {
      throw new RefusedStatement(`${userNames.reader} may not change the setting ${name}`, 497);
    }
    settings.set(name, value);
  }
  if (role === 'reader') {
    for (const [name, most] of Object.entries(limits)) {
      const value = Number(settings.get(name) ?? most);
      settings.set(name, String(value > 0 && value <= most ? value : most));
    }
    // The last one: behind it nothing can be set.
    settings.set('readonly', '1');
  }
  return `SET ${[...settings].map(([name, value]) => `${name} = ${literal(value)}`).join(', ')}`;
}
