import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { errorText, lateError, statusOf } from './protocol.ts';

interface Chunk {
  raw(): Uint8Array;
}

/** The answer to one request, as ClickHouse's HTTP interface gives it. */
export class Answer {
  readonly #response: ServerResponse;
  readonly #query_id: string;
  readonly #gzip: boolean;
  /** Sixteen characters that no row can foresee: behind them an error stands in the middle of a result. */
  readonly #tag = randomBytes(8).toString('hex');
  #body: Writable | null = null;
  #gone = false;

  constructor(response: ServerResponse, query_id: string, gzip: boolean) {
    this.#response = response;
    // It comes from the request and goes into a header.
    this.#query_id = query_id.replace(/[^\w-]/g, '').slice(0, 64);
    this.#gzip = gzip;
    response.on('close', () => {
      this.#gone = true;
    });
    response.on('error', () => undefined);
  }

  #headers(type: string): Record<string, string> {
    return {
      'content-type': type,
      'x-clickhouse-query-id': this.#query_id,
      'x-clickhouse-server-display-name': 'weir',
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-exception-tag': this.#tag,
      ...(this.#gzip ? { 'content-encoding': 'gzip' } : {}),
    };
  }

  async whole(type: string, bytes: Uint8Array): Promise<void> {
    const body = this.#gzip ? gzipSync(bytes) : bytes;
    this.#response.writeHead(200, this.#headers(type));
    this.#response.end(body);
  }

  /** Block after block, no faster than the reader takes them. A reader that goes away ends the statement. */
  async stream(type: string, chunks: AsyncIterable<Chunk>): Promise<void> {
    const all = chunks[Symbol.asyncIterator]();
    // Before the headers: what is wrong with the statement itself is an answer with its own status.
    let next = await all.next();
    this.#response.writeHead(200, this.#headers(type));
    const body = this.#begin();
    try {
      while (next.done !== true && !this.#gone) {
        if (!body.write(next.value.raw())) await this.#room(body);
        next = await all.next();
      }
    } finally {
      if (this.#gone) await all.return?.();
    }
    body.end();
  }

  #begin(): Writable {
    if (!this.#gzip) this.#body = this.#response;
    else {
      const gzip = createGzip({ level: 1 });
      gzip.pipe(this.#response);
      gzip.on('error', () => undefined);
      this.#body = gzip;
    }
    return this.#body;
  }

  async #room(body: Writable): Promise<void> {
    const waits = new AbortController();
    const options = { signal: waits.signal };
    const settled = [once(body, 'drain', options), once(this.#response, 'close', options)];
    await Promise.race(settled).catch(() => undefined);
    waits.abort();
    await Promise.allSettled(settled);
  }

  fail(error: unknown): void {
    const { code, text } = errorText(error);
    if (this.#gone) return;
    if (this.#response.headersSent) {
      (this.#body ?? this.#response).end(lateError(text, this.#tag));
      return;
    }
    this.#response.writeHead(statusOf(code), {
      'content-type': 'text/plain; charset=UTF-8',
      'x-clickhouse-query-id': this.#query_id,
      'x-clickhouse-exception-code': String(code),
    });
    this.#response.end(text);
  }
}
