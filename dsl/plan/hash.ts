import { sha256Hex } from '../../engine/index.ts';

/** JSON with sorted keys and no spaces: equal meanings are equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonicalJson(part)}`).join(',')}}`;
}

const utf8 = new TextEncoder();

/** The first 16 hex digits of sha256 over the canonical JSON. */
export function planHash(meaning: unknown): string {
  return sha256Hex(utf8.encode(canonicalJson(meaning))).slice(0, 16);
}
