import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, type ProblemCode, problemBody, problemType } from './problem.ts';
import { type Misfit, misfitProblem } from './schema-words.ts';

/** Every answer that is not a result has this form. A stack trace goes to the service log, never to a client. */
export function addErrorHandlers(app: FastifyInstance, body_bytes: number): void {
  const methods = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  app.setErrorHandler((error, request, reply) => {
    // What is wrong with a body matters to nobody where there is no such address (QUERY without a content type).
    if (request.is404 && !(error instanceof ApiError))
      return answerError(notThere(request), request, reply, body_bytes);
    if (asApiError(error, request, body_bytes).status >= 500) request.log.error({ err: error }, 'request failed');
    return answerError(error, request, reply, body_bytes);
  });
  app.setNotFoundHandler((request) => {
    throw notThere(request);
  });
  function notThere(request: FastifyRequest): ApiError {
    const path = pathOf(request);
    const allowed = [...methods].find(([route]) => matches(route, path))?.[1];
    if (allowed !== undefined) {
      const allow = allowed.join(', ');
      return new ApiError('wrong_method', `${path} is asked with ${allow}`, 'see GET /v1/openapi.json', { allow });
    }
    return new ApiError('no_such_route', `Weir has no address ${path}`, 'GET /v1/openapi.json lists every address');
  }
}

/** Whether a path is of a route; a part of the route that begins with a colon stands for any part. */
function matches(route: string, path: string): boolean {
  const parts = path.split('/');
  const pattern = route.split('/');
  return pattern.length === parts.length && pattern.every((part, i) => part.startsWith(':') || part === parts[i]);
}

function pathOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0];
  return path.length <= 200 ? path : `${path.slice(0, 200)}...`;
}

export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  body_bytes: number,
): FastifyReply {
  const known = asApiError(error, request, body_bytes);
  const body = problemBody(known, `${pathOf(request)}#${request.id}`);
  // As bytes: to a text Fastify would add a charset, which the media type does not have.
  return reply.code(known.status).headers(known.headers).header('content-type', problemType).send(Buffer.from(body));
}

/** Answers what is no HTTP request, or one that did not come to its end in time, and closes the connection. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [code, line] = unreadable[error.code ?? ''] ?? ['bad_request', 'Bad Request'];
  const problem = new ApiError(code, 'the request cannot be read', 'send HTTP/1.1, as curl does');
  const body = problemBody(problem, null);
  const head = `HTTP/1.1 ${problem.status} ${line}\r\ncontent-type: ${problemType}\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}

const unreadable: Readonly<Record<string, readonly [code: ProblemCode, line: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'Request Timeout'],
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'Request Header Fields Too Large'],
};

/** @throws ApiError for a compressed body: its lines would be rejected one by one, and nobody would know why. */
export function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || /^\s*(identity)?\s*$/i.test(encoding)) return;
  throw new ApiError(
    'encoded_body',
    `the body is encoded as ${encoding.slice(0, 50)}, and Weir reads it as it is`,
    'send it without Content-Encoding: `zcat events.gz | curl --data-binary @- ...`',
    { 'accept-encoding': 'identity' },
  );
}

/** Of a name or an id in an address, as it is decoded. */
export const most_part_characters = 200;

interface FastifyFault {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly validation?: readonly [Misfit, ...Misfit[]];
  readonly validationContext?: string;
}

function asApiError(error: unknown, request: FastifyRequest, body_bytes: number): ApiError {
  if (error instanceof ApiError) return error;
  const { code, statusCode, message, validation, validationContext } = error as FastifyFault;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const most = `a request body may have at most ${body_bytes} bytes`;
    return new ApiError('body_too_large', most, 'send less at a time');
  }
  if (code === 'FST_ERR_BAD_URL') {
    return new ApiError('bad_address', 'a % in it stands before no two hexadecimal digits', 'write a % as %25');
  }
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') {
    const most = `a name or an id in an address may have at most ${most_part_characters} characters`;
    return new ApiError('bad_parameter', most, 'nothing of Weir has a longer one');
  }
  if (validation !== undefined) return misfitProblem(validation[0], validationContext, request);
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ApiError('bad_request', message ?? 'the request cannot be read', 'see GET /v1/openapi.json');
  }
  return new ApiError('fault', 'it is a fault of Weir', 'the reason stands in weir.log in the data folder');
}
