/** What a request to ClickHouse's HTTP interface says in its address. */
export interface RequestAddress {
  readonly query: string;
  readonly query_id: string | null;
  readonly format: string | null;
  readonly database: string | null;
  readonly compress: boolean;
  /** Settings for this statement only, as `name = 'value'`. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Values of {name:Type}, in ClickHouse's escaped form. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

/** Names that are no settings. */
const own = new Set(
  (
    'query database default_format query_id compress decompress role user password wait_end_of_query buffer_size ' +
    'enable_http_compression send_progress_in_http_headers http_headers_progress_interval_ms http_response_buffer_size ' +
    'http_write_exception_in_output_format client_protocol_version quota_key'
  ).split(' '),
);

/** Reads the address of a request. A session cannot be had: each statement begins with nothing set. */
export function readAddress(parameters: URLSearchParams): RequestAddress {
  const settings: [string, string][] = [];
  const params: [string, string][] = [];
  for (const [name, value] of parameters) {
    if (!/^[A-Za-z_]\w*$/.test(name) || own.has(name)) continue;
    if (name.startsWith('param_')) params.push([name, value]);
    else settings.push([name, value]);
  }
  return {
    query: parameters.get('query') ?? '',
    query_id: parameters.get('query_id'),
    format: parameters.get('default_format'),
    database: parameters.get('database'),
    compress: parameters.get('enable_http_compression') === '1',
    settings,
    params,
  };
}

/** A text as a literal of ClickHouse's SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const contentTypes: Readonly<Record<string, string>> = {
  JSONEachRow: 'application/x-ndjson; charset=UTF-8',
  JSON: 'application/json; charset=UTF-8',
  JSONCompact: 'application/json; charset=UTF-8',
  CSV: 'text/csv; charset=UTF-8',
  TabSeparated: 'text/tab-separated-values; charset=UTF-8',
};

export function contentType(format: string): string {
  return contentTypes[format] ?? 'application/octet-stream';
}

/** Formats whose rows stand for themselves, so that blocks of a result can leave one after the other. */
export const streamed: ReadonlySet<string> = new Set(
  'JSONEachRow JSONCompactEachRow JSONStringsEachRow TabSeparated TSV CSV RowBinary Native'.split(' '),
);

/** An error as ClickHouse writes it, with its number. */
export function errorText(error: unknown): { readonly code: number; readonly text: string } {
  const { code, clickhouseCode } = error as { code?: unknown; clickhouseCode?: unknown };
  const said = error instanceof Error ? error.message : String(error);
  const written = Number(/Code: (\d+)/.exec(said)?.[1]);
  const given = [clickhouseCode, code, written].find((one) => typeof one === 'number' && Number.isInteger(one));
  const number = given === undefined ? 1002 : (given as number);
  const text = said.startsWith('Code: ') ? said : `Code: ${number}. DB::Exception: ${said}. (${nameOf(number)})`;
  return { code: number, text: `${text.trimEnd()}\n` };
}

function nameOf(code: number): string {
  const names: Readonly<Record<number, string>> = {
    62: 'SYNTAX_ERROR',
    202: 'TOO_MANY_SIMULTANEOUS_QUERIES',
    307: 'TOO_MANY_BYTES',
    497: 'ACCESS_DENIED',
    516: 'AUTHENTICATION_FAILED',
  };
  return names[code] ?? 'UNKNOWN_EXCEPTION';
}

/** The status that goes with an error's number. */
export function statusOf(code: number): number {
  if (code === 516 || code === 497 || code === 164) return 403;
  if (code === 60 || code === 81) return 404;
  if (code === 307) return 413;
  if (code === 202) return 503;
  return [62, 27, 47, 117, 36, 456, 457, 25, 26, 72, 6].includes(code) ? 400 : 500;
}

/** How an error is told after the answer has begun: the official client finds it by the tag of the headers. */
export function lateError(text: string, tag: string): string {
  return `\r\n__exception__\r\n${tag}\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`;
}
