import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../access/roles.ts';
import { ofTenant, refuseOneDocument, splitLines, withEventId } from './lines.ts';
import { ApiError } from './problem.ts';
import { identityOf, type RouteDoc, route } from './route.ts';
import { IntakeClosed, type LineResult, type LiveService } from './service.ts';

const partitionName = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;
const retry_after_seconds = 1;

/** A line's message may quote the line: an answer stays small whatever the body was. */
const message_characters = 200;

const line_result = {
  type: 'object',
  required: ['line', 'status'],
  properties: {
    line: { type: 'integer', description: 'its number in the body, from 1' },
    status: { type: 'string', enum: ['accepted', 'duplicate', 'late', 'rejected'] },
    reason: { type: 'string' },
    message: { type: 'string' },
  },
};
const count = { type: 'integer' };

const doc: RouteDoc = {
  id: 'postEvents',
  tag: 'events',
  summary: 'Send events',
  description:
    'One JSON object a line (NDJSON). The answer comes when the log has all of it on disk, with one result per line. ' +
    'A client that sends again must send ids, or an Idempotency-Key.',
  roles: ['sender', 'operator'],
  holds_tenant: true,
  problems: [
    ...(['bad_partition', 'bad_idempotency_key', 'empty_body', 'one_document', 'too_many_partitions'] as const),
    ...(['too_many_lines', 'queue_full', 'not_accepting'] as const),
  ],
  headers: {
    'Idempotency-Key': { type: 'string', description: 'lines without event_id get KEY#LINE as theirs' },
  },
  body: { 'application/x-ndjson': { type: 'string', description: 'events, one JSON object a line' } },
  answers: {
    200: {
      description: 'One result per line; NDJSON where `accept` asks for it',
      content: {
        'application/json': {
          type: 'object',
          required: ['read', 'accepted', 'duplicate', 'late', 'rejected', 'lines'],
          properties: {
            ...{ read: count, accepted: count, duplicate: count, late: count, rejected: count },
            lines: { type: 'array', items: line_result },
          },
        },
        'application/x-ndjson': line_result,
      },
    },
  },
};
const partition = {
  type: 'string',
  description: 'whose events these are: one per sender whose events come in order (default: http)',
};

/** POST /v1/events: NDJSON in, one result per line out, and 200 only when the log has all of it on disk. */
export function addEventRoutes(app: FastifyInstance, service: LiveService, request_lines: number): void {
  app.post('/v1/events', route(doc, { querystring: { partition } }), async (request, reply) => {
    const identity = identityOf(request);
    const partition = partitionOf(request, identity);
    const key = idempotencyKey(request);
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const { bytes: lines, numbers } = splitLines(body, request_lines);
    if (lines.length === 0) {
      throw new ApiError('empty_body', 'the body holds no event', 'send NDJSON: one JSON object per line');
    }
    refuseOneDocument(body, lines);
    const { tenant = null, name } = identity;
    const own = tenant === null ? lines : lines.map((line, i) => ofTenant(line, numbers[i], tenant, name));
    const records = key === null ? own : own.map((line, i) => withEventId(line, `${key}#${numbers[i]}`));
    return answer(request, reply, numbers, await submitted(service, partition, records));
  });
}

/** Partitions of a token of one tenant begin with its name: none of them can hold back or hurry another tenant's. */
function partitionOf(request: FastifyRequest, { tenant = null }: Identity): string {
  const { partition = 'http' } = request.query as { partition?: unknown };
  if (typeof partition === 'string' && partitionName.test(partition)) {
    return tenant === null ? partition : `${tenant}/${partition}`;
  }
  throw new ApiError(
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
    throw new ApiError('queue_full', 'more events wait than Weir may hold', 'send the same request again later', {
      'retry-after': String(retry_after_seconds),
    });
  }
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof IntakeClosed)) throw error;
    throw new ApiError('not_accepting', error.message, 'nothing of this request counts; send it again later', {
      'retry-after': '5',
    });
  }
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  numbers: readonly number[],
  results: readonly LineResult[],
): FastifyReply {
  if (request.headers.accept?.includes('ndjson')) {
    return reply.type('application/x-ndjson').send(rowsOf(numbers, results, '\n').concat('\n'));
  }
  const counts = { read: results.length, accepted: 0, duplicate: 0, late: 0, rejected: 0 };
  for (const { status } of results) counts[status]++;
  const head = JSON.stringify(counts).slice(0, -1);
  return reply.type('application/json').send(`${head},"lines":[${rowsOf(numbers, results, ',')}]}\n`);
}

/** HOT. A line of JSON for each result. Almost all are accepted: theirs is put together from text. */
function rowsOf(numbers: readonly number[], results: readonly LineResult[], between: string): string {
  let text = '';
  for (let i = 0; i < results.length; i++) {
    if (i > 0) text += between;
    if (results[i].status === 'accepted') text += `{"line":${numbers[i]},"status":"accepted"}`;
    else text += JSON.stringify({ line: numbers[i], ...shortened(results[i]) });
  }
  return text;
}

function shortened(result: LineResult): LineResult {
  const { message } = result;
  if (message === undefined || message.length <= message_characters) return result;
  return { ...result, message: `${message.slice(0, message_characters).toWellFormed()}...` };
}
