import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { PlainDecoder } from '../../../engine/decode/plain-decoder.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { eventSchemaV1, type FieldColumn, type ValueType } from '../../../engine/index.ts';
import { seeded } from '../../simulation/random.ts';
import { utf8 } from './json-text.ts';
import { sweep } from './sweep.ts';

type Random = () => number;

const ids = new Set<ValueType>(['string', 'ip', 'array']);

function column(path: string, type: ValueType, conversion: FieldColumn['conversion'] = 'declared'): FieldColumn {
  const storage = ids.has(type) ? 'id' : 'number';
  return { kind: 'field', name: `${path}::${type}`, path: path.split('.'), type, storage, conversion };
}

/** Every way in which a column comes to its value. */
export const fieldColumns: readonly FieldColumn[] = [
  ...['platform', 'event_type', 'account_id', 'actor.user_agent', 'auth.result'].map((name) => column(name, 'string')),
  ...[column('actor.ip', 'ip'), column('net.asn', 'int'), column('geo.lat', 'float'), column('timestamp', 'timestamp')],
  ...[column('event_id', 'string'), column('seq', 'int'), column('tenant_id', 'string')],
  ...(['string', 'int', 'float', 'bool', 'array', 'ip', 'timestamp'] as const).flatMap((type) => [
    column('details.x', type, 'cast'),
    column('details.y.z', type, 'cast'),
  ]),
  ...[column('details.y', 'string', 'cast'), column('details.é', 'string', 'cast')],
  ...[column('details.list', 'array', 'literal'), column('details.actor.kind', 'string', 'literal')],
];

const texts = [
  '',
  '*',
  '\\u002a',
  'login',
  'x',
  'é',
  '日本',
  '😀',
  'a\\"b',
  'line\\n',
  '\\u0041',
  '\\u00e9',
  '\\ud83d\\ude00',
  '\\ud800',
  '\\/',
  '\u0001',
];
const addresses = [
  '10.0.0.1',
  '255.255.255.255',
  '256.1.1.1',
  '01.2.3.4',
  '::1',
  '2001:DB8::0:1',
  '::ffff:1.2.3.4',
  '1.2.3',
];
const times = [
  '1970-01-01T00:00:00Z',
  '2026-03-01T10:15:07.250Z',
  '2026-03-01T10:15:59.123456789Z',
  '2026-03-01T10:15:60Z',
];
const otherTimes = [
  '2026-02-30T00:00:00Z',
  '2026-03-01T10:15:00+01:00',
  '2026-03-01 10:15:00Z',
  '2026-03-01T10:15:00',
  '2026-03-01T10:15:00.Z',
];
const numbers = [
  '0',
  '-0',
  '7',
  '-12',
  '3.25',
  '0.1',
  '1e3',
  '1E-2',
  '01',
  '1.',
  '.5',
  '-',
  '9007199254740991',
  '9007199254740993',
];
const great = [
  '123456789012345',
  '1234567890123456',
  '1.7976931348623157e308',
  '1e999',
  `${'9'.repeat(310)}`,
  '0.30000000000000004',
  '123456.789012345',
];
const others = [
  'null',
  'true',
  'false',
  '{}',
  '[]',
  '[1,"a",[null]]',
  '{"z":1}',
  '{"z":"text","z2":{}}',
  '{"a":1,"a":2}',
  'tru',
  '',
];

const names = [
  ...['timestamp', 'event_id', 'seq', 'tenant_id', 'received_at', 'details', 'schema_version'],
  ...['platform', 'event_type', 'account_id', 'actor', 'net', 'geo', 'auth', 'session_id', 'result', 'method'],
  ...['x', 'y', 'é', 'list', 'other', '__proto__', 'constructor', 'plat\\u0066orm'],
];
const inner = [
  'id',
  'ip',
  'user_agent',
  'asn',
  'lat',
  'lon',
  'country',
  'result',
  'x',
  'y',
  'z',
  'kind',
  'list',
  'é',
  'actor',
];

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)];
}

function value(random: Random, depth: number): string {
  const at = random();
  if (at < 0.35) return `"${pick(texts, random)}"`;
  if (at < 0.45) return `"${pick(addresses, random)}"`;
  if (at < 0.6) return pick(random() < 0.8 ? numbers : great, random);
  if (at < 0.66) return `"${pick(random() < 0.6 ? times : otherTimes, random)}"`;
  if (at < 0.85 || depth > 2) return pick(others, random);
  const keys = Array.from({ length: Math.floor(random() * 4) }, () => pick(inner, random));
  return `{${keys.map((key) => `"${key}":${value(random, depth + 1)}`).join(',')}}`;
}

function decimal(random: Random): string {
  if (random() < 0.3) return pick(numbers, random);
  return ((random() - 0.5) * 10 ** Math.floor(random() * 12)).toFixed(Math.floor(random() * 12));
}

/** What a field usually holds. */
function usual(name: string, random: Random): string {
  switch (name) {
    case 'timestamp':
    case 'received_at':
      return random() < 0.5 ? `"${pick(times.slice(0, 3), random)}"` : String(Math.floor(random() * 2e12));
    case 'seq':
      return String(Math.floor(random() * 1e6));
    case 'schema_version':
      return '"v1"';
    case 'actor':
      return `{"ip":"${pick(addresses, random)}","user_agent":"Mozilla/5.0 (X11; Linux x86_64) ${pick(texts, random)}"}`;
    case 'net':
      return `{"asn":${pick(numbers, random)}}`;
    case 'geo':
      return `{"country":"DE","lat":${decimal(random)},"lon":13.4}`;
    case 'auth':
      return `{"result":"${pick(['success', 'fail'], random)}"}`;
    case 'details':
      return `{"x":${value(random, 1)},"y":${value(random, 1)},"list":${value(random, 1)}}`;
    default:
      return `"${name}-${Math.floor(random() * (random() < 0.5 ? 50 : 1e6)).toString(36)}"`;
  }
}

