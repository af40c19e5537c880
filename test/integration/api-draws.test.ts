import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyFor, type Known, textFor } from '../ui-api/api/from-schema.ts';
import { DocumentedApi, type Operation } from './documented-api.ts';

/** Requests in CI; more are drawn with WEIRTEST_API_DRAWS. */
const draws = Number(process.env.WEIRTEST_API_DRAWS ?? 400);

interface Request {
  readonly operationId: string;
  readonly who: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** A part of an address; '.' and '..' in it fetch would take out on the way (api-hostile.test.ts sends them as they are). */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed()).replace(/^\.{1,2}$/, 'x') || '%20';

/** One request of an operation, from what the document says it takes. */
function requestOf(operation: Operation, known: Known, callers: readonly string[]): fc.Arbitrary<Request> {
  const { operationId, path, parameters, requestBody } = operation;
  const [places, queries, headers] = (['path', 'query', 'header'] as const).map((place) => {
    const those = parameters.filter((parameter) => parameter.in === place);
    const values = those.map(({ name, schema }) => {
      const text = textFor(schema, name, known);
      return [name, place === 'path' ? text : fc.option(text, { freq: 2, nil: undefined })] as const;
    });
    return fc.record(Object.fromEntries(values));
  });
  const [[type, { schema }]] = Object.entries(requestBody?.content ?? { none: { schema: {} } });
  const body = requestBody === undefined ? fc.constant(undefined) : bodyFor(schema, known);
  const who = fc.oneof(fc.constant('owner'), fc.constantFrom(...callers));
  return fc.record({ who, places, queries, headers, body }).map(({ who, places, queries, headers, body }) => ({
    ...{ operationId, who },
    path: `${path.replace(/\{(\w+)\}/g, (_, name: string) => encoded(places[name] as string))}?${Object.entries(queries)
      .flatMap(([name, text]) => (text === undefined ? [] : [`${name}=${encoded(text)}`]))
      .join('&')}`,
    headers: Object.fromEntries([
      ...Object.entries(headers).flatMap(([name, text]) =>
        /^[\x21-\x7e]+$/.test(String(text)) ? [[name, String(text)]] : [],
      ),
      ...(body === undefined ? [] : [['content-type', type]]),
    ]),
    ...(body === undefined ? {} : { body: body.toWellFormed() }),
  }));
}

test('requests drawn from the OpenAPI document, with every role: no fault, and every answer is one that it documents', async (context) => {
  const api = await DocumentedApi.start(context);
  const answered = new Set<string>();
  const byId = new Map(api.operations.map((operation) => [operation.operationId, operation]));
  const requests = api.operations.map((operation) => requestOf(operation, api.known, [...api.tokens.keys()]));
  await fc.assert(
    fc.asyncProperty(fc.oneof(...requests), async ({ operationId, path, ...request }) => {
      const operation = byId.get(operationId) as Operation;
      const answer = await api.ask(operation.method, path, request);
      answered.add(`${operationId} ${answer.status}`);
      await api.check(operation, path, answer);
    }),
    { numRuns: draws },
  );
  // Most operations must have been asked in a way that they answer: else the requests drawn here show little.
  const good = api.operations.filter(({ operationId }) =>
    [200, 202].some((ok) => answered.has(`${operationId} ${ok}`)),
  );
  assert.ok(good.length >= api.operations.length / 2, [...answered].sort().join(', '));
});
