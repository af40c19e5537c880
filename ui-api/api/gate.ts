import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RateLimit } from '../access/rate-limit.ts';
import type { Identity } from '../access/roles.ts';
import { ApiError, type ProblemCode } from './problem.ts';
import { otherTenant } from './route.ts';

/** Wrong tokens from one address: so many at once, and one more every three seconds. */
const failures_burst = 20;
const failures_per_second = 1 / 3;
/** Pairs of address and token that were right lately. */
const most_known = 10_000;

export interface GateOptions {
  /** Whose token it is; null: nobody's. The time that it takes tells nothing about a token. */
  readonly identify: (token: string) => Identity | null;
  /** For each token and for each address; twice as many at once. */
  readonly requests_per_second: number;
  /** A clock that does not step back. */
  readonly monotonic_ms: () => number;
}

/** What came to the gate since the start, for the metrics. */
export interface GateCounters {
  failed_logins: number;
  refused_logins: number;
  forbidden: number;
  limited_by_address: number;
  limited_by_token: number;
}

/**
 * Lets a request through to its route, or not: by the rate of its address, its token, the rate of the token, and the
 * roles that the route names. All of it before the body is read: nobody without a token can make Weir hold one.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #by_address: RateLimit;
  readonly #by_token: RateLimit;
  readonly #failures: RateLimit;
  readonly #known = new Set<string>();
  readonly counters: GateCounters = {
    ...{ failed_logins: 0, refused_logins: 0, forbidden: 0, limited_by_address: 0, limited_by_token: 0 },
  };

  constructor(options: GateOptions) {
    const { requests_per_second: rate, monotonic_ms } = options;
    this.#options = options;
    this.#by_address = new RateLimit(rate, rate * 2, monotonic_ms);
    this.#by_token = new RateLimit(rate, rate * 2, monotonic_ms);
    this.#failures = new RateLimit(failures_per_second, failures_burst, monotonic_ms);
  }

  guard(app: FastifyInstance): void {
    app.decorateRequest('identity', null);
    app.addHook('onRequest', async (request) => {
      request.identity = this.#admit(request);
    });
  }

  #admit(request: FastifyRequest): Identity | null {
    const wait = this.#by_address.take(request.ip);
    if (wait > 0) {
      this.counters.limited_by_address++;
      throw tooMany('too_many_requests', `${request.ip} sends more than its share`, wait);
    }
    const { roles, holds_tenant } = request.routeOptions.config.doc ?? {};
    if (roles === 'open') return null;
    const identity = this.#login(request);
    const token_wait = this.#by_token.take(identity.id);
    if (token_wait > 0) {
      this.counters.limited_by_token++;
      throw tooMany('too_many_requests', `the token ${identity.name} sends more than its share`, token_wait);
    }
    // No route: what is not there is told to everybody with a token.
    if (roles === undefined) return identity;
    if (roles.some((role) => identity.roles.includes(role))) {
      const { tenant = null, name } = identity;
      if (tenant === null || holds_tenant === true) return identity;
      this.counters.forbidden++;
      throw otherTenant(name, tenant, 'this address speaks of all tenants');
    }
    this.counters.forbidden++;
    throw new ApiError(
      'forbidden',
      `the token ${identity.name} has ${identity.roles.join(', ')}; this address is for ${roles.join(', ')}`,
      `ask for a token that may: weir token create NAME --role ${roles[0]}`,
    );
  }

  /**
   * After too many wrong tokens an address is refused before its token is looked at. One that was right from there
   * before passes: a neighbour behind the same address does not shut it out.
   */
  #login(request: FastifyRequest): Identity {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined) throw unauthorised('this address needs a token');
    const pair = `${request.ip} ${createHash('sha256').update(given).digest('base64')}`;
    const wait = this.#failures.wait(request.ip);
    if (wait > 0 && !this.#known.has(pair)) {
      this.counters.refused_logins++;
      throw tooMany('too_many_logins', `${request.ip} sent ${failures_burst} wrong tokens`, wait);
    }
    const identity = this.#options.identify(given);
    if (identity === null) {
      this.#known.delete(pair);
      this.counters.failed_logins++;
      this.#failures.take(request.ip);
      request.log.warn({ ip: request.ip }, 'a wrong token');
      throw unauthorised('the token is not known: it is wrong, was revoked, or has expired');
    }
    this.#known.add(pair);
    if (this.#known.size > most_known) this.#known.delete(this.#known.values().next().value as string);
    return identity;
  }
}

function unauthorised(message: string): ApiError {
  return new ApiError(
    'unauthorised',
    message,
    'send the header "authorization: Bearer TOKEN"; the first token stands in the file `token` in the data folder',
    { 'www-authenticate': 'Bearer realm="weir"' },
  );
}

function tooMany(code: ProblemCode, message: string, wait_seconds: number): ApiError {
  const what =
    code === 'too_many_logins'
      ? 'look for the token in <data>/token'
      : 'send more events in one request rather than more requests';
  const hint = `wait ${wait_seconds} s; ${what}`;
  return new ApiError(code, message, hint, { 'retry-after': String(wait_seconds) });
}
