import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from './errors.ts';
import { type BodyLine, refuseOneDocument, splitLines, withEventId } from './lines.ts';
import { IntakeClosed, type LineResult, type LiveService } from './service.ts';

const partitionName = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;
const retry_after_seconds = 1;

/** A line's message may quote the line: an answer stays small whatever the body was. */
const message_characters = 200;

/** POST /v1/events: NDJSON in, one result per line out, and 200 only when the log has all of it on disk. */
export function addEventRoutes(app: FastifyInstance, service: LiveService, request_lines: number): void {
  app.post('/v1/events', async (request, reply) => {
    const partition = partitionOf(request);
    const key = idempotencyKey(request);
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const lines = splitLines(body, request_lines);
    if (lines.length === 0) {
      throw new ApiError(400, 'empty_body', 'the body holds no event', 'send NDJSON: one JSON object per line');
    }
    refuseOneDocument(body, lines);
    const records = lines.map((line) => (key === null ? line.bytes : withEventId(line.bytes, `${key}#${line.number}`)));
    return answer(request, reply, lines, await submitted(service, partition, records));
  });
}

function partitionOf(request: FastifyRequest): string {
  const { partition } = request.query as { partition?: unknown };
  if (partition === undefined) return 'http';
  if (typeof partition === 'string' && partitionName.test(partition)) return partition;
  throw new ApiError(
    400,
    'bad_partition',
    'a partition is named by letters, digits and . _ : / - (at most 100, a letter or digit first)',
    'use one partition per sender whose events come in order, for example ?partition=web-1',
  );
}

function idempotencyKey(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new ApiError(
    400,
    'bad_idempotency_key',
    'an Idempotency-Key has 1 to 200 printable characters without spaces',
    'use a UUID or a hash of the batch',
  );
}

async function submitted(
  service: LiveService,
  partition: string,
  records: readonly Uint8Array[],
): Promise<readonly LineResult[]> {
  const promise = service.submit(partition, records);
  if (promise === null) {
    throw new ApiError(429, 'queue_full', 'more events wait than Weir may hold', 'send the same request again later', {
      'retry-after': String(retry_after_seconds),
    });
  }
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof IntakeClosed)) throw error;
    throw new ApiError(503, 'not_accepting', error.message, 'nothing of this request counts; send it again later', {
      'retry-after': '5',
    });
  }
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  lines: readonly BodyLine[],
  results: readonly LineResult[],
): FastifyReply {
  const rows = results.map((result, i) => ({ line: lines[i].number, ...shortened(result) }));
  if (request.headers.accept?.includes('ndjson')) {
    return reply.type('application/x-ndjson').send(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  const counts = { read: rows.length, accepted: 0, duplicate: 0, late: 0, rejected: 0 };
  for (const row of rows) counts[row.status]++;
  return reply.type('application/json').send(`${JSON.stringify({ ...counts, lines: rows })}\n`);
}

function shortened(result: LineResult): LineResult {
  const { message } = result;
  if (message === undefined || message.length <= message_characters) return result;
  return { ...result, message: `${message.slice(0, message_characters).toWellFormed()}...` };
}
