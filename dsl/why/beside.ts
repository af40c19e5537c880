import type { Value } from '../../engine/index.ts';
import type { Expression, JoinPlan, OperatorPlan } from '../plan/plan.ts';
import { valueText, type Why } from './answer.ts';
import { chainOf, hasRow } from './baseline.ts';
import { leavesOf, nameOf } from './probe.ts';

/** A lookup or a table that a rule over single events reads for its SELECT: whether it has a row, and what is read of that. */
export interface Beside {
  readonly text: string;
  /** First whether it has a row, then what SELECT reads of it. */
  readonly read: readonly Expression[];
  readonly names: readonly string[];
}

/**
 * What LEFT JOIN of a table, and a lookup in SELECT, put beside an event. It leaves no event out, so that no condition says
 * anything of it. `found`: the rule as it was written, whose joins are not open yet; `rule`: with its views put into it.
 */
export function besideOf(found: OperatorPlan, rule: OperatorPlan, joins: readonly JoinPlan[]): readonly Beside[] {
  if (rule.key !== null) return [];
  const leaves = leavesOf(rule.outputs.map(({ expression }) => expression));
  const tables = chainOf(found.input, joins).flatMap((join): Beside[] => {
    if (!join.as_of || join.kind !== 'left') return [];
    const own = leaves.flatMap((leaf) => (leaf.kind === 'column' && leaf.path[0] === join.right_alias ? [leaf] : []));
    const names = own.map(({ path }) => path.slice(1).join('.'));
    return [{ text: `LEFT JOIN ${join.right} AS ${join.right_alias}`, read: [hasRow(join), ...own], names }];
  });
  const read = leaves.flatMap((leaf) => (leaf.kind === 'lookup' && leaf.output !== null ? [leaf] : []));
  const lookups = [...Map.groupBy(read, ({ lookup, keys }) => JSON.stringify([lookup, keys])).values()].map((own) => {
    const [first] = own;
    const keys = first.keys.map((key) => nameOf(key, rule)).join(', ');
    return {
      text: `lookup ${first.lookup} for ${keys}`,
      read: [{ ...first, output: null, type: 'bool' as const }, ...own],
      names: own.map(({ output }) => output ?? ''),
    };
  });
  return [...tables, ...lookups];
}

/** What stood beside a row, from the last of what was read of it. */
export function besideAt(all: readonly Beside[], leaves: readonly Value[]): NonNullable<Why['beside']> {
  let place = leaves.length - all.reduce((sum, { read }) => sum + read.length, 0);
  return all.map(({ text, read, names }) => {
    const [has, ...values] = leaves.slice(place, place + read.length);
    place += read.length;
    const columns = names.map((name, i) => ({ name, value: values[i] }));
    return { text, has_row: has === true, columns };
  });
}

export function besideLines({ beside = [] }: Why) {
  return beside.map(({ text, has_row, columns }) => {
    const values = columns.map(({ name, value }) => `${name} ${valueText(value)}`).join(', ');
    return { text, amount: has_row ? values : 'no row', note: has_row ? '' : 'NULL in SELECT' };
  });
}
