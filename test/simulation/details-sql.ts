import type { Condition } from './case.ts';
import { partsOf } from './oracle-details.ts';

type Read = Extract<Condition, readonly ['d', ...unknown[]]>;

/**
 * A path into details as ClickHouse reads JSON: of the column `details`, or where that has nothing, of `top`, the extra
 * fields. Beside a literal only JSON of its kind is a value.
 */
export function detailsSql([, path, type, way]: Read, prefix: string): string {
  const parts = partsOf(path)
    .map((part) => `'${part}'`)
    .join(', ');
  const json = `if(JSONType(${prefix}details, ${parts}) = 'Null', ${prefix}top, ${prefix}details)`;
  const read = (kind: string) => `JSONExtract${kind}(${json}, ${parts})`;
  const is = (...types: string[]) => `(JSONType(${json}, ${parts}) IN (${types.map((one) => `'${one}'`).join(', ')}))`;
  const [text, truth] = [is('String'), is('Bool')];
  if (way === 'literal' && type === 'string') return `if(${text}, ${read('String')}, NULL)`;
  if (way === 'literal' && type === 'bool') return `if(${truth}, ${read('Bool')}, NULL)`;
  if (way === 'literal' && type === 'float') return `if(${is('Int64', 'UInt64', 'Double')}, ${read('Float')}, NULL)`;
  if (type === 'string') {
    const words = `if(${read('Bool')}, 'true', 'false')`;
    return `multiIf(${is('Null')}, NULL, ${text}, ${read('String')}, ${truth}, ${words}, ${read('Raw')})`;
  }
  if (type === 'int') {
    const digits = `if(match(${read('String')}, '^-?[0-9]{1,16}$'), toInt64OrNull(${read('String')}), NULL)`;
    const cut = `toInt64(trunc(${read('Float')}))`;
    return `multiIf(${truth}, toInt64(${read('Bool')}), ${is('Int64', 'UInt64', 'Double')}, ${cut}, ${text}, ${digits}, NULL)`;
  }
  throw new Error(`no query for details as ${type}`);
}
