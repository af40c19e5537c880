import type { FastifyInstance } from 'fastify';
import { parseTimestamp } from '../../engine/index.ts';
import type { RuleDesk } from '../deploy/rule-desk.ts';
import type { AlertFilter } from '../records/alert-filter.ts';
import { WrongCursor } from '../records/page.ts';
import { closestNames } from '../suggest.ts';
import { ApiError } from './problem.ts';
import { type RouteDoc, route, type Schema, tenantAsked } from './route.ts';
import { SearchSlots } from './search-slots.ts';
import type { AlertService } from './service.ts';

const text = (description: string): Schema => ({ type: 'string', minLength: 1, maxLength: 1000, description });

/** Without it a token of one tenant asks for its own, and any other for `default`. */
export const tenantParameter = text('one tenant (default: the one of the token, else default); * for all');

/** Parameters by which alerts are chosen, of the list and of the stream. */
export const filterParameters: Readonly<Record<string, Schema>> = {
  tenant: tenantParameter,
  rule: text('name of the rule'),
  severity: text('one or several of info, low, medium, high, critical, separated by commas'),
  entity: text('the id of the entity, or type:id, as account:acct_7'),
  status: {
    type: 'string',
    enum: ['open', 'updated', 'closed', 'withdrawn', 'suppressed'],
    description: 'without it: all but the suppressed ones',
  },
};

export const timeParameters: Readonly<Record<string, Schema>> = {
  since: text('from this time on (ISO 8601 with a zone, or epoch milliseconds)'),
  until: text('before this time'),
};

export const pageParameters: Readonly<Record<string, Schema>> = {
  limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100, description: 'records of a page' },
  cursor: text('next_cursor of the page before'),
};

/** The answer of a list; a page may be short, or empty, and still have a next one. */
export function pageOf(item: Schema): Schema {
  const next_cursor = { type: ['string', 'null'], description: 'where the next page begins; null: there is no more' };
  return {
    type: 'object',
    required: ['items', 'next_cursor'],
    properties: { items: { type: 'array', items: item }, next_cursor },
  };
}

const alert: Schema = {
  type: 'object',
  description: 'A detection record.',
  required: ['schema_version', 'id', 'revision', 'timing', 'status', 'rule', 'severity', 'tenant_id', 'decided_at'],
  properties: {
    ...{ schema_version: { const: 'v1' }, id: { type: 'string' }, revision: { type: 'integer' } },
    ...{ timing: { enum: ['early', 'final'] }, status: filterParameters.status, rule: { type: 'string' } },
    ...{ severity: { enum: ['info', 'low', 'medium', 'high', 'critical'] }, tenant_id: { type: 'string' } },
    decided_at: { type: 'string', format: 'date-time' },
  },
};

const listDoc: RouteDoc = {
  id: 'listAlerts',
  tag: 'alerts',
  summary: 'Alerts as they are now, the one that changed last first',
  description:
    'Each alert once, as its last revision says it: that is what an analyst asks about, and what the filters look at. ' +
    'What is published while somebody pages changes none of the pages. `revisions=all` gives each record by itself ' +
    'instead, for a program that keeps a copy; GET /v1/alerts/{id} has the revisions of one alert.',
  roles: ['reader'],
  holds_tenant: true,
  problems: ['not_found', 'bad_cursor', 'unknown_cursor'],
  answers: { 200: { description: 'A page', content: { 'application/json': pageOf(alert) } } },
};

/** Of one alert at a time. */
const most_revisions = 1000;

const oneDoc: RouteDoc = {
  id: 'getAlert',
  tag: 'alerts',
  summary: 'All revisions of one alert',
  roles: ['reader'],
  holds_tenant: true,
  problems: ['not_found'],
  answers: {
    200: {
      description: 'Its records, in the order in which they were published',
      content: {
        'application/json': {
          type: 'object',
          required: ['items', 'earlier'],
          properties: {
            items: { type: 'array', items: alert },
            earlier: { type: 'integer', description: `revisions before these ${most_revisions}, which are the last` },
          },
        },
      },
    },
  },
};

