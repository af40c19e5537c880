import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './errors.ts';
import type { DetectionSource } from './service.ts';

const most = 1000;
/** A comment line this often keeps proxies from closing a quiet stream. */
const heartbeat_ms = 15_000;
/** A reader that lets this much pile up is cut off: it comes back with ?since. */
const buffer_bytes = 4 * 1024 * 1024;
/** Live streams at a time: each may hold `buffer_bytes`. */
const most_streams = 64;

/** GET /v1/detections (the latest, as NDJSON) and GET /v1/detections/live (server-sent events). */
export function addDetectionRoutes(app: FastifyInstance, feed: DetectionSource): void {
  app.get('/v1/detections', async (request, reply) => {
    const { since, limit } = request.query as { since?: string; limit?: string };
    const records = feed.recent(parseLimit(limit), since ?? null);
    if (records === null) throw unknownSince(since);
    return reply.type('application/x-ndjson').send(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  });
  addLiveRoute(app, feed);
}

function addLiveRoute(app: FastifyInstance, feed: DetectionSource): void {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });
  app.get('/v1/detections/live', (request, reply) => {
    const since = resumeFrom(request);
    const missed = since === null ? [] : feed.recent(most, since);
    if (missed === null) throw unknownSince(since);
    if (open.size >= most_streams) throw tooManyStreams();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const end = (): void => {
      clearInterval(heartbeat);
      unsubscribe();
      open.delete(end);
      raw.end();
    };
    const write = (text: string): void => {
      raw.write(text);
      if (raw.writableLength <= buffer_bytes) return;
      end();
      // An end would wait behind what the reader does not read, and hold it in memory as long.
      raw.destroy();
    };
    const send = (record: { readonly id: string }): void =>
      write(`event: detection\nid: ${record.id}\ndata: ${JSON.stringify(record)}\n\n`);
    const unsubscribe = feed.subscribe(send);
    const heartbeat = setInterval(() => write(': still here\n\n'), heartbeat_ms);
    open.add(end);
    raw.on('close', end);
    raw.on('error', end);
    raw.write(': live\n\n');
    for (const record of missed) {
      if (!open.has(end)) break;
      send(record);
    }
  });
}

/** EventSource sends the last id it saw when it connects again. */
function resumeFrom(request: FastifyRequest): string | null {
  const { since } = request.query as { since?: string };
  const header = request.headers['last-event-id'];
  return since ?? (typeof header === 'string' && header !== '' ? header : null);
}

function parseLimit(limit: string | undefined): number {
  if (limit === undefined) return 100;
  const value = Number(limit);
  if (/^\d+$/.test(limit) && value >= 1 && value <= most) return value;
  throw new ApiError(400, 'bad_limit', `limit is a whole number from 1 to ${most}`, 'for example ?limit=50');
}

function tooManyStreams(): ApiError {
  return new ApiError(
    503,
    'too_many_streams',
    `${most_streams} readers follow the detections already`,
    'close one of them, or ask GET /v1/detections?since=ID now and then',
    { 'retry-after': '30' },
  );
}

function unknownSince(since: string | null | undefined): ApiError {
  return new ApiError(
    410,
    'unknown_since',
    `no detection with the id ${JSON.stringify(since ?? '')} is among the latest`,
    'ask without since; all detections stand in detections.ndjson in the data folder',
  );
}
