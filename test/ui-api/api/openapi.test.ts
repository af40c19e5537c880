import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { problems } from '../../../ui-api/api/problem.ts';
import { start } from './api-world.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Record<string, unknown>;
  }[];
  readonly responses: Readonly<Record<string, { readonly content: object }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly 'x-problems': Readonly<Record<string, object>> };
}

async function documentOf(url: string): Promise<Document> {
  const answer = await fetch(`${url}/v1/openapi.json`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  return (await answer.json()) as Document;
}

test('the published document is whole: ids are unique, references lead somewhere, paths name their parameters', async (context) => {
  const { url } = await start(context);
  const document = await documentOf(url);
  assert.equal(document.openapi, '3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.deepEqual([...new Set(ids)], ids);
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    assert.deepEqual(given, named, path);
    assert.ok(operation.responses['200'] ?? operation.responses['201'] ?? operation.responses['202'], path);
    assert.ok(operation.responses['500'] && operation.responses['429'], path);
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, reference]) => reference);
  assert.ok(references.length > 0);
  for (const reference of new Set(references)) {
    let at: unknown = document;
    for (const part of reference.split('/').slice(1)) at = (at as Record<string, unknown>)[part];
    assert.ok(at !== undefined, reference);
  }
  assert.deepEqual(Object.keys(document.components['x-problems']), Object.keys(problems));
});

test('what the document says of parameters is what the server checks: unknown and wrong ones are refused', async (context) => {
  const { url, get } = await start(context);
  const { paths } = await documentOf(url);
  for (const [path, methods] of Object.entries(paths)) {
    if (methods.get === undefined) continue;
    const address = path.replace(/\{\w+\}/g, 'x');
    const unknown = await get(`${address}?no_such_parameter=1`);
    assert.equal(unknown.status, 400, path);
    assert.match(((await unknown.json()) as { detail: string }).detail, /no_such_parameter/);
    for (const { name, in: place, schema } of methods.get.parameters ?? []) {
      if (place !== 'query') continue;
      const wrong = schema.type === 'integer' ? 'x' : Array.isArray(schema.enum) ? 'none_of_these' : null;
      if (wrong === null) continue;
      const answer = await get(`${address}?${name}=${wrong}`);
      assert.equal(answer.status, 400, `${path} ${name}`);
      assert.equal(((await answer.json()) as { code: string }).code, 'bad_parameter');
    }
  }
});

test('every kind of problem is one that the code answers, and each answered one is in the document', () => {
  const folder = new URL('../../../ui-api/', import.meta.url).pathname;
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && path !== join('api', 'problem.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const unused = Object.keys(problems).filter((code) => !sources.includes(`'${code}'`));
  assert.deepEqual(unused, []);
});
