import type { DeployedTable } from '../../connectors/index.ts';
import type { Program, ValueType } from '../../engine/index.ts';

/** What the store shows of each CREATE TABLE. The SELECTs of a UNION ALL write one, whose columns have the same names in each. */
export function tablesOf({ operators }: Program): DeployedTable[] {
  const makers = Map.groupBy(operators, ({ table }) => table);
  return [...makers].flatMap(([name, selects]) => {
    if (name === undefined) return [];
    const values = selects[0].outputs.map((output, i) => ({
      name: output.name,
      type: commonType(selects.map(({ outputs }) => outputs[i].type)),
    }));
    // A key column that is selected has its type there; one that is not is shown as text.
    const keys = new Set(selects.flatMap(({ key_names }) => key_names));
    const hidden = [...keys].filter((key) => !values.some((value) => value.name === key));
    return [{ name, key: hidden.map((key) => ({ name: key, type: 'string' as const })), values }];
  });
}

/** An int is a float too, and NULL of every type. */
function commonType(types: readonly ValueType[]): ValueType {
  if (types.includes('float')) return 'float';
  return types.find((type) => type !== 'null') ?? 'string';
}
