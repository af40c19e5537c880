import { type Condition, type UnionBranch, type UnionRule, unionColumns, type WindowRule } from './case.ts';

import { headText, policyLines } from './policy-sql.ts';

interface Writers {
  condition(c: Condition): string;
  windowSelect(rule: WindowRule): string;
}

/** A UNION ALL as Weir SQL; only the first SELECT names its columns as the readers know them. */
export function unionToSql(rule: UnionRule, writers: Writers): string {
  const { name, view, table, branches } = rule;
  const selects = branches.map((branch, number) => selectOf(branch, number, writers));
  const head = `CREATE ${table ? 'TABLE' : view ? 'VIEW' : 'RULE'} ${name}${headText(rule)} AS`;
  return `${[head, selects.join('\nUNION ALL\n'), ...policyLines(rule)].join('\n')};`;
}

function selectOf(
  { input, where, columns, window, least, computed }: UnionBranch,
  number: number,
  writers: Writers,
): string {
  if (window !== undefined) return writers.windowSelect(window);
  // `b1_0`: a name that nobody reads, so that only places can match the columns.
  const named = columns.map((column, i) => {
    const shown = number === 0 ? (unionColumns[i] as string) : `b${number}_${i}`;
    const of = computed?.[column];
    if (of !== undefined) return `${writers.condition(of)} AS "${shown}"`;
    return column === shown ? `"${column}"` : `"${column}" AS "${shown}"`;
  });
  const lines = [`SELECT ${named.join(', ')}`, `FROM ${input ?? 'events'}`];
  const asked = [
    ...(where === null ? [] : [writers.condition(where)]),
    ...(least === undefined ? [] : [`"${least}" >= :least`]),
  ];
  if (asked.length > 0) lines.push(`WHERE ${asked.join(' AND ')}`);
  return lines.join('\n');
}