/** What a producer's records have in common: their keys, in this order, and the space between. */
interface Template {
  readonly keys: readonly string[];
  readonly space: string;
  /** How often a value is not what its field usually holds. */
  readonly strange: number;
}

function template(random: Random): Template {
  const chosen = new Set(['timestamp', 'platform', 'event_type', 'account_id']);
  for (let n = Math.floor(random() * 8); n > 0; n--) chosen.add(pick(names, random));
  const keys = [...chosen];
  if (random() < 0.5) keys.sort(() => random() - 0.5);
  if (random() < 0.05) keys.push(pick(keys, random));
  return { keys, space: random() < 0.2 ? ' ' : '', strange: random() < 0.5 ? 0 : 0.15 };
}

function record({ keys, space, strange }: Template, random: Random): string {
  const parts = keys.map(
    (key) => `"${key}"${space}:${space}${random() < strange ? value(random, 0) : usual(key, random)}`,
  );
  return `${space}{${parts.join(`${space},${space}`)}}${space}`;
}

/** Producers that send records of one form, which a decoder learns, until another one comes instead. */
const producers = 6;

/** A record of one of the producers as it may send it: some are broken by a few bytes. */
function mutatedRecord(templates: Template[], random: Random): Uint8Array {
  const at = Math.floor(random() * producers);
  if (random() < 0.3 || templates[at] === undefined) templates[at] = template(random);
  const bytes = utf8(record(templates[at], random));
  if (random() < 0.6) return bytes;
  const broken = [...bytes];
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
    const at = Math.floor(random() * broken.length);
    const kind = random();
    if (kind < 0.4) broken[at] = Math.floor(random() * 256);
    else if (kind < 0.6) broken.splice(at, 1 + Math.floor(random() * 5));
    else if (kind < 0.8) broken.splice(at, 0, pick([...utf8('{}[]",:\\0e-\u0000é ')], random));
    else broken.splice(at, 0, ...broken.slice(at, at + Math.floor(random() * 20)));
  }
  return Uint8Array.from(broken);
}

/** So many of them. */
export function* mutatedRecords(random: Random, count: number): Generator<Uint8Array> {
  const templates: Template[] = [];
  for (let n = 0; n < count; n++) yield mutatedRecord(templates, random);
}

/** Both decoders beside each other. */
export class BothDecoders {
  readonly #dictionaries = [new Dictionary(), new Dictionary()];
  readonly #decoders = [
    new PlainDecoder(eventSchemaV1, fieldColumns, this.#dictionaries[0]),
    new ScanningDecoder(eventSchemaV1, fieldColumns, this.#dictionaries[1]),
  ] as const;
  accepted = 0;
  rejected = 0;

  /** What both say of a record, as JSON: equal where they mean the same. */
  decode(bytes: Uint8Array, latest_ms: number): readonly [string, string] {
    const [plain, scanning] = this.#decoders.map((decoder, which) => {
      const rejection = decoder.decode(bytes, latest_ms);
      const { timestamp, seq, id, tenant, values } = decoder.event;
      const dictionary = this.#dictionaries[which];
      if (rejection !== null) return JSON.stringify([rejection, timestamp, dictionary.size]);
      const isTaken = timestamp <= latest_ms;
      const shown = !isTaken
        ? []
        : fieldColumns.map(({ storage }, k) => {
            if (storage === 'number')
              return Number.isNaN(values[k]) ? null : Object.is(values[k], -0) ? '-0' : values[k];
            return values[k] === 0 ? null : dictionary.textOf(values[k]);
          });
      const told = isTaken ? [dictionary.textOf(tenant), shown] : [];
      const casts = isTaken ? [...decoder.event.failed_casts] : [];
      const isAsked = id.length === 0 || id.length % 4 === 0;
      const hash = isAsked ? decoder.event.contentHash() : '';
      return JSON.stringify([timestamp, Number.isNaN(seq) ? null : seq, [...id], hash, told, casts, dictionary.size]);
    });
    if (plain.startsWith('[{')) this.rejected++;
    else this.accepted++;
    return [plain, scanning];
  }

  /** As the engine does when texts have become many: all that no state holds are taken back. */
  sweep(): void {
    for (const dictionary of this.#dictionaries) sweep(dictionary);
  }
}

/** The first of `count` records of a seed of which the two decoders say different things; null: none. */
export function firstDifference(seed: number, count: number, both: BothDecoders): string | null {
  const random = seeded(seed);
  const templates: Template[] = [];
  for (let n = 0; n < count; n++) {
    const bytes = mutatedRecord(templates, random);
    const latest_ms = random() < 0.9 ? Number.POSITIVE_INFINITY : 1e12;
    const [plain, scanning] = both.decode(bytes, latest_ms);
    if (plain !== scanning) {
      return `${JSON.stringify(new TextDecoder().decode(bytes))}\nplain    ${plain}\nscanning ${scanning}`;
    }
    if (random() < 0.0005) both.sweep();
  }
  return null;
}
