import type { FastifyInstance } from 'fastify';
import { newestFirst } from '../records/page.ts';
import { asProblem, pageOf, pageParameters, timeOf, timeParameters } from './alerts.ts';
import { identityOf, type RouteDoc, route } from './route.ts';
import type { BlindService } from './service.ts';

const string = { type: 'string' };
const nullable = { type: ['string', 'null'] };
const cause = { type: 'string', enum: ['down', 'silent', 'shed', 'behind', 'field'] };
const status = { type: 'string', enum: ['open', 'closed'] };

const doc: RouteDoc = {
  id: 'listBlindIntervals',
  tag: 'alerts',
  summary: 'Intervals in which Weir did not see, the latest first',
  description:
    'down: it did not run. silent: a source that used to send sent nothing. shed: events were refused because too many ' +
    'waited. behind: the watermark is so far behind the clock that what happens is decided late. field: a field that rules read ' +
    'vanished from a kind of events. One that is open comes once more, with the same id and revision 2, when it closes. In such an interval no ' +
    'alert says nothing. The stream of alerts has them as events of the name `blind`.',
  roles: ['reader', 'operator'],
  holds_tenant: true,
  problems: ['bad_cursor', 'unknown_cursor'],
  answers: {
    200: {
      description: 'A page',
      content: {
        'application/json': pageOf({
          type: 'object',
          required: ['schema_version', 'kind', 'id', 'revision', 'status', 'cause', 'source', 'start', 'end', 'title'],
          properties: {
            ...{ schema_version: { const: 'v1' }, kind: { const: 'blind' }, id: string, revision: { type: 'integer' } },
            ...{ status, cause, source: nullable, start: string, end: nullable, detected_at: string, title: string },
            refused_events: { type: ['integer', 'null'] },
          },
        }),
      },
    },
  },
};

/** Whether an interval concerns a tenant (null: every one): it is of everything, or of a partition that its tokens send to. */
export function isBlindOf(tenant: string | null, { source }: Readonly<Record<string, unknown>>): boolean {
  return tenant === null || source === null || String(source).startsWith(`${tenant}/`);
}

/** GET /v1/blind. */
export function addBlindRoutes(app: FastifyInstance, blind: BlindService): void {
  const source = { ...string, description: 'partition of a silent source' };
  const querystring = { cause, status, source, ...timeParameters, ...pageParameters };
  app.get('/v1/blind', route(doc, { querystring }), async (request) => {
    const query = request.query as Readonly<Record<string, string>> & { readonly limit: number };
    const { tenant = null } = identityOf(request);
    const since_ms = timeOf('since', query.since) ?? Number.NEGATIVE_INFINITY;
    const until_ms = timeOf('until', query.until) ?? Number.POSITIVE_INFINITY;
    const isAsked = (name: string, value: unknown): boolean => query[name] === undefined || query[name] === value;
    const fits = (record: Readonly<Record<string, unknown>>): boolean => {
      const end_ms = record.end === null ? Number.POSITIVE_INFINITY : Date.parse(String(record.end));
      const meets = Date.parse(String(record.start)) < until_ms && end_ms >= since_ms;
      return (
        meets && isBlindOf(tenant, record) && ['cause', 'status', 'source'].every((name) => isAsked(name, record[name]))
      );
    };
    return asProblem(() => newestFirst(blind.file, fits, query.limit, query.cursor ?? null));
  });
}
