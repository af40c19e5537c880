import { existsSync } from 'node:fs';
import { EmbeddedStore, migrate, readEndpoint, StoreClient, StoreMissing } from '../../connectors/index.ts';
import { type Config, dataPaths } from '../config.ts';
import { serverPlace } from '../live/store.ts';
import type { Shell } from './command.ts';
import { faultError, usageError } from './exit.ts';

/** The store as a command reads it, and how to let it go. */
export interface StoreReader {
  readonly client: StoreClient;
  /** For a server without a user that may only read: nothing is changed by a statement all the same. */
  readonly settings: Readonly<Record<string, string | number>>;
  close(): Promise<void>;
}

/** What a statement may take at most. */
export interface StatementLimits {
  readonly rows?: number;
  readonly seconds?: number;
  readonly memory_bytes?: number;
}

const start_within_ms = 30_000;

/**
 * Opens the store of a data folder to read: that of a Weir that runs, or, where none runs, the embedded one for as long as
 * the command takes; or the server of the settings.
 * @throws CliError where there is none, and with what to do
 */
export async function openReader(config: Config, limits: StatementLimits, shell: Shell): Promise<StoreReader> {
  if (config.store === 'off') {
    throw usageError('the store is switched off (WEIR_STORE=off)', 'without that setting Weir brings one along');
  }
  if (config.store !== 'embedded') return openServer(config);
  const folder = dataPaths(config.data).store;
  const running = readEndpoint(folder);
  if (running !== null) {
    const client = new StoreClient(() => ({ url: running.url, database: null, login: running.reader }));
    return { client, settings: {}, close: () => client.close() };
  }
  if (!existsSync(folder)) {
    throw usageError(`there is no store in ${folder}`, 'start `weir run` first, or name its folder with --data');
  }
  return openOwn(folder, limits, shell);
}

function openServer(config: Config): StoreReader {
  const { store_reader_user: user, store_reader_password: password } = config;
  const hasReader = user !== '';
  const login = hasReader ? { user, password } : { user: config.store_user, password: config.store_password };
  const client = new StoreClient(() => serverPlace(config, login));
  return { client, settings: hasReader ? {} : { readonly: 2 }, close: () => client.close() };
}

async function openOwn(folder: string, limits: StatementLimits, shell: Shell): Promise<StoreReader> {
  const { rows, seconds, memory_bytes } = limits;
  const store = new EmbeddedStore({
    folder,
    reader_limits: {
      ...(rows === undefined ? {} : { max_result_rows: rows + 1 }),
      ...(seconds === undefined ? {} : { max_execution_time: seconds }),
      ...(memory_bytes === undefined ? {} : { max_memory_usage: memory_bytes }),
    },
    ...(memory_bytes === undefined ? {} : { memory_bytes: 2 * memory_bytes }),
  });
  try {
    const { url, writer, reader } = await store.ready(start_within_ms);
    if (writer !== null) {
      const own = new StoreClient(() => ({ url, database: null, login: writer }));
      await migrate(own, { now_ms: () => shell.now_ms(), holder: `weir ${process.pid}` });
      await own.close();
    }
    const client = new StoreClient(() => ({ url, database: null, login: reader }));
    const close = async (): Promise<void> => {
      await client.close();
      await store.stop();
    };
    return { client, settings: {}, close };
  } catch (error) {
    await store.stop();
    const message = error instanceof Error ? error.message : String(error);
    throw faultError(message, error instanceof StoreMissing ? null : 'is a `weir run` just starting? Then try again');
  }
}
