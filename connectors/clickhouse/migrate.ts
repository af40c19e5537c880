import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { StoreClient } from './store-client.ts';
import { StoreRefused } from './store-client.ts';

/** One numbered file of migrations/. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
}

const folder = new URL('migrations/', import.meta.url);

/** The migrations that this Weir knows, by number. */
export function knownMigrations(): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name, text: readFileSync(new URL(name, folder), 'utf8') }));
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The statements of a migration: one ends with a semicolon at the end of a line. */
function statementsOf(text: string): string[] {
  return text
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

export interface MigrateOptions {
  readonly migrations?: readonly Migration[];
  readonly now_ms: () => number;
  /** Waits; a test does not. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Who holds the lock, for the message to whoever waits for it. */
  readonly holder: string;
}

const lock_table = 'migration_lock';
const look_again_ms = 250;
/** A migration takes seconds: the lock of one that is older than this is of a process that was killed. */
const stale_ms = 60_000;

/**
 * Brings a store to this Weir's tables: each migration once, in order, under a lock. Its statements say IF NOT EXISTS, so
 * that one that a crash cut short is done again. Throws where an applied one has another text now, or is unknown here.
 */
export async function migrate(client: StoreClient, options: MigrateOptions): Promise<number> {
  const migrations = options.migrations ?? knownMigrations();
  if ((await pending(client, migrations)).length === 0) return 0;
  await lock(client, options);
  try {
    // Another process may have done it while this one waited.
    const missing = await pending(client, migrations);
    for (const { number, name, text } of missing) {
      for (const statement of statementsOf(text)) await client.command(statement);
      await client.insert('schema_migrations', [
        { number, name, hash: hashOf(text), applied_at: isoOf(options.now_ms()) },
      ]);
    }
    return missing.length;
  } finally {
    await client.command(`DROP TABLE IF EXISTS ${lock_table} SYNC`);
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}

interface Applied extends Record<string, unknown> {
  readonly number: string;
  readonly name: string;
  readonly hash: string;
}

async function pending(client: StoreClient, migrations: readonly Migration[]): Promise<Migration[]> {
  await client.command(
    `CREATE TABLE IF NOT EXISTS schema_migrations (number UInt64, name String, hash String, applied_at DateTime64(3, 'UTC'))
     ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  );
  const applied = await client.rows<Applied>('SELECT DISTINCT number, name, hash FROM schema_migrations');
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const { number, name, hash } of applied) {
    const migration = known.get(Number(number));
    if (migration === undefined) {
      throw new StoreRefused(
        `the store has migration ${name}, which this Weir does not know: it is of a later version. Run that version`,
        0,
      );
    }
    if (hashOf(migration.text) !== hash) {
      throw new StoreRefused(
        `migration ${name} was applied to the store with another text: a migration is never changed, a new one is added`,
        0,
      );
    }
  }
  const done = new Set(applied.map(({ number }) => Number(number)));
  return migrations.filter(({ number }) => !done.has(number));
}

/** A table that only one can create. Its comment says who did, and when. */
async function lock(client: StoreClient, { holder, now_ms, sleep = wait }: MigrateOptions): Promise<void> {
  for (;;) {
    const comment = JSON.stringify({ holder, since_ms: now_ms() }).replaceAll("'", '');
    try {
      await client.command(`CREATE TABLE ${lock_table} (held UInt8) ENGINE = Memory COMMENT '${comment}'`);
      return;
    } catch (error) {
      if (!(error instanceof StoreRefused) || error.code !== 57) throw error;
    }
    const query = `SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = '${lock_table}'`;
    const [held] = await client.rows<{ comment: string }>(query);
    if (held !== undefined && now_ms() - sinceOf(held.comment) > stale_ms) {
      await client.command(`DROP TABLE IF EXISTS ${lock_table} SYNC`);
    } else {
      await sleep(look_again_ms);
    }
  }
}

function sinceOf(comment: string): number {
  try {
    return (JSON.parse(comment) as { since_ms: number }).since_ms;
  } catch {
    return 0;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
