import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
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
import type { RuleVersion } from '../deploy/rule-versions.ts';
import { tablesOf } from './store-tables.ts';

/** What fills the store: see SinkThread. */
type SinkSources = Pick<SinkThreadOptions, 'log' | 'files'>;

export interface LiveStoreOptions extends SinkSources {
  readonly config: Config;
  readonly program: Program;
  /** Every version of every rule, as the data folder keeps them: the store has a copy. */
  readonly rules: () => readonly RuleVersion[];
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
  #run: LiveRun;
  #run_written = false;

  constructor(options: LiveStoreOptions) {
    this.#options = options;
    const { config, program, report, log, files } = options;
    const paths = dataPaths(config.data);
    const memory = config.store_memory === 0 ? {} : { memory_bytes: config.store_memory * 1024 * 1024 };
    mkdirSync(paths.store, { recursive: true, mode: 0o700 });
    this.#embedded = config.store === 'embedded' ? new EmbeddedStore({ folder: paths.store, report, ...memory }) : null;
    this.#client = new StoreClient(() => writerPlace(config, this.#embedded));
    const source = sourceName(paths.source);
    this.#program = program;
    this.#run = this.#begun(source);
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

  /** A live period of the rules that run, from now on. */
  #begun(source: string): LiveRun {
    const { version, clock, log } = this.#options;
    const { hash, operators } = this.#program;
    return {
      id: randomUUID(),
      ...{ source, version, started_at_ms: clock.now_ms(), log_from: log.end_position, program_hash: hash },
      rules: [...new Set(operators.filter(({ kind }) => kind === 'rule').map(({ name }) => name))],
      plan_hashes: operators.map(({ plan_hash }) => plan_hash),
    };
  }

  async #prepare(): Promise<void> {
    const client = this.#client;
    const { config, clock } = this.#options;
    await migrate(client, { now_ms: () => clock.now_ms(), holder: `weir ${process.pid}` });
    await setRetention(client, config.store_days);
    await this.#describe(client);
  }

  /** What the store says of the rules that run. */
  async #describe(client: StoreClient): Promise<void> {
    const { rules, clock } = this.#options;
    await writeTableViews(client, tablesOf(this.#program));
    await writeRules(client, rules().map(asDeployed));
    if (!this.#run_written) await writeRun(client, this.#run, clock.now_ms(), null);
    this.#run_written = true;
  }

  /** Other rules took over: a live period ends and another begins. Never rejects. */
  async replace(program: Program, counters: object): Promise<void> {
    const isUp = this.#sink.status().state === 'up';
    try {
      if (isUp && this.#run_written) await this.#end(counters);
      this.#program = program;
      this.#run = this.#begun(this.#run.source);
      this.#run_written = false;
      if (isUp) await this.#describe(this.#client);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.report(`the store knows of the rules that took over when it is begun again (${why})`);
    }
  }

  #end(counters: object): Promise<void> {
    const end = { log_to: this.#options.log.end_position, counters };
    return writeRun(this.#client, this.#run, this.#options.clock.now_ms(), end);
  }

  /** Writes what it can in a moment, notes the end of the run, and lets the store go. */
  async stop(counters: object): Promise<void> {
    await this.#sink.stop(this.#options.drain_ms);
    if (this.#run_written && this.#sink.status().state === 'up') {
      // The end of a run is worth a row, and no failure: the next run's row says that this one is over.
      await this.#end(counters).catch(() => undefined);
    }
    await this.#client.close();
    await this.#embedded?.stop();
  }
}

function asDeployed({ rule, plan_hash, path, severity = '', mode = '', text, at }: RuleVersion) {
  return { name: rule, plan_hash, path, severity, mode, text, deployed_at_ms: Date.parse(at) };
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
