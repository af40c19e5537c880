import type { FastifyInstance } from 'fastify';
import { type RouteDoc, route } from './route.ts';

/** What somebody learns who opens the address in a browser: no version, nothing of what runs here. */
const answer = {
  what: 'the HTTP API of Weir, which runs SQL detection rules over streams of events',
  health: '/v1/health',
  ready: '/v1/ready',
  openapi: '/v1/openapi.json',
  token:
    'every other address takes the header "authorization: Bearer TOKEN"; the first token stands in the file `token` in ' +
    'the data folder',
};

const rootDoc: RouteDoc = {
  id: 'getRoot',
  tag: 'service',
  summary: 'What this is, and where its description and its health stand',
  roles: 'open',
  answers: {
    200: {
      description: 'Addresses that take no token',
      content: {
        'application/json': {
          type: 'object',
          required: Object.keys(answer),
          properties: Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, { const: value }])),
        },
      },
    },
  },
};

/** GET / */
export function addRoot(app: FastifyInstance): void {
  app.get('/', route(rootDoc), async () => answer);
}
