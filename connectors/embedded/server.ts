import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Session } from 'chdb';
import { Answer } from './answer.ts';
import { Gate } from './gate.ts';
import { contentType, literal, type RequestAddress, readAddress, streamed } from './protocol.ts';
import { checkRole, type ReaderLimits, type Role, roleOf, settingsOf } from './roles.ts';
import { RefusedStatement, readStatement, type Statement } from './statement.ts';

/** Largest text of a statement, and the largest body of rows. */
const statement_bytes = 1024 * 1024;
const rows_bytes = 512 * 1024 * 1024;
/** Statements at once: each occupies a thread of the pool, which child.ts makes larger than this. */
const statements_at_once = 8;
const statements_waiting = 64;

export interface ServerOptions {
  readonly folder: string;
  readonly passwords: Readonly<Record<Role, string>>;
  readonly reader_limits: ReaderLimits;
  /** Opens one more session of the database: chdb runs one statement at a time in each. */
  readonly open: () => Session;
}

/**
 * ClickHouse's HTTP interface over chdb, as far as Weir and its analysts need it: /ping, statements, inserts in any
 * format, streamed results, parameters, settings per statement, two users. No sessions, no progress headers.
 */
export class EmbeddedServer {
  readonly #options: ServerOptions;
  readonly #gate = new Gate(statements_at_once, statements_waiting);
  readonly #spool: string;
  readonly #server: Server;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#spool = join(options.folder, 'spool');
    rmSync(this.#spool, { recursive: true, force: true });
    mkdirSync(this.#spool, { recursive: true, mode: 0o700 });
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** Listens on loopback, on a port that the system chooses. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  /** Takes nothing more; resolves when no statement runs. */
  close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    return this.#gate.idle();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A target such as `//` is no address relative to anything: what stands before its first ? is only compared.
    const target = request.url ?? '/';
    const at = target.indexOf('?');
    const path = at === -1 ? target : target.slice(0, at);
    const address = readAddress(new URLSearchParams(at === -1 ? '' : target.slice(at)));
    const answer = new Answer(response, address.query_id ?? randomUUID(), wantsGzip(request, address));
    // Whatever is wrong with a request, the process that holds everybody's database goes on.
    try {
      if (path === '/ping') await answer.whole('text/plain', Buffer.from('Ok.\n'));
      else await this.#run(request, address, answer);
    } catch (error) {
      answer.fail(error);
      // What was not read of the body would be taken for the next request.
      request.resume();
    }
  }

  async #run(request: IncomingMessage, address: RequestAddress, answer: Answer): Promise<void> {
    const role = roleOf(request, this.#options.passwords);
    if (role === null) throw new RefusedStatement('Authentication failed: no such user, or a wrong password', 516);
    const body = /gzip/.test(request.headers['content-encoding'] ?? '') ? unzipped(request) : request;
    // The statement stands in the address (then rows may be the body), or is the body, or is cut between the two.
    let statement = readStatement(address.query === '' ? await textOf(body) : address.query);
    const takesBody = address.query !== '' && statement.data !== null;
    if (address.query !== '' && !takesBody) statement = readStatement(`${address.query}\n${await textOf(body)}`);
    checkRole(role, statement);
    await this.#gate.enter();
    let session: Session | null = null;
    try {
      session = this.#options.open();
      await session.queryAsync(settingsOf(role, address.settings, this.#options.reader_limits));
      for (const [name, value] of address.params) await session.queryAsync(`SET ${name} = ${literal(value)}`);
      if (address.database !== null && address.database !== '' && address.database !== 'default') {
        await session.queryAsync(`USE \`${address.database.replace(/[^\w]/g, '')}\``);
      }
      if (statement.data === null) await this.#answer(session, statement, address, answer);
      else await this.#insert(session, statement, takesBody ? body : Readable.from([statement.data]), answer);
    } finally {
      session?.close();
      this.#gate.leave();
    }
  }

  /**
   * Rows go through a file: chdb cuts an inline insert at the first blank line and runs what follows as SQL. The file's
   * name is ours, and whatever stands in it is data.
   */
  async #insert(session: Session, { format }: Statement, rows: Readable, answer: Answer): Promise<void> {
    const path = join(this.#spool, randomUUID());
    try {
      const bytes = await spool(rows, path);
      if (bytes > 0 && format !== null) {
        await session.queryAsync(`${format.before} FROM INFILE ${literal(path)} FORMAT ${format.name}`);
      }
      await answer.whole('text/plain', Buffer.alloc(0));
    } finally {
      rmSync(path, { force: true });
    }
  }

  async #answer(session: Session, statement: Statement, address: RequestAddress, answer: Answer): Promise<void> {
    const format = statement.format?.name ?? address.format ?? 'TabSeparated';
    const sql = statement.format?.before ?? statement.sql;
    if ((statement.verb === 'SELECT' || statement.verb === 'WITH') && streamed.has(format)) {
      await answer.stream(contentType(format), session.queryStream(sql, { format }));
      return;
    }
    const result = await session.queryAsync(sql, { format });
    await answer.whole(contentType(format), result.bytes());
  }
}

function wantsGzip({ headers }: IncomingMessage, { compress }: RequestAddress): boolean {
  return compress && /gzip/.test(String(headers['accept-encoding'] ?? ''));
}

/** Ends with an error where the request is cut off: its reader does not wait for the rest for ever. */
function unzipped(request: IncomingMessage): Readable {
  const gunzip = createGunzip();
  pipeline(request, gunzip).catch((error: Error) => gunzip.destroy(error));
  return gunzip;
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > statement_bytes) throw new RefusedStatement(`a statement has at most ${statement_bytes} bytes`, 307);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Writes all rows to the file; gives their size. Piece by piece as they come, into the system's memory: a stream to the
 * file and a thread for each piece cost more than the writing.
 */
async function spool(rows: Readable, path: string): Promise<number> {
  const file = openSync(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of rows as AsyncIterable<Buffer | string>) {
      const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytes += piece.length;
      if (bytes > rows_bytes) throw new RefusedStatement(`an insert has at most ${rows_bytes} bytes`, 307);
      for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
