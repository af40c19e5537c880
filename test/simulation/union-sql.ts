import { type Condition, type UnionBranch, type UnionRule, unionColumns, type WindowRule } from './case.ts';

interface Writers {
  condition(c: Condition): string;
  windowSelect(rule: WindowRule): string;
}

/** A UNION ALL as Weir SQL; only the first SELECT names its columns as the readers know them. */
export function unionToSql({ name, view, branches }: UnionRule, writers: Writers): string {
  const selects = branches.map((branch, number) => selectOf(branch, number, writers));
  return `CREATE ${view ? 'VIEW' : 'RULE'} ${name} AS\n${selects.join('\nUNION ALL\n')};`;
}

function selectOf({ input, where, columns, window }: UnionBranch, number: number, writers: Writers): string {
  if (window !== undefined) return writers.windowSelect(window);
  // `b1_0`: a name that nobody reads, so that only places can match the columns.
  const named = columns.map((column, i) => {
    const shown = number === 0 ? (unionColumns[i] as string) : `b${number}_${i}`;
    return column === shown ? `"${column}"` : `"${column}" AS "${shown}"`;
  });
  const lines = [`SELECT ${named.join(', ')}`, `FROM ${input ?? 'events'}`];
  if (where !== null) lines.push(`WHERE ${writers.condition(where)}`);
  return lines.join('\n');
}
