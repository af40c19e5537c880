import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { problems } from '../../../ui-api/api/problem.ts';
import { atEnd } from '../../at-end.ts';
import { start, token } from './api-world.ts';

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
  readonly components: {
    readonly 'x-problems': Readonly<Record<string, object>>;
    readonly schemas: { readonly Problem: object };
  };
}

async function documentOf(url: string): Promise<Document> {
  const answer = await fetch(`${url}/v1/openapi.json`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  return (await answer.json()) as Document;
}

const problemOf = (document: Document): object => document.components.schemas.Problem;

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
    const { detail, hint } = (await unknown.json()) as { detail: string; hint: string };
    assert.equal(detail, 'there is no parameter "no_such_parameter" here');
    assert.match(hint, /^(parameters are \w|this address takes no parameter$)/);
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

test('a misspelt parameter, or member of a body, is told with what is meant and what there is', async (context) => {
  const { get, post } = await start(context);
  const told = async (answer: Response) => {
    const { detail, hint } = (await answer.json()) as { detail: string; hint: string };
    return `${detail} | ${hint}`;
  };
  assert.match(
    await told(await get('/v1/alerts?severty=high')),
    /^there is no parameter "severty" here \| did you mean severity\? parameters are tenant, rule, severity, /,
  );
  assert.equal(
    await told(await get('/v1/ready?x=1')),
    'there is no parameter "x" here | this address takes no parameter',
  );
  const body = JSON.stringify({ candidate: { name: 'r', txt: 'x', text: 'y' } });
  assert.match(
    await told(await post(body, '/v1/runs')),
    /^there is no member "txt" here \| did you mean text\? members are name, text$/,
  );
});

test('what does not fit the schema of its route is told in our words: where, what was given, what is taken', async (context) => {
  const { get, post } = await start(context);
  const said: string[] = [];
  const tell = async (answer: Response) => {
    assert.equal(answer.status, 400);
    const { code, detail, hint } = (await answer.json()) as Record<string, string>;
    said.push(`${code}: ${detail} | ${hint}`);
  };
  for (const query of ['limit=x', 'limit=0', 'limit=5000', 'revisions=lst', 'entity=', `entity=${'é'.repeat(1001)}`]) {
    await tell(await get(`/v1/alerts?${query}`));
  }
  for (const body of [
    '[]',
    '{"rules":[]}',
    '{"rules":[{}]}',
    '{"late":"included"}',
    '{"candidate":{"name":"R-1","text":"x"}}',
    '{"candidate":{"name":"r"}}',
  ]) {
    await tell(await post(body, '/v1/runs'));
  }
  const entity = 'entity takes a text of 1 to 1000 characters (the id of the entity, or type:id, as account:acct_7)';
  assert.deepEqual(said, [
    'bad_parameter: the parameter limit ("x") is no whole number | limit takes a whole number from 1 to 1000 (records of a page)',
    'bad_parameter: the parameter limit (0) is less than 1 | limit takes a whole number from 1 to 1000 (records of a page)',
    'bad_parameter: the parameter limit (5000) is more than 1000 | limit takes a whole number from 1 to 1000 (records of a page)',
    'bad_parameter: the parameter revisions ("lst") is none of the values that there are | did you mean last? revisions takes one of last, all (of each alert)',
    `bad_parameter: the parameter entity ("") is empty | ${entity}`,
    `bad_parameter: the parameter entity has more than 1000 characters | ${entity}`,
    'bad_body: the body is no JSON object | the body takes a JSON object with rules, candidate, since, until, late',
    'bad_body: the member rules is an empty list | rules takes a list of 1 to 1000 elements (names of rules; without it all of them)',
    'bad_body: the member rules[0] is no text | rules[0] takes a text of at most 200 characters',
    'bad_body: the member late ("included") is none of the values that there are | did you mean include? late takes include (judge late events as if they had been in time)',
    'bad_body: the member candidate.name ("R-1") has another form | candidate.name takes a text that fits ^[a-z][a-z0-9_]{0,62}$',
    'bad_body: the member candidate has no member text | text takes a text of 1 to 262144 characters',
  ]);
});

test('a method that a body goes with, an id that is too long, an address that is too long: told as what they are', async (context) => {
  const { url, get } = await start(context);
  const authorization = `Bearer ${token}`;
  const asked = await fetch(`${url}/v1/status`, { method: 'QUERY', headers: { authorization } });
  assert.deepEqual([asked.status, asked.headers.get('allow')], [405, 'GET']);
  const long = await get(`/v1/alerts/${'0'.repeat(201)}`);
  assert.equal(long.status, 400);
  assert.match(
    ((await long.json()) as { detail: string }).detail,
    /^a name or an id in an address may have at most 200 /,
  );
  assert.equal((await get(`/v1/alerts/${'0'.repeat(200)}`)).status, 404);
  assert.equal((await get(`/v1/alerts?rule=${'0'.repeat(20_000)}`)).status, 431);
  const { paths } = await documentOf(url);
  assert.ok(Object.values(paths).every((methods) => Object.values(methods).every(({ responses }) => responses['431'])));
});

test('what the document says of answers is what comes: each has the form that its schema says', async (context) => {
  const { world, url, get, post } = await start(context);
  const decided_at = '2026-03-01T10:00:00.000Z';
  const alert = {
    ...{ schema_version: 'v1', id: 'a', revision: 1, timing: 'final', status: 'open', rule: 'r' },
    decided_at,
  };
  world.detections.append({ ...alert, severity: 'low', tenant_id: 'default' });
  const interval = { schema_version: 'v1', kind: 'blind', id: 'b', revision: 1, status: 'open', cause: 'silent' };
  world.blind.append({ ...interval, source: 'p', start: decided_at, end: null, title: 't', refused_events: null });
  const record = { partition: 'p', position: 0, received_at: 0, bytes: Buffer.from('{"event_id":"e"}') };
  await world.log.append([{ kind: 'record', record }]);
  const { paths } = await documentOf(url);
  const check = fastify();
  atEnd(context, () => check.close());
  const asked: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    const operation = methods.get ?? (path === '/v1/events' ? methods.post : undefined);
    const content = operation?.responses['200']?.content as Record<string, { schema: object }> | undefined;
    const schema = content?.['application/json']?.schema;
    if (schema !== undefined)
      check.post(path.replace(/\{(\w+)\}/g, '$1'), { schema: { body: schema } }, async () => 'fits');
  }
  check.post('/problem', { schema: { body: problemOf(await documentOf(url)) } }, async () => 'fits');
  const fits = async (answer: Response, path: string) => {
    const body = await answer.text();
    const checked = await check.inject({
      method: 'POST',
      url: path,
      body,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(checked.body, 'fits', `${path}: ${body}`);
    asked.push(path);
  };
  const simple = [
    '/',
    '/v1/openapi.json',
    '/v1/health',
    '/v1/ready',
    '/v1/status',
    '/v1/alerts',
    '/v1/blind',
    '/v1/events',
  ];
  for (const path of [...simple, '/v1/rules', '/v1/runs', '/v1/audit']) await fits(await get(path), path);
  await fits(await get('/v1/alerts/a'), '/v1/alerts/id');
  await fits(await get('/v1/alerts/none'), '/problem');
  await fits(await post('', '/v1/events'), '/problem');
  assert.equal(asked.length, 14);
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
