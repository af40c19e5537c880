import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DeployedRule,
  EmbeddedStore,
  type LiveRun,
  migrate,
  SinkThread,
  type SinkThreadOptions,
  StoreClient,
  type StorePlace,
  type StoreSinkStatus,
  setRetention,
  writeRules,
  writeRun,
  writeTableViews,
} from '../../connectors/index.ts';
import type { Clock, Program } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { tablesOf } from './store-tables.ts';

/** What fills the store: see SinkThread. */
type SinkSources = Pick<SinkThreadOptions, 'log' | 'files'>;

export interface LiveStoreOptions extends SinkSources {
  readonly config: Config;
  readonly program: Program;
  readonly rules: readonly DeployedRule[];
  readonly version: string;
  readonly clock: Clock;
  readonly report: (message: string) => void;
  /** How long the end of the run may take to write what the store lacks. */
  readonly drain_ms: number;
}

/** The store of a live Weir, beside its way: begun in the background, filled from what is on disk already. */
export class LiveStore {
  readonly #options: LiveStoreOptions;
  readonly #embedded: EmbeddedStore | null;
  readonly #client: StoreClient;
  readonly #sink: SinkThread;
  readonly #run: LiveRun;
  #run_written = false;

  constructor(options: LiveStoreOptions) {
    this.#options = options;
    const { config, program, version, clock, report, log, files } = options;
    const paths = dataPaths(config.data);
    const memory = config.store_memory === 0 ? {} : { memory_bytes: config.store_memory * 1024 * 1024 };
    mkdirSync(paths.store, { recursive: true, mode: 0o700 });
    this.#embedded = config.store === 'embedded' ? new EmbeddedStore({ folder: paths.store, report, ...memory }) : null;
    this.#client = new StoreClient(() => writerPlace(config, this.#embedded));
    const source = sourceName(paths.source);
    this.#run = {
      id: randomUUID(),
      ...{ source, version, started_at_ms: clock.now_ms(), log_from: log.end_position, program_hash: program.hash },
      rules: [...new Set(program.operators.filter(({ kind }) => kind === 'rule').map(({ name }) => name))],
      plan_hashes: program.operators.map(({ plan_hash }) => plan_hash),
    };
    this.#sink = new SinkThread({
      ...{ log, files, source, report },
      position_path: join(paths.store, positionName(config.store)),
      place: () => writerPlace(config, this.#embedded),
      prepare: () => this.#prepare(),
    });
  }

  /** For /v1/status; 'missing': the embedded store cannot be on this machine. */
  status(): Omit<StoreSinkStatus, 'state'> & { readonly state: StoreSinkStatus['state'] | 'missing' } {
    const status = this.#sink.status();
    return this.#embedded?.missing ? { ...status, state: 'missing' } : status;
  }

  async #prepare(): Promise<void> {
    const client = this.#client;
    const { config, program, rules, clock } = this.#options;
    await migrate(client, { now_ms: () => clock.now_ms(), holder: `weir ${process.pid}` });
    await setRetention(client, config.store_days);
    await writeTableViews(client, tablesOf(program));
    await writeRules(client, rules, clock.now_ms());
    if (!this.#run_written) await writeRun(client, this.#run, clock.now_ms(), null);
    this.#run_written = true;
  }

  /** Writes what it can in a moment, notes the end of the run, and lets the store go. */
  async stop(counters: object): Promise<void> {
    await this.#sink.stop(this.#options.drain_ms);
    if (this.#run_written && this.#sink.status().state === 'up') {
      const end = { log_to: this.#options.log.end_position, counters };
      // The end of a run is worth a row, and no failure: the next run's row says that this one is over.
      await writeRun(this.#client, this.#run, this.#options.clock.now_ms(), end).catch(() => undefined);
    }
    await this.#client.close();
    await this.#embedded?.stop();
  }
}

function writerPlace(config: Config, embedded: EmbeddedStore | null): StorePlace | null {
  if (embedded !== null) {
    const address = embedded.address;
    if (address === null || address.writer === null) return null;
    return { url: address.url, database: null, login: address.writer };
  }
  return serverPlace(config, { user: config.store_user, password: config.store_password });
}

/** A server by its address: the path names the database. */
export function serverPlace({ store }: Config, login: StorePlace['login']): StorePlace {
  const { origin, pathname } = new URL(store);
  return { url: origin, database: decodeURIComponent(pathname.slice(1)) || null, login };
}

/** Each store is filled by itself: one that was named later gets all of the log. */
function positionName(store: string): string {
  return store === 'embedded'
    ? 'position.json'
    : `position-${createHash('sha256').update(store).digest('hex').slice(0, 16)}.json`;
}

/** What a data folder's log is called in a store; null: it has no log that was ever written to one. */
export function sourceNameOf({ data }: Config): string | null {
  const path = dataPaths(data).source;
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** Made once for a data folder. */
function sourceName(path: string): string {
  if (!existsSync(path)) writeFileSync(path, `${randomUUID()}\n`, { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}
