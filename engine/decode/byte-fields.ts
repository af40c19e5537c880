import type { EventSchema } from '../event-schema.ts';
import { limits } from '../limits.ts';
import { ACROSS_TENANT } from '../program.ts';
import type { ValueType } from '../value.ts';
import { AddressIds } from './address-ids.ts';
import { DECIMAL, ESCAPED, FALSE, INTEGER, TEXT, TRUE } from './byte-kinds.ts';
import type { ByteScanner } from './byte-scanner.ts';
import { ByteTime } from './byte-time.ts';
import { type Converted, convertExactly } from './convert.ts';
import type { IdWatcher } from './decoder.ts';
import type { Dictionary } from './dictionary.ts';
import { canonicalIp, isDottedIpv4 } from './ip.ts';
import { type JsonValue, parseJson } from './json-parser.ts';
import { contentHash, hashOfBytes } from './text-hash.ts';
import { INLINE_BYTES } from './text-records.ts';
import { parseTimestamp } from './timestamp.ts';
import { encodeUtf8 } from './utf8.ts';

/** How the type of a field is checked: a number, because a switch over texts compares them one after the other. */
const CONVERTED = 0;
const STRING = 1;
const VERSION = 2;
const ADDRESS = 3;
const INT = 4;
const FLOAT = 5;
const BOOL = 6;
const forms: Partial<Record<ValueType, number>> = { string: STRING, ip: ADDRESS, int: INT, float: FLOAT, bool: BOOL };

/** Kind of a field whose address is not written in its one form. */
const OTHER_FORM = 11;

const defaultHash = contentHash('default');
const none = new Uint8Array(0);
/** ACROSS_TENANT is one byte. */
const ACROSS_BYTE = ACROSS_TENANT.charCodeAt(0);
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * HOT. The declared fields and the door's of the record that a scanner reads: whether their values fit, and where they
 * stand until they are asked for. Everything that says false or NaN leaves the record to the plain decoder.
 */
export class ByteFields {
  timestamp = Number.NaN;
  seq = Number.NaN;
  readonly #scanner: ByteScanner;
  readonly #dictionary: Dictionary;
  readonly #addresses: AddressIds;
  readonly #time: ByteTime;
  readonly #types: readonly ValueType[];
  readonly #required: Int32Array;
  /** By field: how its type is checked. */
  readonly #forms: Uint8Array;
  /** The only text that schema_version may hold. */
  readonly #versionText: Uint8Array;
  /** By field: the kind of its value (0: it has none), where it stands, and its number where it is one. */
  readonly #kinds: Uint8Array;
  readonly #starts: Int32Array;
  readonly #stops: Int32Array;
  readonly #numbers: Float64Array;
  /** The fields that the record has, the first `#count` of these. */
  readonly #found: Int32Array;
  #count = 0;
  #tenantKind = 0;
  #tenantStart = 0;
  #tenantStop = 0;
  #idKind = 0;
  #idStart = 0;
  #idStop = 0;
  readonly #idBuffer = new Uint8Array(limits.event_id_bytes);
  /** Views of the buffer by length, made once. */
  readonly #idViews: (Uint8Array | undefined)[] = new Array(limits.event_id_bytes + 1);
  /** Dictionary id of 'default', and when it was asked for. */
  #defaultTenant = 0;
  #defaultSweeps = -1;

