import type { FastifyInstance } from 'fastify';

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
    const known = asApiError(error, body_bytes);
    if (known.status >= 500) request.log.error({ err: error }, 'request failed');
    return reply
      .code(known.status)
      .headers(known.headers)
      .type('application/json')
      .send(`${JSON.stringify({ error: known.code, message: known.message, hint: known.hint })}\n`);
  });
  app.setNotFoundHandler(() => {
    throw new ApiError(
      404,
      'no_such_route',
      'there is nothing at this address',
      'the API has POST /v1/events, GET /v1/health, /v1/status, /v1/detections, /v1/detections/live',
    );
  });
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
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new ApiError(statusCode, 'bad_request', message ?? 'the request cannot be read', 'see ui-api/api/README.md');
  }
  return new ApiError(500, 'fault', 'Weir could not answer', 'the reason stands in weir.log in the data folder');
}
