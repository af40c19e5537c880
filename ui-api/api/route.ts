import type { FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { Identity, Role } from '../access/roles.ts';
import { ApiError, type ProblemCode } from './problem.ts';

/** A JSON Schema (2020-12, as OpenAPI 3.1 has it). */
export type Schema = Readonly<Record<string, unknown>>;

/** What a route says of itself: the OpenAPI document and the check of roles are made from it. */
export interface RouteDoc {
  /** Name of the operation, for generated clients. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Any of these may; 'open': without a token. */
  readonly roles: readonly Role[] | 'open';
  /** It holds itself to the tenant of a token (tenantAsked()). Without this a token of one tenant is refused there. */
  readonly holds_tenant?: true;
  /** Beside those that every route may answer. */
  readonly problems?: readonly ProblemCode[];
  /** Answers that are no problem: what they are, and by media type of what form. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Of a body that is not JSON. */
  readonly body?: Readonly<Record<string, Schema>>;
  readonly headers?: Readonly<Record<string, Schema>>;
}

export interface RouteAnswer {
  readonly description: string;
  readonly content: Readonly<Record<string, Schema>>;
}

export interface RouteSchema {
  readonly querystring?: Readonly<Record<string, Schema>>;
  readonly params?: Readonly<Record<string, Schema>>;
  /** JSON; members that it does not name are refused. */
  readonly body?: Schema;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    doc?: RouteDoc;
  }
  interface FastifyRequest {
    /** Who asks; null at addresses without a token. */
    identity: Identity | null;
  }
}

/** The options of a route: what it takes is checked before its handler runs, parameters it does not name are refused. */
export function route(doc: RouteDoc, schema: RouteSchema = {}): RouteShorthandOptions {
  const { querystring = {}, params, body } = schema;
  return {
    config: { doc },
    schema: {
      querystring: { type: 'object', additionalProperties: false, properties: querystring },
      ...(params === undefined
        ? {}
        : {
            params: { type: 'object', properties: params, required: Object.keys(params), additionalProperties: false },
          }),
      ...(body === undefined ? {} : { body }),
    },
    ...(body === undefined ? {} : { preValidation: async (request) => parseBody(request) }),
  };
}

/** Bodies come as bytes (events are): a route that takes JSON reads it here, before its schema is asked. */
function parseBody(request: FastifyRequest): void {
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
  try {
    request.body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ApiError('bad_body', `the body is not JSON: ${why}`, hintFor(request, bytes));
  }
}

/** The text of a rule itself is what people send first. */
function hintFor({ routeOptions }: FastifyRequest, bytes: Uint8Array): string {
  const { url = '' } = routeOptions;
  const isRule = url.startsWith('/v1/rules/') && /\bcreate\b|\bselect\b/i.test(Buffer.from(bytes).toString('latin1'));
  if (!isRule) return 'send one JSON object, in UTF-8';
  return 'the text of a rule stands in a JSON object, {"text": "CREATE RULE …"}: `jq -Rs \'{text: .}\' FILE` makes one';
}

/** Who asks, at an address that needs a token. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new Error('an address without a token asked who is there');
  return request.identity;
}

/**
 * The tenant that a request is about: the one of its token, else the one that it names (`*`: null, all of them), else
 * `default`. @throws ApiError where the token is of another one
 */
export function tenantAsked(request: FastifyRequest, named: string | undefined): string | null {
  const { tenant: own = null, name } = identityOf(request);
  if (own === null) return named === '*' ? null : (named ?? 'default');
  if (named === undefined || named === own) return own;
  throw otherTenant(
    name,
    own,
    named === '*' ? 'all tenants are asked for' : `the tenant ${JSON.stringify(named)} is asked for`,
  );
}

export function otherTenant(token: string, own: string, why: string): ApiError {
  return new ApiError(
    'forbidden',
    `the token ${token} is of the tenant ${own}, and ${why}`,
    'leave the tenant out, or ask for another token',
  );
}