  constructor(schema: EventSchema, scanner: ByteScanner, dictionary: Dictionary) {
    this.#scanner = scanner;
    this.#dictionary = dictionary;
    this.#addresses = new AddressIds(dictionary, scanner);
    this.#time = new ByteTime(scanner);
    this.#types = schema.fields.map(({ type }) => type);
    this.#required = Int32Array.from(schema.fields.flatMap(({ required }, index) => (required ? [index] : [])));
    this.#forms = Uint8Array.from(schema.fields, ({ name, type }) =>
      name === 'schema_version' && type === 'string' ? VERSION : (forms[type] ?? CONVERTED),
    );
    this.#versionText = encodeUtf8(schema.name);
    const count = schema.fields.length;
    this.#kinds = new Uint8Array(count);
    this.#found = new Int32Array(count);
    this.#starts = new Int32Array(count);
    this.#stops = new Int32Array(count);
    this.#numbers = new Float64Array(count);
  }

  /** Of what it remembers of addresses. */
  get allocated_bytes(): number {
    return this.#addresses.allocated_bytes;
  }

  /** A new record begins. */
  begin(): void {
    this.timestamp = Number.NaN;
    this.seq = Number.NaN;
    this.#tenantKind = 0;
    this.#idKind = 0;
    for (let k = 0; k < this.#count; k++) this.#kinds[this.#found[k]] = 0;
    this.#count = 0;
  }

  /** The scanner has read a value of this kind, not null, of a field; false where it does not fit or stands twice. */
  take(field: number, kind: number): boolean {
    if (this.#kinds[field] !== 0) return false;
    const { start, stop, number } = this.#scanner;
    this.#found[this.#count++] = field;
    this.#kinds[field] = kind;
    this.#starts[field] = start;
    this.#stops[field] = stop;
    switch (this.#forms[field]) {
      case STRING:
        return kind === TEXT || kind === ESCAPED;
      case VERSION:
        return kind === TEXT && this.#isVersion(start, stop);
      case ADDRESS:
        return kind === TEXT && this.#takeAddress(field, start, stop);
      case INT:
        this.#numbers[field] = number;
        return kind === INTEGER;
      case FLOAT:
        this.#numbers[field] = number;
        return kind === INTEGER || kind === DECIMAL;
      case BOOL:
        this.#numbers[field] = kind === TRUE ? 1 : 0;
        return kind === TRUE || kind === FALSE;
      default:
        return this.#takeConverted(field, kind);
    }
  }

  /** Types that are rare: the value is parsed. */
  #takeConverted(field: number, kind: number): boolean {
    const converted = this.#convert(field, kind);
    if (typeof converted === 'number') this.#numbers[field] = converted;
    return converted !== null;
  }

  #convert(field: number, kind: number): Converted {
    return convertExactly(this.jsonAt(kind, this.#starts[field], this.#stops[field]), this.#types[field]);
  }

  #isVersion(start: number, stop: number): boolean {
    if (stop - start !== this.#versionText.length) return false;
    const { bytes } = this.#scanner;
    for (let k = 0; k < this.#versionText.length; k++) if (bytes[start + k] !== this.#versionText[k]) return false;
    return true;
  }

  #takeAddress(field: number, start: number, stop: number): boolean {
    if (isDottedIpv4(this.#scanner.bytes, start, stop)) return true;
    this.#kinds[field] = OTHER_FORM;
    return this.#addresses.find(start, stop) !== 0 || canonicalIp(this.#textAt(start, stop)) !== null;
  }

  /** Epoch milliseconds of the time that the scanner has read; NaN where it is none. */
  readTime(kind: number): number {
    const { start, stop, number } = this.#scanner;
    if (kind === INTEGER) return parseTimestamp(number) ?? Number.NaN;
    if (kind !== TEXT) return Number.NaN;
    const time = this.#time.read(start, stop);
    return Number.isNaN(time) ? (parseTimestamp(this.#textAt(start, stop)) ?? Number.NaN) : time;
  }

  takeTenant(kind: number): boolean {
    this.#tenantKind = kind;
    this.#tenantStart = this.#scanner.start;
    this.#tenantStop = this.#scanner.stop;
    return this.#isTenant(kind, this.#tenantStart, this.#tenantStop);
  }

  /** Not empty, and not the name that stands for all tenants. */
  #isTenant(kind: number, start: number, stop: number): boolean {
    if (kind === ESCAPED) return this.jsonAt(kind, start, stop) !== ACROSS_TENANT;
    if (kind !== TEXT || stop === start) return false;
    return stop - start > 1 || this.#scanner.bytes[start] !== ACROSS_BYTE;
  }

  takeId(kind: number): boolean {
    this.#idKind = kind;
    this.#idStart = this.#scanner.start;
    this.#idStop = this.#scanner.stop;
    const length = this.#idStop - this.#idStart;
    return kind === TEXT && length > 0 && length <= limits.event_id_bytes;
  }

  /** Whether the record has its timestamp and all required fields, none of them empty. */
  isWhole(): boolean {
    if (Number.isNaN(this.timestamp)) return false;
    for (let k = 0; k < this.#required.length; k++) {
      const field = this.#required[k];
      const kind = this.#kinds[field];
      if (kind === 0 || (kind === TEXT && this.#starts[field] === this.#stops[field])) return false;
    }
    return true;
  }

  /** The event id's bytes; valid until the next call. */
  idBytes(): Uint8Array {
    if (this.#idKind === 0) return none;
    const length = this.#idStop - this.#idStart;
    const { bytes } = this.#scanner;
    for (let k = 0; k < length; k++) this.#idBuffer[k] = bytes[this.#idStart + k];
    let view = this.#idViews[length];
    if (view === undefined) {
      view = this.#idBuffer.subarray(0, length);
      this.#idViews[length] = view;
    }
    return view;
  }

  eventId(): number {
    return this.#idKind === 0 ? 0 : this.idOfText(this.#idStart, this.#idStop);
  }

  tenantId(): number {
    if (this.#tenantKind === TEXT) return this.idOfText(this.#tenantStart, this.#tenantStop);
    if (this.#tenantKind === ESCAPED) {
      return this.#dictionary.idOf(String(this.jsonAt(ESCAPED, this.#tenantStart, this.#tenantStop)));
    }
    if (this.#defaultSweeps !== this.#dictionary.sweeps) {
      this.#defaultTenant = this.#dictionary.idOf('default');
      this.#defaultSweeps = this.#dictionary.sweeps;
    }
    return this.#defaultTenant;
  }

  /** Tells of the id and the tenant, where both are known without a text of them being made. */
  tellId(watcher: IdWatcher, id: Uint8Array): void {
    if (this.#idKind === 0 || this.#tenantKind === ESCAPED) return;
    const { bytes, words } = this.#scanner;
    const isDefault = this.#tenantKind === 0;
    watcher.onId(id, isDefault ? defaultHash : hashOfBytes(bytes, words, this.#tenantStart, this.#tenantStop));
  }

  /** The hash of the field's text where the dictionary may have it in its index, to be given to idOfHashed(); else 0. */
  hashOf(field: number): number {
    const start = this.#starts[field];
    const stop = this.#stops[field];
    if (this.#kinds[field] !== TEXT || stop - start > INLINE_BYTES) return 0;
    return hashOfBytes(this.#scanner.bytes, this.#scanner.words, start, stop);
  }

  idOfHashed(field: number, hash: number): number {
    const { bytes, words } = this.#scanner;
    return this.#dictionary.idOfHashed(hash, bytes, words, this.#starts[field], this.#stops[field]);
  }

  /** NaN where the field has no value. */
  numberOf(field: number): number {
    return this.#kinds[field] === 0 ? Number.NaN : this.#numbers[field];
  }

  /** 0 where the field has no value. */
  idOf(field: number): number {
    const kind = this.#kinds[field];
    if (kind === 0) return 0;
    const start = this.#starts[field];
    const stop = this.#stops[field];
    if (kind === OTHER_FORM) return this.#idOfAddress(start, stop);
    if (kind === TEXT) return this.idOfText(start, stop);
    const converted = this.#convert(field, kind);
    return typeof converted === 'string' ? this.#dictionary.idOf(converted) : 0;
  }

  /** The id of the text in these bytes, which have no escapes. */
  idOfText(start: number, stop: number): number {
    return this.#dictionary.idOfBytes(this.#scanner.bytes, this.#scanner.words, start, stop);
  }

  #idOfAddress(start: number, stop: number): number {
    const known = this.#addresses.find(start, stop);
    if (known !== 0) return known;
    const id = this.#dictionary.idOf(canonicalIp(this.#textAt(start, stop)) as string);
    this.#addresses.put(start, stop, id);
    return id;
  }

  /** The value in these bytes, as the plain parser reads it; of a TEXT without its quotes. */
  jsonAt(kind: number, start: number, stop: number): JsonValue {
    if (kind === TEXT) return this.#textAt(start, stop);
    return parseJson(this.#scanner.bytes.subarray(start, stop)).value;
  }

  #textAt(start: number, stop: number): string {
    return lenient.decode(this.#scanner.bytes.subarray(start, stop));
  }
}
