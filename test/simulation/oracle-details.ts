import type { Condition, Json, Scalar } from './case.ts';
import { called } from './forms.ts';
import type { Fields } from './naive-oracle.ts';

type Read = Extract<Condition, readonly ['d', ...unknown[]]>;

/** A path as it stands in a case, `deep/odd key`, as its parts. */
export const partsOf = (path: string): string[] => path.split('/');

/** Fields at the top of events that the stream does not declare: they belong to details. */
const extras = ['extra', 'deep'];

/**
 * A path into details: what stands in `details`, else the extra field of that path. Beside a literal only JSON of its own
 * kind is a value; a cast reads as the casts of the language do, and what it cannot read is NULL.
 */
export function readDetails([, path, type, way, side]: Read, fields: Fields): Scalar {
  // A pair has the fields of both rows, with their sides in front.
  const own = side === undefined ? '' : `${side}.`;
  const open = ['details', ...extras].map((name) => [name, fields[`${own}${name}`] ?? null]);
  const event = Object.fromEntries(open) as { [name: string]: Json };
  const parts = partsOf(path);
  const found = at(event.details ?? null, parts) ?? (extras.includes(parts[0] as string) ? at(event, parts) : null);
  if (found === null) return null;
  // An array is one as it is; in this oracle arrays travel as values.
  if (type === 'array') return Array.isArray(found) ? (found as unknown as Scalar) : null;
  const kind = { string: 'string', float: 'number', bool: 'boolean' }[type as 'string' | 'float' | 'bool'];
  if (way === 'literal') return typeof found === kind ? (found as Scalar) : null;
  if (typeof found === 'object') return type === 'string' ? sorted(found) : null;
  return cast(found, type);
}

function at(value: Json, parts: readonly string[]): Json {
  const [first, ...rest] = parts;
  if (first === undefined) return value ?? null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return at((value as { [name: string]: Json })[first] ?? null, rest);
}

/** JSON without spaces, keys in order. */
function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${sorted(one)}`).join(',')}}`;
}

function cast(value: string | number | boolean, type: Read[2]): Scalar {
  const kind = { string: 'text', number: 'float', boolean: 'bool' }[typeof value as 'string' | 'number' | 'boolean'];
  if (type === 'string') return String(value);
  if (type === 'float' && kind === 'float') return value;
  if (type === 'float' && kind === 'bool') return Number(value);
  if (type === 'bool' && kind === 'bool') return value;
  if (type === 'bool' && kind === 'float') return value !== 0;
  // Epoch milliseconds, or a text with a zone.
  if (type === 'timestamp' && kind !== 'text') return Number.isInteger(value) ? value : null;
  if (type === 'ip' && kind !== 'text') return null;
  return called(`${kind}_${type === 'timestamp' ? 'time' : type}`, [value]);
}
