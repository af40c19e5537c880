import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { addDetectionRoutes } from './detections.ts';
import { addErrorHandlers, answerError, answerUnreadable, refuseEncoding } from './errors.ts';
import { addEventRoutes } from './events.ts';
import type { LiveService } from './service.ts';
import { checkedNonce, instanceProof, tokenCheck } from './token.ts';

export interface ApiOptions {
  readonly service: LiveService;
  readonly token: string;
  readonly body_bytes: number;
  /** Most lines of one request. */
  readonly request_lines: number;
  readonly logger: FastifyBaseLogger;
}

/** The HTTP API, ready to listen. It keeps nothing: what it serves is behind LiveService. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: options.logger,
    // One line per request, by the hook below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.body_bytes,
    forceCloseConnections: 'idle',
    // A client that sends its head or body by drops may not hold a connection for ever.
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
    // What fails before a route is found: an address that cannot be decoded, bytes that are no HTTP.
    frameworkErrors: (error, _request, reply) => answerError(error, reply, options.body_bytes),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket),
  });
  addErrorHandlers(app, options.body_bytes);
  // Events are bytes, whatever a client calls them (curl says application/x-www-form-urlencoded).
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const check = tokenCheck(options.token);
  app.addHook('onRequest', async (request) => {
    // Before the body is read: nobody without the token can make Weir hold one.
    if (request.routeOptions.url !== '/v1/health') check(request.headers.authorization);
    refuseEncoding(request.headers['content-encoding']);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({ req: request, res: reply, ms: Math.round(reply.elapsedTime) }, 'request');
  });
  app.get('/v1/health', async (request, reply) => {
    const { nonce } = request.query as { nonce?: unknown };
    const port = request.socket.localPort ?? 0;
    const proof = nonce === undefined ? {} : { proof: instanceProof(options.token, checkedNonce(nonce), port) };
    return reply.type('application/json').send(`${JSON.stringify({ status: 'alive', ...proof })}\n`);
  });
  app.get('/v1/status', async (_request, reply) =>
    reply.type('application/json').send(`${JSON.stringify(options.service.status())}\n`),
  );
  addEventRoutes(app, options.service, options.request_lines);
  addDetectionRoutes(app, options.service.feed);
  return app;
}

/** How long requests that are on their way may take when Weir stops. */
const grace_ms = 2000;

/** Takes no new requests, lets those on their way end, and cuts what is too slow. */
export async function closeApi(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), grace_ms);
  await app.close();
  clearTimeout(cut);
}
