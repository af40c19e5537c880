import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** An error that a client reads: a fixed code, what is wrong, and what to do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    hint: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.headers = headers;
  }
}

/** Every answer that is not a result has this form. A stack trace goes to the service log, never to a client. */
export function addErrorHandlers(app: FastifyInstance, body_bytes: number): void {
  app.setErrorHandler((error, request, reply) => {
    if (asApiError(error, body_bytes).status >= 500) request.log.error({ err: error }, 'request failed');
    return answerError(error, reply, body_bytes);
  });
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0];
    const method = path === '/v1/events' ? 'POST' : 'GET';
    if (routes.includes(path)) {
      throw new ApiError(405, 'wrong_method', `${path} is asked with ${method}`, 'see ui-api/api/README.md', {
        allow: method,
      });
    }
    throw new ApiError(
      404,
      'no_such_route',
      'there is nothing at this address',
      'the API has POST /v1/events, GET /v1/health, /v1/status, /v1/detections, /v1/detections/live',
    );
  });
}

const routes = ['/v1/events', '/v1/health', '/v1/status', '/v1/detections', '/v1/detections/live'];

function bodyOf(error: ApiError): string {
  return `${JSON.stringify({ error: error.code, message: error.message, hint: error.hint })}\n`;
}

export function answerError(error: unknown, reply: FastifyReply, body_bytes: number): FastifyReply {
  const known = asApiError(error, body_bytes);
  return reply.code(known.status).headers(known.headers).type('application/json').send(bodyOf(known));
}

/** Answers what is no HTTP request, or one that did not come to its end in time, and closes the connection. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, line] = unreadable[error.code ?? ''] ?? [400, 'Bad Request'];
  const hint = 'send HTTP/1.1, as curl does';
  const body = bodyOf(new ApiError(status, 'bad_request', 'the request cannot be read', hint));
  const head = `HTTP/1.1 ${status} ${line}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}

const unreadable: Readonly<Record<string, readonly [status: number, line: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};

/** @throws ApiError 415 for a compressed body: its lines would be rejected one by one, and nobody would know why. */
export function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || /^\s*(identity)?\s*$/i.test(encoding)) return;
  throw new ApiError(
    415,
    'encoded_body',
    `the body is encoded as ${encoding.slice(0, 50)}, and Weir reads it as it is`,
    'send it without Content-Encoding: `zcat events.gz | curl --data-binary @- ...`',
    { 'accept-encoding': 'identity' },
  );
}

function asApiError(error: unknown, body_bytes: number): ApiError {
  if (error instanceof ApiError) return error;
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new ApiError(
      413,
      'body_too_large',
      `a request body may have at most ${body_bytes} bytes`,
      'send the events in several requests',
    );
  }
  if (code === 'FST_ERR_BAD_URL') {
    return new ApiError(400, 'bad_address', 'the address cannot be decoded', 'write a % in it as %25');
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, 'bad_request', message ?? 'the request cannot be read', 'see ui-api/api/README.md');
  }
  return new ApiError(500, 'fault', 'Weir could not answer', 'the reason stands in weir.log in the data folder');
}
