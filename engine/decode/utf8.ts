import type { Rejection } from '../verdict.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of the bytes, or a Rejection when they are not UTF-8 or begin with a byte order mark (RFC 8259, 8.1). */
export function decodeUtf8(bytes: Uint8Array): string | Rejection {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    const at = firstInvalidByte(bytes);
    const found = bytes[at].toString(16).padStart(2, '0');
    return { reason: 'not_utf8', message: `at byte ${at}: 0x${found} begins no UTF-8 character` };
  }
  if (text.charCodeAt(0) !== 0xfeff) return text;
  return { reason: 'not_utf8', message: 'at byte 0: the record begins with a byte order mark; leave it out' };
}

/** Whether the bytes are UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where the first sequence begins that is not UTF-8. The lenient decoder puts U+FFFD there; one whose bytes are really
 * those of U+FFFD was in the text before.
 */
function firstInvalidByte(bytes: Uint8Array): number {
  const text = lenient.decode(bytes);
  let from = 0;
  let byte = 0;
  for (;;) {
    const replacement = text.indexOf('\ufffd', from);
    byte += utf8Length(text.slice(from, replacement));
    if (bytes[byte] !== 0xef || bytes[byte + 1] !== 0xbf || bytes[byte + 2] !== 0xbd) return byte;
    from = replacement + 1;
    byte += 3;
  }
}

/** Length of the text in UTF-8 bytes; half a surrogate pair counts as U+FFFD, three bytes. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A pair is two units and four bytes: each half adds one to the length it has already.
    length += unit < 0x800 || isHalfOfPair(text, i, unit) ? 1 : 2;
  }
  return length;
}

function isHalfOfPair(text: string, at: number, unit: number): boolean {
  if (unit >= 0xd800 && unit <= 0xdbff) return isBetween(text.charCodeAt(at + 1), 0xdc00, 0xdfff);
  return isBetween(unit, 0xdc00, 0xdfff) && isBetween(text.charCodeAt(at - 1), 0xd800, 0xdbff);
}

function isBetween(unit: number, least: number, greatest: number): boolean {
  return unit >= least && unit <= greatest;
}

/** UTF-8 bytes of the text. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
