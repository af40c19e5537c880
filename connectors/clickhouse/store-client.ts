import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';

/** A user of a store. */
export interface StoreLogin {
  readonly user: string;
  /** A secret: never printed. */
  readonly password: string;
}

/** Where a store is. It may move: an embedded one has another port after each start. */
export interface StorePlace {
  readonly url: string;
  /** Null: the default database of the user. */
  readonly database: string | null;
  readonly login: StoreLogin;
}

/** The store cannot be reached now, or answers that it cannot now: the same may succeed later. */
export class StoreDown extends Error {}

/** The store understood and refuses: the same is refused again. */
export class StoreRefused extends Error {
  /** ClickHouse's number for the kind of fault. */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Settings of a statement, and values of {name:Type} in it. */
export interface StatementOptions {
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

export type StoreRow = Readonly<Record<string, unknown>>;

const request_timeout_ms = 120_000;

/** Faults that pass: memory, too many parts, a full disk, a read-only replica, too many queries, timeouts, the network. */
const passing = new Set([159, 160, 164, 202, 209, 210, 241, 242, 243, 252, 279, 319, 425, 439, 516, 999, 1002]);

/** The official client, for one user of a store that may move. Every error is StoreDown or StoreRefused. */
export class StoreClient {
  readonly #place: () => StorePlace | null;
  #client: { readonly client: ClickHouseClient; readonly url: string } | null = null;

  /** @param place where the store is now; null while it is down */
  constructor(place: () => StorePlace | null) {
    this.#place = place;
  }

  async #current(): Promise<ClickHouseClient> {
    const place = this.#place();
    if (place === null) throw new StoreDown('the store is not running');
    if (this.#client?.url === place.url) return this.#client.client;
    // Its connections lead to a port where nobody listens any more.
    void this.#client?.client.close().catch(() => undefined);
    // Here, so that no command without a store pays for loading it.
    const { ClickHouseLogLevel, createClient } = await import('@clickhouse/client');
    const client = createClient({
      url: place.url,
      username: place.login.user,
      password: place.login.password,
      ...(place.database === null ? {} : { database: place.database }),
      request_timeout: request_timeout_ms,
      application: 'weir',
      log: { level: ClickHouseLogLevel.OFF },
    });
    this.#client = { client, url: place.url };
    return client;
  }

  async #do<Result>(work: (client: ClickHouseClient) => Promise<Result>): Promise<Result> {
    try {
      return await work(await this.#current());
    } catch (error) {
      throw storeError(error);
    }
  }

  async command(query: string, { settings = {}, params = {} }: StatementOptions = {}): Promise<void> {
    await this.#do((client) => client.command({ query, clickhouse_settings: settings, query_params: params }));
  }

  /** All rows of a small result; integers of 64 bits are texts. */
  rows<Row extends StoreRow>(query: string, options: StatementOptions = {}): Promise<Row[]> {
    const { settings = {}, params = {} } = options;
    const asked = { query, clickhouse_settings: settings, query_params: params, format: 'JSONEachRow' } as const;
    return this.#do(async (client) => (await client.query(asked)).json<Row>());
  }

  /** Inserts rows given as objects by column name. */
  async insert(table: string, rows: readonly StoreRow[], settings: StatementOptions['settings'] = {}): Promise<void> {
    await this.#do((client) =>
      client.insert({ table, values: [...rows], format: 'JSONEachRow', clickhouse_settings: settings }),
    );
  }

  /** Inserts bytes of a format, as they are; the pieces follow one another, and are not changed until this resolves. */
  async insertBytes(
    query: string,
    pieces: readonly Uint8Array[],
    settings: StatementOptions['settings'] = {},
  ): Promise<void> {
    const buffers = pieces.map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length));
    const values = Readable.from(buffers, { objectMode: false });
    await this.#do(async (client) => {
      const { stream } = await client.exec({ query, values, clickhouse_settings: settings });
      stream.resume();
    });
  }

  /** The bytes of a result in the format that the statement names, as they come. */
  async *bytes(query: string, { settings = {}, params = {}, signal }: StatementOptions = {}): AsyncGenerator<Buffer> {
    try {
      const options = { query, clickhouse_settings: settings, query_params: params };
      const { stream } = await (await this.#current()).exec({
        ...options,
        ...(signal === undefined ? {} : { abort_signal: signal }),
      });
      yield* stream as AsyncIterable<Buffer>;
    } catch (error) {
      throw storeError(error);
    }
  }

  async close(): Promise<void> {
    await this.#client?.client.close();
    this.#client = null;
  }
}

/** Nothing of the address is in these messages but what the system says: a user's password cannot be. */
function storeError(error: unknown): Error {
  if (error instanceof StoreDown || error instanceof StoreRefused) return error;
  const { code, type, message } = error as Error & { code?: string; type?: string };
  // What ClickHouse itself says has a number; errors of the system have a name.
  if (/^\d+$/.test(String(code))) {
    const text = `${message.trim()} (code ${code}${type === undefined ? '' : `, ${type}`})`;
    return passing.has(Number(code)) ? new StoreDown(text) : new StoreRefused(text, Number(code));
  }
  return new StoreDown(message === '' || message === undefined ? String(code ?? error) : message);
}
