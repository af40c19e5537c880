import type { FastifyInstance } from 'fastify';
import { type ProblemCode, problems, problemType } from './problem.ts';
import { type RouteDoc, route, type Schema } from './route.ts';

/** Any route may answer these. */
const general: readonly ProblemCode[] = [
  ...(['bad_parameter', 'bad_request', 'bad_address', 'request_timeout', 'headers_too_large'] as const),
  ...(['too_many_requests', 'fault'] as const),
];
const guarded: readonly ProblemCode[] = ['unauthorised', 'forbidden', 'too_many_logins'];

interface Documented {
  readonly method: string;
  readonly url: string;
  readonly doc: RouteDoc;
  readonly schema: RouteSchemas;
}

/** As route() makes it for Fastify. */
interface RouteSchemas {
  readonly querystring: { readonly properties: Readonly<Record<string, Schema>> };
  readonly params?: { readonly properties: Readonly<Record<string, Schema>> };
  readonly body?: Schema;
}

/**
 * GET /v1/openapi.json: the API as an OpenAPI 3.1 document, made from the schemas that check its requests. Call it
 * before the routes are added: it listens to them.
 */
export function addOpenApi(app: FastifyInstance, version: string): void {
  const routes: Documented[] = [];
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const doc = config?.doc;
    if (doc === undefined) throw new Error(`${method} ${url} says nothing of itself: use route()`);
    routes.push({ method: [method].flat()[0].toLowerCase(), url, doc, schema: schema as RouteSchemas });
  });
  let text = '';
  const doc: RouteDoc = {
    id: 'getOpenApi',
    tag: 'service',
    summary: 'This document',
    roles: 'open',
    answers: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { type: 'object' } } } },
  };
  app.get('/v1/openapi.json', route(doc), async (_request, reply) => {
    text ||= `${JSON.stringify(documentOf(routes, version), null, 2)}\n`;
    return reply.type('application/json').send(text);
  });
}

function documentOf(routes: readonly Documented[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, url, doc, schema } of routes) {
    const path = url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [method]: operation(doc, schema) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version,
      description:
        'SQL detection rules over live and past event streams. Every address but those marked open takes a token as ' +
        '`authorization: Bearer TOKEN`; `weir token --help` makes tokens.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: problemSchema },
      'x-problems': Object.fromEntries(
        Object.entries(problems).map(([code, [status, title]]) => [code, { status, title }]),
      ),
    },
  };
}

function operation(doc: RouteDoc, schema: RouteSchemas): object {
  const { id, tag, summary, description, roles } = doc;
  const parameters = [
    ...parametersOf('path', schema.params?.properties, true),
    ...parametersOf('query', schema.querystring.properties, false),
    ...parametersOf('header', doc.headers, false),
  ];
  const content = schema.body === undefined ? doc.body : { 'application/json': schema.body };
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(roles === 'open' ? { security: [] } : { 'x-roles': roles }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined
      ? {}
      : { requestBody: { required: true, content: mapValues(content, (one) => ({ schema: one })) } }),
    responses: responsesOf(doc, content !== undefined),
  };
}

function parametersOf(
  place: string,
  schemas: Readonly<Record<string, Schema>> | undefined,
  required: boolean,
): object[] {
  return Object.entries(schemas ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required,
    description,
    schema,
  }));
}

function responsesOf(doc: RouteDoc, has_body: boolean): Record<string, object> {
  const responses: Record<string, object> = {};
  for (const [status, { description, content }] of Object.entries(doc.answers)) {
    responses[status] = { description, content: mapValues(content, (schema) => ({ schema })) };
  }
  const codes = new Set([
    ...general,
    ...(doc.roles === 'open' ? [] : guarded),
    ...(has_body ? (['body_too_large', 'encoded_body'] as const) : []),
    ...(doc.problems ?? []),
  ]);
  for (const [status, some] of Map.groupBy(codes, (code) => problems[code][0])) {
    const description = [...some].map((code) => `\`${code}\`: ${problems[code][1]}.`).join(' ');
    const schema = { $ref: '#/components/schemas/Problem' };
    responses[status] = { description, content: { [problemType]: { schema } } };
  }
  return responses;
}

const text = { type: 'string' };
const problemSchema = {
  type: 'object',
  description: 'RFC 9457. Which ones there are stands in `x-problems`.',
  required: ['type', 'title', 'status', 'detail', 'code', 'hint'],
  properties: {
    type: { ...text, description: 'which kind of problem: a place in this document' },
    title: { ...text, description: 'what is wrong, the same for each problem of the kind' },
    status: { type: 'integer' },
    detail: { ...text, description: 'why, this time' },
    instance: { ...text, description: 'the path, and the number of the request in weir.log' },
    code: { ...text, enum: Object.keys(problems), description: 'the last part of `type`' },
    hint: { ...text, description: 'what to do' },
  },
};

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
