import type { FastifyInstance } from 'fastify';
import { ApiError } from './problem.ts';
import { type RouteDoc, route } from './route.ts';
import type { ApiServices } from './service.ts';
import { checkedNonce, instanceProof } from './token.ts';

/** Less than this, and the log may be full at any moment. */
const least_free_bytes = 64 * 1024 * 1024;

const healthDoc: RouteDoc = {
  id: 'getHealth',
  tag: 'service',
  summary: 'Whether Weir is alive',
  description:
    'With a nonce it proves that it knows the first token: `proof` is the HMAC-SHA-256 of `weir health NONCE PORT`.',
  roles: 'open',
  problems: ['bad_nonce'],
  answers: {
    200: {
      description: 'It is',
      content: {
        'application/json': {
          type: 'object',
          required: ['status'],
          properties: { status: { const: 'alive' }, proof: { type: 'string' } },
        },
      },
    },
  },
};

const readyDoc: RouteDoc = {
  id: 'getReady',
  tag: 'service',
  summary: 'Whether Weir takes events: it has recovered, and its log can be written',
  description:
    'The API listens when what the log holds was read again, so that an answer means that Weir has recovered.',
  roles: 'open',
  problems: ['not_ready'],
  answers: {
    200: {
      description: 'It does',
      content: {
        'application/json': {
          type: 'object',
          required: ['status', 'recovered', 'log_writable'],
          properties: { status: { const: 'ready' }, recovered: { const: true }, log_writable: { const: true } },
        },
      },
    },
  },
};

const statusDoc: RouteDoc = {
  id: 'getStatus',
  tag: 'service',
  summary: 'Counters, watermark, rules, queue, what bounds dropped, failed casts and overflows, bytes',
  roles: ['reader', 'author', 'operator'],
  answers: {
    200: {
      description: 'How it goes',
      content: {
        'application/json': {
          type: 'object',
          required: ['state', 'counters', 'watermark', 'log_position'],
          properties: {
            state: { type: 'string' },
            counters: { type: 'object', additionalProperties: { type: 'integer' } },
            watermark: { type: ['string', 'null'] },
            log_position: { type: 'integer' },
          },
        },
      },
    },
  },
};

/** GET /v1/health, /v1/ready and /v1/status. */
export function addHealthRoutes(app: FastifyInstance, { live, free_bytes }: ApiServices, token: string): void {
  const nonce = { type: 'string', description: '32 to 128 hexadecimal digits' };
  app.get('/v1/health', route(healthDoc, { querystring: { nonce } }), async (request) => {
    const given = (request.query as { nonce?: unknown }).nonce;
    const port = request.socket.localPort ?? 0;
    return {
      status: 'alive',
      ...(given === undefined ? {} : { proof: instanceProof(token, checkedNonce(given), port) }),
    };
  });
  app.get('/v1/ready', route(readyDoc), async () => {
    const { state } = live.status();
    if (state !== 'running') throw notReady(`Weir is ${state}: it takes no events`, 'see weir.log in the data folder');
    const free = await free_bytes();
    if (free !== null && free < least_free_bytes) {
      throw notReady(`the disk of the log has ${free} bytes left`, 'make room: the log grows with what comes in');
    }
    return { status: 'ready', recovered: true, log_writable: true };
  });
  app.get('/v1/status', route(statusDoc), async () => live.status());
}

function notReady(message: string, hint: string): ApiError {
  return new ApiError('not_ready', message, hint, { 'retry-after': '5' });
}
