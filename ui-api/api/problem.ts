/** Every kind of problem that the API answers, by its code: the HTTP status and what is wrong, the same each time. */
export const problems = {
  bad_address: [400, 'The address cannot be decoded'],
  bad_body: [400, 'The body is not what this address takes'],
  bad_cursor: [400, 'The cursor is not one that Weir gave'],
  bad_idempotency_key: [400, 'The Idempotency-Key has a wrong form'],
  bad_nonce: [400, 'The nonce has a wrong form'],
  bad_parameter: [400, 'A parameter is missing, unknown or out of its range'],
  bad_partition: [400, 'The partition has a wrong name'],
  bad_request: [400, 'The request cannot be read'],
  empty_body: [400, 'The body holds no event'],
  one_document: [400, 'The body is one document and not one event a line'],
  too_many_partitions: [400, 'There are as many partitions as Weir takes'],
  unauthorised: [401, 'The request has no token, or a wrong one'],
  forbidden: [403, 'The token has no role that may do this'],
  no_such_route: [404, 'There is nothing at this address'],
  not_found: [404, 'There is nothing of this name'],
  wrong_method: [405, 'The address is asked with another method'],
  request_timeout: [408, 'The request did not come to its end in time'],
  conflict: [409, 'It cannot be done as things are'],
  unknown_cursor: [410, 'What the cursor points to is not there any more'],
  body_too_large: [413, 'The body is too large'],
  too_many_lines: [413, 'The body has too many lines'],
  encoded_body: [415, 'The body is encoded'],
  rule_refused: [422, 'The rule does not compile'],
  no_tests: [422, 'The rule has no test'],
  tests_failed: [422, 'The rule did not pass its tests'],
  too_many_logins: [429, 'Too many wrong tokens came from this address'],
  too_many_requests: [429, 'Too many requests came'],
  queue_full: [429, 'More events wait than Weir may hold'],
  too_many_runs: [429, 'As many runs wait as Weir takes'],
  headers_too_large: [431, 'The headers are too large'],
  fault: [500, 'Weir could not answer'],
  not_accepting: [503, 'Weir takes no events now'],
  not_ready: [503, 'Weir is not ready'],
  audit_failed: [503, 'What is asked cannot be written into the audit, so it is not done'],
  too_many_streams: [503, 'As many readers follow the alerts as Weir serves'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof problems;

/** A problem that a client reads: `code` says what is wrong, `message` why, `hint` what to do. */
export class ApiError extends Error {
  readonly code: ProblemCode;
  readonly hint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the answer, for what a program reads: diagnostics, allowed values. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    message: string,
    hint: string,
    headers: Readonly<Record<string, string>> = {},
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.hint = hint;
    this.headers = headers;
    this.members = members;
  }

  get status(): number {
    return problems[this.code][0];
  }
}

export const problemType = 'application/problem+json';

/**
 * The body of an answer that is no result, as RFC 9457 has it (`type`, `title`, `status`, `detail`, `instance`), and two
 * more members: `code`, the last part of `type`, and `hint`, what to do. `instance` is the path without its query and
 * the number under which the request stands in weir.log.
 */
export function problemBody(error: ApiError, instance: string | null): string {
  const [status, title] = problems[error.code];
  return `${JSON.stringify({
    type: `/v1/openapi.json#/components/x-problems/${error.code}`,
    title,
    status,
    detail: error.message,
    ...(instance === null ? {} : { instance }),
    code: error.code,
    hint: error.hint,
    ...error.members,
  })}\n`;
}
