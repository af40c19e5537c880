import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ReaderLimits, Role } from './roles.ts';
import { EmbeddedServer } from './server.ts';

/** The first line that the parent writes to this process; nothing of it stands in arguments, which others can see. */
export interface ChildSettings {
  readonly folder: string;
  readonly passwords: Readonly<Record<Role, string>>;
  /** Of the whole process; a single statement may have most of it. */
  readonly memory_bytes: number;
  readonly reader_limits: ReaderLimits;
}

/** The line that this process answers with. */
export type ChildAnswer =
  | { readonly kind: 'listening'; readonly port: number; readonly version: string }
  /** missing: the package or its library is not there, and no retry will mend it. */
  | { readonly kind: 'failed'; readonly missing: boolean; readonly message: string };

/** How long a statement may hold up the end. chdb loses nothing that it acknowledged when its process is killed. */
const end_within_ms = 1500;

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void serve(JSON.parse(line) as ChildSettings));
// The parent ended, in whatever way: nobody needs this process, and its lock must go.
lines.once('close', end);
// A signal to the whole group (Ctrl-C in a terminal) is the parent's: what it still has to write comes first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
let close = (): Promise<void> => Promise.resolve();

async function serve(settings: ChildSettings): Promise<void> {
  try {
    answer(await open(settings));
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    const missing =
      code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || /Unsupported|BinaryVersion/.test(name);
    answer({ kind: 'failed', missing, message });
    process.exit(1);
  }
}

async function open({ folder, memory_bytes, ...settings }: ChildSettings): Promise<ChildAnswer> {
  const chdb = await import('chdb');
  const database = join(folder, 'database');
  mkdirSync(database, { recursive: true, mode: 0o700 });
  // Without it chdb takes nine tenths of the machine. It can be said in a file only.
  const config = join(folder, 'config.xml');
  const xml = `<clickhouse><max_server_memory_usage>${memory_bytes}</max_server_memory_usage></clickhouse>\n`;
  writeFileSync(config, xml, { mode: 0o600 });
  const keeper = new chdb.Session(database, { connectionArgs: [`--config-file=${config}`] });
  const version = (await keeper.queryAsync('SELECT version()', { format: 'TSVRaw' })).text().trim();
  // Nobody else has this database open: a lock that stands in it is of a process that was killed while it migrated.
  await keeper.queryAsync('DROP TABLE IF EXISTS migration_lock SYNC');
  const server = new EmbeddedServer({ ...settings, folder, open: () => new chdb.Session(database) });
  close = () => server.close();
  return { kind: 'listening', port: await server.listen(), version };
}

function answer(said: ChildAnswer): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

/**
 * By SIGKILL, as soon as no statement runs. chdb's close() and an exit while it works can wait for themselves for ever, with
 * the database's lock in their hands and this thread blocked, so that no timer of it would help.
 */
function end(): void {
  const kill = (): boolean => process.kill(process.pid, 'SIGKILL');
  setTimeout(kill, end_within_ms);
  void close().then(kill);
}