/** GET /v1/alerts and /v1/alerts/:id. */
export function addAlertRoutes(app: FastifyInstance, { history }: AlertService, rules: RuleDesk | null): void {
  const slots = new SearchSlots();
  const revisions = { type: 'string', enum: ['last', 'all'], default: 'last', description: 'of each alert' };
  const querystring = { ...filterParameters, ...timeParameters, revisions, ...pageParameters };
  app.get('/v1/alerts', route(listDoc, { querystring }), async (request) => {
    const query = request.query as Readonly<Record<string, string>> & { readonly limit: number };
    const filter = filterOf(query, tenantAsked(request, query.tenant));
    const { limit, cursor = null } = query;
    const isEach = query.revisions === 'all';
    const page = await slots.run(() =>
      asProblem(() => (isEach ? history.revisions(filter, limit, cursor) : history.page(filter, limit, cursor))),
    );
    if (page.items.length === 0 && page.next_cursor === null && cursor === null) mustBeRule(query.rule, rules);
    return page;
  });
  const one = {
    params: { id: { ...text('id of the alert'), maxLength: 200 } },
    querystring: { tenant: tenantParameter },
  };
  app.get('/v1/alerts/:id', route(oneDoc, one), async (request) => {
    const { id } = request.params as { id: string };
    const { tenant: named } = request.query as { tenant?: string };
    const tenant = tenantAsked(request, named);
    const found = await slots.run(() => history.byId(id, most_revisions));
    // All revisions of an alert are of one tenant: it is a part of what its id is made of.
    if (found.items.some(({ tenant_id }) => tenant === null || tenant_id === tenant)) return found;
    throw new ApiError('not_found', `no alert has the id ${JSON.stringify(id)}`, 'GET /v1/alerts lists them');
  });
}

/**
 * Nothing was found: of a rule that has no alerts, or of a name that no rule has or ever had.
 * @throws ApiError in the second case
 */
function mustBeRule(name: string | undefined, rules: RuleDesk | null): void {
  if (name === undefined || rules === null || rules.one(name) !== null || rules.versions(name).length > 0) return;
  const near = closestNames(
    name,
    rules.list().map((rule) => (rule as { readonly name: string }).name),
  );
  const meant = near.length === 0 ? '' : `did you mean ${near.slice(0, 3).join(', ')}? `;
  const why = `no rule is named ${JSON.stringify(name)}, or ever was, and there are no alerts of it`;
  throw new ApiError('not_found', why, `${meant}GET /v1/rules lists those that run`);
}

export function filterOf(query: Readonly<Record<string, string | undefined>>, tenant: string | null): AlertFilter {
  const { rule, severity, entity, status } = query;
  return {
    tenant,
    ...{ rule, entity, status, severity: severity === undefined ? undefined : severities(severity) },
    ...{ since_ms: timeOf('since', query.since), until_ms: timeOf('until', query.until) },
  };
}

function severities(given: string): readonly string[] {
  const names = given.split(',');
  const known = ['info', 'low', 'medium', 'high', 'critical'];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong === undefined) return names;
  throw new ApiError('bad_parameter', `severity has ${JSON.stringify(wrong)}`, `severities are ${known.join(', ')}`);
}

/** @throws ApiError for a text that is no time with a zone. */
export function timeOf(name: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const time_ms = parseTimestamp(/^\d{11,14}$/.test(given) ? Number(given) : given);
  if (time_ms !== null) return time_ms;
  throw new ApiError(
    'bad_parameter',
    `${name} is ${JSON.stringify(given)}, which is no time`,
    'write it as 2026-03-30T15:00:00Z (in an address a + of a zone as %2B) or in epoch milliseconds of eleven digits or more',
  );
}

/** What a wrong cursor is to a client. */
export async function asProblem<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WrongCursor)) throw error;
    const isUnknown = error.kind === 'unknown';
    const why = isUnknown ? 'the record that it stands behind is not there' : 'it was not given by this address';
    const hint = `begin again without ${isUnknown ? 'a cursor: the data folder is another one' : 'it'}`;
    throw new ApiError(isUnknown ? 'unknown_cursor' : 'bad_cursor', why, hint);
  }
}
