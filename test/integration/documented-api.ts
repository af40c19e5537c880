import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FastifyInstance, fastify } from 'fastify';
import { roles } from '../../ui-api/access/roles.ts';
import { TokenFile } from '../../ui-api/access/token-file.ts';
import { atEnd } from '../at-end.ts';
import type { JsonSchema } from '../ui-api/api/from-schema.ts';
import { weirInFolder } from './weir-in-folder.ts';
import type { WeirProcess } from './weir-process.ts';

interface Content {
  readonly [type: string]: { readonly schema: JsonSchema & { readonly $ref?: string } };
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const files: Readonly<Record<string, string>> = {
  'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;\n',
  'rules/fails.rule.sql': `CREATE RULE fails SEVERITY low AS
SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';\n`,
};

/** A real Weir with alerts in it, what its OpenAPI document says, and a check of each answer against that. */
export class DocumentedApi {
  readonly folder: string;
  readonly url: string;
  readonly operations: readonly Operation[];
  /** By role, and `owner`, and `shop`: a reader and sender of one tenant. */
  readonly tokens = new Map<string, string>();
  /** Texts that mean something to it, by the name of a parameter or a member. */
  readonly known: Record<string, string[]> = {
    ...{ tenant: ['default', 'shop', '*'], rule: ['fails'], name: ['fails', 'other'], partition: ['p'], source: ['p'] },
    ...{
      severity: ['low', 'low,high'],
      entity: ['e1', 'account:e1'],
      who: ['owner', 'command'],
      action: ['audit.read'],
    },
    ...{
      nonce: ['0123456789abcdef0123456789abcdef'],
      text: [files['rules/fails.rule.sql']],
      tests: [''],
      rules: ['fails'],
    },
  };
  readonly #check: FastifyInstance;

  private constructor(folder: string, url: string, document: { paths: object; components: { schemas: object } }) {
    this.folder = folder;
    this.url = url;
    const paths = document.paths as Record<string, Record<string, Partial<Operation>>>;
    this.operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => ({ parameters: [], ...operation, method, path }) as Operation,
      ),
    );
    this.#check = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false, strict: false } } });
    const { Problem } = document.components.schemas as Record<string, JsonSchema>;
    for (const { operationId, responses } of this.operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        const [[type, { schema }]] = Object.entries(content);
        if (!/json$/.test(type)) continue;
        const body = schema.$ref === undefined ? schema : Problem;
        this.#check.post(`/${operationId}/${status}`, { schema: { body } }, async () => 'fits');
      }
    }
  }

  static async start(context: TestContext): Promise<DocumentedApi> {
    const { folder, data, weir, token } = await weirInFolder(context, files);
    const answer = await fetch(`${weir.url}/v1/openapi.json`);
    const api = new DocumentedApi(folder, weir.url, (await answer.json()) as never);
    atEnd(context, () => api.#check.close());
    api.tokens.set('owner', token);
    const tokens = new TokenFile(join(data, 'tokens.json'), null);
    for (const role of roles) api.tokens.set(role, tokens.create(role, [role], Date.now(), null).token);
    api.tokens.set('shop', tokens.create('shop', ['reader', 'sender'], Date.now(), null, 'shop').token);
    await api.#fill(weir);
    return api;
  }

  /** Events of two tenants, and what was found in them. */
  async #fill(weir: WeirProcess): Promise<void> {
    const now_ms = Date.now();
    const lines = ['e1', 'e2', 'e3', 'e4'].map((event_id, i) => {
      const tenant = i % 2 === 0 ? {} : { tenant_id: 'shop' };
      const event = {
        event_id,
        timestamp: now_ms - 5000 + i,
        platform: 'x',
        event_type: 'login',
        account_id: event_id,
      };
      return JSON.stringify({ ...event, ...tenant, auth: { result: 'fail' } });
    });
    assert.equal(await weir.post(lines, 'p'), 200);
    let found: { id: string }[] = [];
    while (found.length < 4) {
      found = JSON.parse((await this.ask('GET', '/v1/alerts?tenant=*')).text).items;
      if (found.length < 4) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { next_cursor } = JSON.parse((await this.ask('GET', '/v1/alerts?limit=1')).text);
    const [times, cursor] = [
      [new Date(now_ms).toISOString(), String(now_ms - 3000)],
      [next_cursor, 'start'],
    ];
    Object.assign(this.known, { id: [...found.map(({ id }) => id), 'e1'], cursor, body: [lines[0], lines.join('\n')] });
    const run = JSON.parse((await this.ask('POST', '/v1/runs', { body: '{}' })).text) as { id: string };
    const [rule] = JSON.parse((await this.ask('GET', '/v1/rules')).text).items as { plan_hash: string }[];
    this.known.id.push(run.id);
    this.known.replaces = [rule.plan_hash];
    for (const name of ['since', 'until', 'received_since', 'received_until']) this.known[name] = times;
  }

  async ask(
    method: string,
    path: string,
    { who = 'owner', headers = {}, body }: { who?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const abort = new AbortController();
    const authorization = `Bearer ${this.tokens.get(who)}`;
    const answer = await fetch(this.url + path, {
      method: method.toUpperCase(),
      headers: { authorization, ...headers },
      signal: abort.signal,
      ...(body === undefined ? {} : { body }),
    });
    // A stream has no end: what it begins with is enough.
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    const text = isStream ? '' : await answer.text();
    if (isStream) abort.abort();
    return { status: answer.status, headers: answer.headers, text };
  }

  /** The answer is no fault, its status, media type and form stand in the document, and a problem is whole. */
  async check(operation: Operation, asked: string, { status, headers, text }: Answer): Promise<void> {
    const shown = `${operation.method} ${asked}: ${status} ${text.slice(0, 500)}`;
    assert.ok(status < 500, shown);
    const content = operation.responses[String(status)]?.content;
    assert.ok(content !== undefined, `not in the document: ${shown}`);
    const type = headers.get('content-type')?.split(';', 1)[0] ?? '';
    assert.ok(type in content, `${type}: ${shown}`);
    if (!/json$/.test(type) || type === 'application/x-ndjson') return;
    const url = `/${operation.operationId}/${status}`;
    const answer = await this.#check.inject({
      method: 'POST',
      url,
      body: text,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.body, 'fits', shown);
    if (type !== 'application/problem+json') return;
    const problem = JSON.parse(text) as Record<string, unknown>;
    assert.ok(problem.status === status && problem.detail !== '' && problem.hint !== '', shown);
  }
}
