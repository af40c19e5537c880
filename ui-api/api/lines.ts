import { parseJson } from '../../engine/index.ts';
import { fillMembers } from '../fill-members.ts';
import { ApiError } from './problem.ts';
import { otherTenant } from './route.ts';

const newline = 10;
const carriageReturn = 13;

/** The lines of a body: the bytes of each without the line's end, and its number from 1 (blank lines count, and are left out). */
interface BodyLines {
  readonly bytes: readonly Uint8Array[];
  readonly numbers: readonly number[];
}

/**
 * The lines of a body that hold something. Each becomes an entry of the log and a line of the answer, so a body of tiny
 * lines costs far more than its bytes: their number is bounded, blank ones included.
 * @throws ApiError 413 for more than `most` lines
 */
export function splitLines(body: Uint8Array, most: number): BodyLines {
  const lines: Uint8Array[] = [];
  const numbers: number[] = [];
  let start = 0;
  for (let number = 1; start < body.length; number++) {
    if (number > most) throw tooManyLines(most);
    let end = body.indexOf(newline, start);
    if (end === -1) end = body.length;
    const last = end > start && body[end - 1] === carriageReturn ? end - 1 : end;
    if (!isBlank(body, start, last)) {
      lines.push(body.subarray(start, last));
      numbers.push(number);
    }
    start = end + 1;
  }
  return { bytes: lines, numbers };
}

function isBlank(bytes: Uint8Array, start: number, stop: number): boolean {
  for (let at = start; at < stop; at++) if (bytes[at] !== 32 && bytes[at] !== 9) return false;
  return true;
}

function tooManyLines(most: number): ApiError {
  return new ApiError(
    'too_many_lines',
    `a request may have at most ${most} lines`,
    'send the events in several requests; the limit is the lesser of the settings request_lines and queue_events',
  );
}

/**
 * A person's first event is often one pretty-printed document over several lines; every line of it would be rejected.
 * @throws ApiError 400 that says how to send it.
 */
export function refuseOneDocument(body: Uint8Array, lines: readonly Uint8Array[]): void {
  if (lines.length < 2 || parse(lines[0]) !== undefined || parse(body) === undefined) return;
  throw new ApiError(
    'one_document',
    `the body is one JSON document over ${lines.length} lines; events are sent as NDJSON, one per line`,
    'make it one line each: `jq -c . event.json` (or `jq -c ".[]"` for an array)',
  );
}

/**
 * Gives a line without `event_id` (null and '' are none) the id `id`, so that a request sent again with the same
 * Idempotency-Key does not count twice. A line that is no JSON object stays as it is: the door says what is wrong with it.
 */
export function withEventId(line: Uint8Array, id: string): Uint8Array {
  const event = parse(line);
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return line;
  const { event_id } = event as { event_id?: unknown };
  if (event_id !== undefined && event_id !== null && event_id !== '') return line;
  return fillMembers(line, { event_id: id });
}

/**
 * A line as the tenant's: without `tenant_id` it gets that of the token. What is no JSON object stays as it is, for the
 * door to reject. @throws ApiError 403 for an event of another tenant: nothing of the request is taken
 */
export function ofTenant(bytes: Uint8Array, number: number, tenant: string, token: string): Uint8Array {
  const { value } = parseJson(bytes);
  if (!(value instanceof Map)) return bytes;
  const named = value.get('tenant_id') ?? null;
  if (named === null) return fillMembers(bytes, { tenant_id: tenant });
  // What is no text is rejected at the door.
  if (typeof named !== 'string' || named === '' || named === tenant) return bytes;
  throw otherTenant(token, tenant, `line ${number} is of the tenant ${JSON.stringify(named.slice(0, 60))}`);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
