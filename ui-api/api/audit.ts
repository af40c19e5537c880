import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AuditEntry, appendAudit } from '../access/audit-file.ts';
import { newestFirst } from '../records/page.ts';
import type { RecordFile } from '../records/record-file.ts';
import { asProblem, pageOf, pageParameters, timeOf, timeParameters } from './alerts.ts';
import { ApiError } from './problem.ts';
import { identityOf, type RouteDoc, route } from './route.ts';

/**
 * Writes what a request does into the audit, before it is done.
 * @throws ApiError when it cannot be written: then it is not done
 */
export type Audit = (
  request: FastifyRequest,
  action: string,
  target: string,
  outcome: string,
  details?: Readonly<Record<string, unknown>>,
) => void;

export function auditOf(path: string, now_ms: () => number): Audit {
  return (request, action, target, outcome, details = {}) => {
    const { id, name } = identityOf(request);
    const at = new Date(now_ms()).toISOString();
    const entry: AuditEntry = { at, who: { id, name }, from: request.ip, action, target, outcome, details };
    try {
      appendAudit(path, entry);
    } catch (error) {
      request.log.error({ err: error }, 'the audit cannot be written');
      throw new ApiError('audit_failed', 'audit.ndjson cannot be written', 'see weir.log in the data folder', {
        'retry-after': '30',
      });
    }
  };
}

const text = { type: 'string', minLength: 1, maxLength: 200 };
const doc: RouteDoc = {
  id: 'listAudit',
  tag: 'audit',
  summary: 'Who did what, the latest first',
  description: 'Deployments, runs, changes of tokens, and readings of this list: this one is in it as well.',
  roles: ['auditor'],
  problems: ['bad_cursor', 'unknown_cursor', 'audit_failed'],
  answers: {
    200: {
      description: 'A page',
      content: {
        'application/json': pageOf({
          type: 'object',
          required: ['at', 'who', 'from', 'action', 'target', 'outcome'],
          properties: { at: text, who: { type: 'object' }, from: text, action: text, target: text, outcome: text },
        }),
      },
    },
  },
};

/** GET /v1/audit. */
export function addAuditRoutes(app: FastifyInstance, file: RecordFile, audit: Audit): void {
  const querystring = {
    who: { ...text, description: 'id or name of a token' },
    action: { ...text, description: 'as rule.deploy, run.start, run.cancel, token.create, token.revoke, audit.read' },
    ...timeParameters,
    ...pageParameters,
  };
  app.get('/v1/audit', route(doc, { querystring }), async (request) => {
    const query = request.query as Readonly<Record<string, string>> & { readonly limit: number };
    const { who, action, cursor = null, limit } = query;
    const from_ms = timeOf('since', query.since) ?? Number.NEGATIVE_INFINITY;
    const until_ms = timeOf('until', query.until) ?? Number.POSITIVE_INFINITY;
    audit(request, 'audit.read', 'audit', 'done');
    const fits = (entry: Readonly<Record<string, unknown>>): boolean => {
      const time_ms = Date.parse(String(entry.at));
      const { id, name } = (entry.who ?? {}) as { id?: unknown; name?: unknown };
      const isTheirs = who === undefined || id === who || name === who;
      return isTheirs && (action === undefined || entry.action === action) && time_ms >= from_ms && time_ms < until_ms;
    };
    return asProblem(() => newestFirst(file, fits, limit, cursor));
  });
}
