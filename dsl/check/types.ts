import type { ValueType } from '../../engine/index.ts';
import { refuse } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Word } from '../syntax/tree.ts';

export type NamedType = 'string' | 'int' | 'float' | 'bool' | 'timestamp' | 'ip' | 'cidr' | 'duration' | 'array';

const names: ReadonlyMap<string, NamedType> = new Map<string, NamedType>([
  ...(['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'cidr', 'duration', 'array'] as const).map(
    (type) => [type, type] as const,
  ),
]);

/** Names of the same types in other dialects: refused with the one to write, so that rules read alike. */
const foreign: ReadonlyMap<string, NamedType> = new Map<string, NamedType>([
  ...(['text', 'varchar', 'char', 'str', 'keyword', 'uuid'] as const).map((name) => [name, 'string'] as const),
  ...(['integer', 'bigint', 'smallint', 'long', 'number', 'int64', 'int32', 'uint64'] as const).map(
    (name) => [name, 'int'] as const,
  ),
  ...(['double', 'real', 'decimal', 'numeric', 'float64'] as const).map((name) => [name, 'float'] as const),
  ['boolean', 'bool'],
  ...(['datetime', 'date', 'timestamptz', 'time'] as const).map((name) => [name, 'timestamp'] as const),
  ...(['inet', 'ipv4', 'ipv6', 'address'] as const).map((name) => [name, 'ip'] as const),
  ['interval', 'duration'],
]);

/** The type that a word names, among those allowed here. */
export function typeNamed(word: Word, allowed: readonly NamedType[]): NamedType {
  const written = word.text.toLowerCase();
  const type = names.get(written);
  if (type !== undefined && allowed.includes(type)) return type;
  const same = foreign.get(written);
  refuse({
    code: 'W0105',
    span: word.span,
    message: type === undefined ? `there is no type \`${word.text}\`` : `${type} cannot stand here`,
    label: same !== undefined && allowed.includes(same) ? `write ${same}` : didYouMean(written, allowed),
    hints: [`types: ${allowed.join(', ')}`],
  });
}

/** What ::type can make of a value; the result's type and the function's name. */
export function castFunction(type: NamedType): { readonly name: string; readonly type: ValueType } {
  return { name: `cast_${type}`, type };
}
