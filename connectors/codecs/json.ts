import type { Codec } from '../../engine/index.ts';

const BLANK = new Set([0x20, 0x09, 0x0d]);

/** NDJSON of normalised events: every line is an event already, and its bytes go to the door as they came. */
export function jsonCodec(): Codec {
  return {
    name: 'json',
    summary: 'normalised events, one JSON object a line; blank lines are skipped',
    decode: (line) =>
      line.every((byte) => BLANK.has(byte)) ? { kind: 'skipped', reason: 'blank line' } : { kind: 'as_is' },
  };
}
