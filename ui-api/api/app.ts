import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { Identity } from '../access/roles.ts';
import { addAlertStream } from './alert-stream.ts';
import { addAlertRoutes } from './alerts.ts';
import { addAuditRoutes, auditOf } from './audit.ts';
import { addBlindRoutes } from './blind.ts';
import { addErrorHandlers, answerError, answerUnreadable, most_part_characters, refuseEncoding } from './errors.ts';
import { addEventSearch } from './event-search.ts';
import { addEventRoutes } from './events.ts';
import { Gate } from './gate.ts';
import { addHealthRoutes } from './health.ts';
import { addMetrics } from './metrics.ts';
import { addOpenApi } from './openapi.ts';
import { ApiError } from './problem.ts';
import { addRoot } from './root.ts';
import { addRuleRoutes } from './rules.ts';
import { addRunRoutes } from './runs.ts';
import type { ApiServices } from './service.ts';

export interface ApiOptions {
  readonly services: ApiServices;
  /** The first token: health proves that it is known. */
  readonly token: string;
  /** Whose token it is; null: nobody's. */
  readonly identify: (token: string) => Identity | null;
  readonly body_bytes: number;
  /** Most lines of one request. */
  readonly request_lines: number;
  /** Of one token, and of one address. */
  readonly requests_per_second: number;
  readonly version: string;
  readonly now_ms: () => number;
  readonly logger: FastifyBaseLogger;
  /** For the rates; a clock that does not step back. */
  readonly monotonic_ms: () => number;
}

/** The HTTP API, ready to listen. It keeps nothing: what it serves is behind ApiServices. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { services, body_bytes } = options;
  const app = fastify({
    loggerInstance: options.logger,
    // One line per request, by the hook below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: body_bytes,
    forceCloseConnections: 'idle',
    // What comes while it closes is answered as a problem, by the hook below.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // A client that sends its head or body by drops may not hold a connection for ever.
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: most_part_characters },
    // What a schema does not name is refused, not dropped: a misspelt parameter would change the answer in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, allErrors: false } },
    // What fails before a route is found: an address that cannot be decoded, bytes that are no HTTP.
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, body_bytes),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket),
  });
  addErrorHandlers(app, body_bytes);
  addOpenApi(app, options.version);
  // Events are bytes, whatever a client calls them (curl says application/x-www-form-urlencoded).
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  refuseWhileClosing(app);
  const gate = new Gate(options);
  gate.guard(app);
  app.addHook('onRequest', async (request) => refuseEncoding(request.headers['content-encoding']));
  app.addHook('onResponse', async (request, reply) => {
    const who = request.identity === null ? {} : { who: request.identity.name };
    request.log.info({ req: request, res: reply, ...who, ms: Math.round(reply.elapsedTime) }, 'request');
  });
  const streams = addAlertStream(app, services.alerts);
  addMetrics(app, { live: services.live, blind: services.blind, gate: gate.counters, streams });
  addRoot(app);
  addHealthRoutes(app, services, options.token);
  addEventRoutes(app, services.live, options.request_lines);
  addAlertRoutes(app, services.alerts, services.rules);
  addEventSearch(app, services.events);
  addBlindRoutes(app, services.blind);
  const audit = auditOf(services.audit.path, options.now_ms);
  addRuleRoutes(app, services.rules, services.alerts.history, audit);
  addRunRoutes(app, services.runs, services.alerts, audit);
  addAuditRoutes(app, services.audit, audit);
  return app;
}

/** A sender whose connection stays open learns that nothing of it was taken, and comes again. */
function refuseWhileClosing(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async () => {
    if (!isClosing) return;
    const headers = { 'retry-after': '5', connection: 'close' };
    throw new ApiError(
      'not_accepting',
      'Weir is stopping: nothing of this request was taken',
      'send it again',
      headers,
    );
  });
}

/** How long requests that are on their way may take when Weir stops. */
const grace_ms = 2000;

/** Takes no new requests, lets those on their way end, and cuts what is too slow. */
export async function closeApi(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), grace_ms);
  await app.close();
  clearTimeout(cut);
}
