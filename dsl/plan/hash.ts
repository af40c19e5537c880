import { sha256Hex } from '../../engine/index.ts';
import type { ColumnExpression } from './plan.ts';

/** JSON with sorted keys and no spaces: equal meanings are equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonicalJson(part)}`).join(',')}}`;
}

/**
 * A meaning without the names that are only there to refer by: aliases of a join's sides become their numbers. A name
 * that shows (an output's, a key's) stays.
 */
export function withoutAliases(meaning: object, aliases: readonly string[]): object {
  if (aliases.length === 0) return meaning;
  const inner = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(inner);
    if (typeof part !== 'object' || part === null) return part;
    return isColumn(part)
      ? numbered(part, aliases)
      : Object.fromEntries(Object.entries(part).map(([k, v]) => [k, inner(v)]));
  };
  return inner(meaning) as object;
}

function isColumn(part: object): part is ColumnExpression {
  return 'kind' in part && part.kind === 'column' && 'path' in part && Array.isArray(part.path);
}

function numbered(column: ColumnExpression, aliases: readonly string[]): ColumnExpression {
  const [alias, ...path] = column.path;
  const side = path.length === 0 ? -1 : aliases.indexOf(alias);
  if (side < 0) return column;
  return { ...column, name: `${side}${column.name.slice(alias.length)}`, path: [String(side), ...path] };
}

const utf8 = new TextEncoder();

/** The first 16 hex digits of sha256 over the canonical JSON. */
export function planHash(meaning: unknown): string {
  return sha256Hex(utf8.encode(canonicalJson(meaning))).slice(0, 16);
}
