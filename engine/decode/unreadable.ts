import { limits } from '../limits.ts';
import type { Rejection } from '../verdict.ts';
import { type JsonObject, type JsonValue, parseJson } from './json-parser.ts';
import { encodeUtf8, isUtf8 } from './utf8.ts';

/**
 * What a codec cannot read, or never gets because it is over the limit, is no event, and still one of the records that were
 * read (law 3). It goes to the door and into the log as a record of its own form, which no event has, since it lacks what
 * an event must have:
 *   {"unreadable": {"message", "reason"?, "line", "record"?, "length", "text" or "base64": [pieces]}}
 * So every way to the door (a file, HTTP, the log that is read again) rejects it alike, and says why.
 */
export interface Unreadable {
  readonly message: string;
  /** Over the limit of a record: a codec did not look at it. Absent: a codec could not read it, which is 'bad_line'. */
  readonly reason?: 'too_large';
  /** Line of the file, from 1. */
  readonly line: number;
  /** Which of the line's records it is, from 1; null where the line itself cannot be read. */
  readonly record: number | null;
  readonly bytes: Uint8Array;
  /** True length, where `bytes` is the beginning. */
  readonly length?: number;
}

const message_characters = 500;
/** In base64, with all else, they fit into a record. */
const base64_bytes = 190_000;
const piece_characters = 20_000;

const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** The record of it: its bytes as text, or in base64 where they are none or would not fit, then perhaps their beginning. */
export function unreadableRecord(what: Unreadable): Uint8Array {
  const { message, reason, line, record, bytes, length = bytes.length } = what;
  const short =
    message.length > message_characters ? `${message.slice(0, message_characters).toWellFormed()}...` : message;
  const why = { message: short, ...(reason === undefined ? {} : { reason }) };
  const head = { ...why, line, ...(record === null ? {} : { record }), length };
  if (isUtf8(bytes)) {
    const whole = encodeUtf8(JSON.stringify({ unreadable: { ...head, text: pieces(lenient.decode(bytes)) } }));
    if (whole.length <= limits.record_bytes) return whole;
  }
  const base64 = pieces(bytes.subarray(0, base64_bytes).toBase64());
  return encodeUtf8(JSON.stringify({ unreadable: { ...head, base64 } }));
}

/** No text of a record may be longer than limits.text_bytes; a pair of surrogates stays together. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + piece_characters, text.length);
    if (to < text.length && (text.charCodeAt(to) & 0xfc00) === 0xdc00) to--;
    found.push(text.slice(from, to));
    from = to;
  }
  return found;
}

/** Why a record of this form is rejected; null for any other record. */
export function unreadableReason(value: JsonObject): Rejection | null {
  const found = unreadableOf(value);
  if (found === null) return null;
  const { message, reason = 'bad_line', line, record } = found;
  const place = record === null ? `line ${line}` : `line ${line}, record ${record}`;
  return { reason, message: `${message} (${place})` };
}

/** Whether a record that was rejected for this reason may be of this form. */
export function mayBeUnreadable(reason: string): boolean {
  return reason === 'bad_line' || reason === 'too_large';
}

/** What stands in a record of this form, as it came; null for any other record. */
export function readUnreadable(record: Uint8Array): Unreadable | null {
  const { value } = parseJson(record);
  return value instanceof Map ? unreadableOf(value) : null;
}

function unreadableOf(value: JsonObject): Unreadable | null {
  const inner = value.get('unreadable');
  if (value.size !== 1 || !(inner instanceof Map)) return null;
  const [message, line, record, length] = ['message', 'line', 'record', 'length'].map((name) => inner.get(name));
  const bytes = bytesOf(inner);
  if (typeof message !== 'string' || typeof line !== 'number' || typeof length !== 'number' || bytes === null)
    return null;
  const kept = length > bytes.length ? { length } : {};
  const reason = inner.get('reason') === 'too_large' ? ({ reason: 'too_large' } as const) : {};
  return { message, ...reason, line, record: typeof record === 'number' ? record : null, bytes, ...kept };
}

function bytesOf(inner: JsonObject): Uint8Array | null {
  const [text, base64] = [joined(inner.get('text')), joined(inner.get('base64'))];
  if (text !== null) return encodeUtf8(text);
  if (base64 === null) return null;
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return null;
  }
}

function joined(pieces: JsonValue | undefined): string | null {
  if (!Array.isArray(pieces)) return null;
  return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : null;
}
