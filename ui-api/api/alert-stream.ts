import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fitsFilter } from '../records/alert-filter.ts';
import { AlertStream, type StreamStep } from '../records/alert-stream.ts';
import { asProblem, filterOf, filterParameters } from './alerts.ts';
import { isBlindOf } from './blind.ts';
import { ApiError } from './problem.ts';
import { identityOf, type RouteDoc, route, tenantAsked } from './route.ts';
import type { AlertService } from './service.ts';

/** A line this often keeps proxies from closing a quiet stream, and tells how far its reader has come. */
const heartbeat_ms = 15_000;
/** A reader that takes nothing for so long is gone, or as good as gone: it comes back with Last-Event-ID. */
const stalled_ms = 120_000;
/** Streams at a time; each holds one piece of the file at most. */
const most_streams = 256;

const doc: RouteDoc = {
  id: 'streamAlerts',
  tag: 'alerts',
  summary: 'Detections as they are published (server-sent events)',
  description:
    'Events `detection` (a detection record) and `blind` (an interval in which Weir did not see). Each has an id; a reader ' +
    'that comes back with the last one as `Last-Event-ID`, as EventSource does by itself, misses nothing and gets ' +
    'nothing twice, also when Weir was restarted in between. Without it the stream begins now.',
  roles: ['reader'],
  holds_tenant: true,
  problems: ['bad_cursor', 'unknown_cursor', 'too_many_streams'],
  headers: { 'Last-Event-ID': { type: 'string', description: 'where to go on; before ?cursor' } },
  answers: { 200: { description: 'A stream', content: { 'text/event-stream': { type: 'string' } } } },
};

/** GET /v1/alerts/stream. */
export function addAlertStream(app: FastifyInstance, alerts: AlertService): { readonly open: number } {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });
  const cursor = { type: 'string', description: 'where to go on; `start`: with the first detection of all' };
  const querystring = { ...filterParameters, cursor };
  app.get('/v1/alerts/stream', route(doc, { querystring }), async (request, reply) => {
    const query = request.query as Record<string, string | undefined>;
    const filter = filterOf(query, tenantAsked(request, query.tenant));
    const { tenant = null } = identityOf(request);
    if (open.size >= most_streams) throw tooManyStreams();
    const stream = await asProblem(() => AlertStream.open(alerts.followed, resumeFrom(request)));
    reply.hijack();
    const { raw } = reply;
    const reader = new StreamReader(raw, stream, (event, value) =>
      event === 'blind' ? isBlindOf(tenant, value) : fitsFilter(value, filter),
    );
    open.add(reader.end);
    raw.on('close', reader.end);
    raw.on('error', reader.end);
    // Whoever went while the stream was opened: no event tells of it any more.
    if (raw.destroyed) reader.end();
    const unsubscribe = alerts.subscribe(reader.wake);
    const heartbeat = setInterval(reader.wake, heartbeat_ms);
    await reader.run().catch((error: unknown) => {
      request.log.error({ err: error }, 'a stream of alerts failed');
      raw.destroy();
    });
    clearInterval(heartbeat);
    unsubscribe();
    open.delete(reader.end);
  });
  return {
    get open() {
      return open.size;
    },
  };
}

/** Whether a record is for the reader. */
type Fits = (event: string, value: Readonly<Record<string, unknown>>) => boolean;

/** One reader: what there is goes out as fast as it is taken, then it waits to be woken. */
class StreamReader {
  readonly #raw: ServerResponse;
  readonly #stream: AlertStream;
  readonly #fits: Fits;
  #isOpen = true;
  #wake: () => void = () => undefined;
  #isWoken = false;

  constructor(raw: ServerResponse, stream: AlertStream, fits: Fits) {
    this.#raw = raw;
    this.#stream = stream;
    this.#fits = fits;
  }

  readonly end = (): void => {
    this.#isOpen = false;
    this.wake();
  };

  readonly wake = (): void => {
    this.#isWoken = true;
    this.#wake();
  };

  /** Ends when the reader went, or end() was called. */
  async run(): Promise<void> {
    const raw = this.#raw;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    let told = '';
    while (this.#isOpen) {
      this.#isWoken = false;
      const step = await this.#stream.next();
      if (!this.#isOpen) break;
      if (step !== null) await this.#send(this.#textOf(step));
      else {
        const { cursor } = this.#stream;
        // An id without data is remembered by the reader and shown to nobody.
        await this.#send(told === cursor ? ': still here\n\n' : `: here\nid: ${cursor}\n\n`);
        told = cursor;
        await this.#woken();
      }
    }
    raw.end();
    // An end would wait behind what a slow reader does not read.
    if (raw.writableNeedDrain) raw.destroy();
  }

  #textOf({ event, records }: StreamStep): string {
    let text = '';
    for (const { record, cursor } of records) {
      const { value } = record;
      if (value === null || !this.#fits(event, value)) continue;
      text += `event: ${event}\nid: ${cursor}\ndata: ${record.line.toString('utf8')}\n\n`;
    }
    return text;
  }

  /** Resolves when the reader can take more, or is gone. */
  async #send(text: string): Promise<void> {
    if (text === '' || this.#raw.write(text)) return;
    await new Promise<void>((resolve) => {
      const stalled = setTimeout(() => this.#raw.destroy(), stalled_ms);
      const done = (): void => {
        clearTimeout(stalled);
        this.#raw.off('drain', done);
        this.#raw.off('close', done);
        this.#wake = () => undefined;
        resolve();
      };
      this.#raw.once('drain', done);
      this.#raw.once('close', done);
      // An end that is asked for does not wait for a reader that does not read.
      this.#wake = () => {
        if (!this.#isOpen) done();
      };
    });
  }

  async #woken(): Promise<void> {
    if (this.#isWoken) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** EventSource sends the last id it saw when it connects again. */
function resumeFrom(request: FastifyRequest): string | null {
  const { cursor } = request.query as { cursor?: string };
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && header !== '' ? header : (cursor ?? null);
}

function tooManyStreams(): ApiError {
  return new ApiError(
    'too_many_streams',
    `${most_streams} readers follow the alerts already`,
    'close one of them, or ask GET /v1/alerts now and then',
    { 'retry-after': '30' },
  );
}
