import type { FastifyInstance } from 'fastify';
import type { EventHistory, EventPage, StoredEvent } from '../records/event-history.ts';
import { pageOf, timeOf } from './alerts.ts';
import { ApiError } from './problem.ts';
import { type RouteDoc, route, type Schema, tenantAsked } from './route.ts';
import { SearchSlots } from './search-slots.ts';

const string: Schema = { type: 'string' };
const text = (description: string): Schema => ({ type: 'string', minLength: 1, maxLength: 1000, description });

const doc: RouteDoc = {
  id: 'findEvents',
  tag: 'events',
  summary: 'Events as they came, from the log: by id, position or time',
  description:
    'In the order of the log. A page looks through a bounded part of it (200,000 entries; 20,000 for an id that Weir gave): ' +
    'it may be empty and still have a next one. Say when it was received, and the search begins there.',
  roles: ['reader'],
  holds_tenant: true,
  problems: ['bad_cursor'],
  answers: {
    200: {
      description: 'A page',
      content: {
        'application/json': pageOf({
          type: 'object',
          required: ['position', 'partition', 'received_at', 'verdict', 'event', 'bytes'],
          properties: {
            ...{ position: { type: 'integer' }, partition: string, received_at: string },
            verdict: { enum: ['accepted', 'duplicate', 'late', 'rejected', null], description: 'null: not known yet' },
            event: { description: 'as it came, to the letter; null where it is no JSON, or none that Weir takes' },
            bytes: { type: ['string', 'null'], description: 'base64, where event is null' },
          },
        }),
      },
    },
  },
};

/** GET /v1/events. */
export function addEventSearch(app: FastifyInstance, events: EventHistory): void {
  const querystring = {
    id: text('event_id'),
    position: { type: 'integer', minimum: 0, description: 'from this position of the log on' },
    received_since: text('received from this time on'),
    received_until: text('received before this time'),
    partition: text('source partition'),
    tenant: text('one tenant (default: the one of the token, else default); * for all, and for what is no event'),
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100, description: 'records of a page' },
    cursor: text('next_cursor of the page before'),
  };
  const slots = new SearchSlots();
  app.get('/v1/events', route(doc, { querystring }), async (request, reply) => {
    const query = request.query as Readonly<Record<string, string>> & {
      readonly limit: number;
      readonly position?: number;
    };
    const { id, partition, limit, position = 0, cursor } = query;
    const since_ms = timeOf('received_since', query.received_since);
    const until_ms = timeOf('received_until', query.received_until);
    const from_position = cursor === undefined ? position : positionOf(cursor);
    const tenant = tenantAsked(request, query.tenant);
    const asked = { id, partition, limit, from_position, since_ms, until_ms, tenant };
    const page = await slots.run(() => events.find(asked));
    return reply.type('application/json').send(answerOf(page));
  });
}

/** The events stand in the answer as they came: a number beyond 2^53 keeps its digits. */
function answerOf({ items, next_position }: EventPage): string {
  const next_cursor = next_position === null ? null : Buffer.from(`events.${next_position}`).toString('base64url');
  return `{"items":[${items.map(itemOf).join(',')}],"next_cursor":${JSON.stringify(next_cursor)}}\n`;
}

function itemOf({ position, record, json, verdict }: StoredEvent): string {
  const { partition, received_at, bytes } = record;
  const head = { position, partition, received_at: new Date(received_at).toISOString(), verdict };
  const base64 = json === null ? Buffer.from(bytes).toString('base64') : null;
  return `${JSON.stringify(head).slice(0, -1)},"event":${json ?? 'null'},"bytes":${JSON.stringify(base64)}}`;
}

function positionOf(cursor: string): number {
  const [, digits] = /^events\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new ApiError('bad_cursor', 'it was not given by this address', 'begin again without it');
}
