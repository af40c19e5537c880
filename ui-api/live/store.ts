import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EmbeddedStore,
  migrate,
  SinkThread,
  type SinkThreadOptions,
  StoreClient,
  type StorePlace,
  type StoreSinkStatus,
  setRetention,
  writeTableViews,
} from '../../connectors/index.ts';
import type { Clock, Program } from '../../engine/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { LivePeriod } from './live-period.ts';
import { tablesOf } from './store-tables.ts';

/** What fills the store: see SinkThread. */
type SinkSources = Pick<SinkThreadOptions, 'log' | 'files' | 'judged'>;

export interface LiveStoreOptions extends SinkSources {
  readonly config: Config;
  readonly program: Program;
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
  #program: Program;
  #period: LivePeriod;

  constructor(options: LiveStoreOptions) {
    this.#options = options;
    const { config, program, report, log, files, judged } = options;
    const paths = dataPaths(config.data);
    const memory = config.store_memory === 0 ? {} : { memory_bytes: config.store_memory * 1024 * 1024 };
    mkdirSync(paths.store, { recursive: true, mode: 0o700 });
    this.#embedded = config.store === 'embedded' ? new EmbeddedStore({ folder: paths.store, report, ...memory }) : null;
    this.#client = new StoreClient(() => writerPlace(config, this.#embedded));
    const source = sourceName(paths.source);
    this.#program = program;
    this.#period = this.#begun();
    this.#sink = new SinkThread({
      ...{ log, files, source, judged, report },
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

  /** A live period of the rules that run, from now on. */
  #begun(): LivePeriod {
    const { version, clock, log, config, report } = this.#options;
    const path = dataPaths(config.data).run_history;
    return new LivePeriod({ path, program: this.#program, version, clock, log, report });
  }

  async #prepare(): Promise<void> {
    const client = this.#client;
    const { config, clock } = this.#options;
    await migrate(client, { now_ms: () => clock.now_ms(), holder: `weir ${process.pid}` });
    await setRetention(client, config.store_days);
    await writeTableViews(client, tablesOf(this.#program));
  }

  /** Other rules took over: a live period ends and another begins. Never rejects. */
  async replace(program: Program, counters: object): Promise<void> {
    this.#period.end(counters);
    this.#program = program;
    this.#period = this.#begun();
    // The next start does it too, and so does a store that comes up.
    if (this.#sink.status().state !== 'up') return;
    try {
      await writeTableViews(this.#client, tablesOf(program));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.report(`the store has the views of the rules that took over when it is begun again (${why})`);
    }
  }

  /** Notes the end of the run, writes what it can in a moment, and lets the store go. */
  async stop(counters: object): Promise<void> {
    this.#period.end(counters);
    await this.#sink.stop(this.#options.drain_ms);
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
