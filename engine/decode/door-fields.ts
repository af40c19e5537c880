import { limits } from '../limits.ts';
import { ACROSS_TENANT } from '../program.ts';
import type { Rejection } from '../verdict.ts';
import { convertExactly } from './convert.ts';
import type { JsonObject, JsonValue } from './json-parser.ts';
import { mismatch, wrongType } from './messages.ts';
import { parseTimestamp } from './timestamp.ts';
import { utf8Length } from './utf8.ts';

const encoder = new TextEncoder();
const none = new Uint8Array(0);

/** The five fields that every event has whatever its schema (event-schema.ts), of the record that was read last. */
export class DoorFields {
  /** Epoch milliseconds; NaN when the record has none. */
  timestamp = Number.NaN;
  /** NaN when the record has none. */
  seq = Number.NaN;
  tenant = 'default';
  /** null when the record has none. */
  idText: string | null = null;
  readonly #idBuffer = new Uint8Array(limits.event_id_bytes);

  /** Reads the fields; null when all are of their types. A missing timestamp is not judged here. */
  read(event: JsonObject): Rejection | null {
    const details = event.get('details') ?? null;
    if (details !== null && !(details instanceof Map)) return mismatch('details', details, 'an object');
    return (
      this.#readTimes(event.get('timestamp') ?? null, event.get('received_at') ?? null) ??
      this.#readSeq(event.get('seq') ?? null) ??
      this.#readTenant(event.get('tenant_id') ?? null) ??
      this.#readId(event.get('event_id') ?? null)
    );
  }

  #readTimes(timestamp: JsonValue, received_at: JsonValue): Rejection | null {
    const time = parseTimestamp(timestamp);
    if (time === null && timestamp !== null && timestamp !== '') return wrongType('timestamp', timestamp, 'timestamp');
    this.timestamp = time ?? Number.NaN;
    // received_at is given by Weir; a record that was exported and comes again may hold an old one, which is ignored.
    if (received_at === null || parseTimestamp(received_at) !== null) return null;
    return wrongType('received_at', received_at, 'timestamp');
  }

  #readSeq(seq: JsonValue): Rejection | null {
    const number = convertExactly(seq, 'int');
    if (seq !== null && number === null) return wrongType('seq', seq, 'int');
    this.seq = typeof number === 'number' ? number : Number.NaN;
    if (!(this.seq < 0)) return null;
    return { reason: 'number_out_of_range', message: `seq: found the number ${this.seq}, expected 0 or more` };
  }

  #readTenant(tenant: JsonValue): Rejection | null {
    if (tenant !== null && (typeof tenant !== 'string' || tenant === '')) {
      return mismatch('tenant_id', tenant, "a text that is not empty (left out, it is 'default')");
    }
    if (tenant === ACROSS_TENANT) {
      return mismatch('tenant_id', tenant, 'the name of one tenant: * stands for all of them, and no event is of all');
    }
    this.tenant = tenant ?? 'default';
    return null;
  }

  #readId(id: JsonValue): Rejection | null {
    this.idText = null;
    if (id === null) return null;
    if (typeof id !== 'string' || id === '') {
      return mismatch('event_id', id, 'a text that is not empty (left out, one is made from the content)');
    }
    if (utf8Length(id) > limits.event_id_bytes) {
      const message = `event_id: found a text of ${utf8Length(id)} bytes, expected at most ${limits.event_id_bytes}`;
      return { reason: 'too_large', message };
    }
    this.idText = id;
    return null;
  }

  /** UTF-8 of the id, empty when the record has none; valid until the next call. */
  idBytes(): Uint8Array {
    if (this.idText === null) return none;
    return this.#idBuffer.subarray(0, encoder.encodeInto(this.idText, this.#idBuffer).written);
  }
}
