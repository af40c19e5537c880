import { limits } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import type { UnnestNode } from '../syntax/tree.ts';
import type { Checked, CheckedJoin, CheckedSelect } from './checked.ts';
import type { Input } from './input.ts';

/** A part of a table's GROUP BY, and the columns of the table that hold it: readers find rows by those. */
export interface GroupPart {
  readonly name: string;
  readonly columns: readonly string[];
}

/** The parts of GROUP BY of a SELECT over windows. */
export function groupOf({ key, outputs }: CheckedSelect): readonly GroupPart[] {
  return (key ?? []).map(({ name }, index) => ({
    name,
    columns: outputs.flatMap(({ name: column, expression }) =>
      expression.kind === 'key' && expression.index === index ? [column] : [],
    ),
  }));
}

/** The parts by which all SELECTs of a UNION ALL group, each in the same columns; null: they group by different ones. */
export function commonGroup(groups: readonly (readonly GroupPart[])[]): readonly GroupPart[] | null {
  const columnsOf = (group: readonly GroupPart[]) =>
    JSON.stringify(group.map(({ columns }) => [...columns].sort()).sort());
  const [first = []] = groups;
  return groups.every((group) => columnsOf(group) === columnsOf(first)) ? first : null;
}

/**
 * The JOIN of a table without WITHIN (S8): the row of its group whose window ended last at or before the row. ON must say
 * which group, as with a lookup; what else is asked of the row that was found stands in WHERE.
 */
export function checkBaseline(
  on: readonly Checked[],
  keys: readonly (CheckedJoin['keys'][number] | null)[],
  table: Input,
  join: Pick<CheckedJoin, 'left' | 'right' | 'kind' | 'span'>,
  on_span: Span,
): CheckedJoin {
  const { alias } = join.right;
  const group = groupKnown(table, on_span);
  const columns = [...group.flatMap((part) => part.columns.slice(0, 1)), 'tenant_id'];
  const found = new Set<string>();
  const own = keys.map((key, i) => {
    const { span } = on[i];
    if (key === null || key.right.kind !== 'column') {
      refuse({
        code: 'W0226',
        span,
        message: 'ON finds a row of a table by the parts of its GROUP BY',
        label: `write ${wholeOn(alias, columns)}`,
        hints: ['other conditions stand in WHERE: they are asked of the row that was found'],
      });
    }
    const column = key.right.name.slice(alias.length + 1);
    const part = group.find((one) => one.columns.includes(column))?.name ?? column;
    if (part === column && !columns.includes(column)) refuseColumn(column, columns, table, key.right.span);
    if (found.has(part)) refuse({ code: 'W0226', span, message: `${column} is compared twice`, label: 'remove one' });
    found.add(part);
    return key;
  });
  const missing = group.filter(({ name }) => !found.has(name)).map(({ name, columns: [column = name] }) => column);
  if (missing.length > 0) {
    refuse({
      code: 'W0226',
      span: on_span,
      message: `ON must name the whole group of ${table.written}: ${listOf(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`,
      label: `write ${wholeOn(alias, columns)}`,
      hints: ['a row has at most one row of a table beside it: the last window of one group'],
    });
  }
  return {
    ...{ ...join, as_of: true, before_ms: table.retention_ms ?? limits.baseline_ms, after_ms: 0 },
    ...{ keys: own, left_where: [], right_where: [], residual: [] },
  };
}

/** `columns`: of the group, and behind them the tenant, by which alone the one group of a tenant is found. */
function wholeOn(alias: string, columns: readonly string[]): string {
  const named = columns.length > 1 ? columns.slice(0, -1) : columns;
  return named.map((column) => `${alias}.${column} = …`).join(' AND ');
}

/** A row has at most one row of a table beside it, and keeps its own name (S7): nothing would name what elements of that give. */
export function refuseElements([first]: readonly UnnestNode[]): void {
  if (first === undefined) return;
  refuse({
    code: 'W0011',
    span: first.span,
    message: 'UNNEST of an array of a table beside the row',
    label:
      'a row with a table beside it stays one row, under its own name: its elements would have no names of their own',
    hints: [
      'write this SELECT without UNNEST as CREATE VIEW, with the array as a column, and UNNEST in the rule that reads that',
      'whether the array has an element says ANY: x = ANY(array)',
    ],
  });
}

function groupKnown({ group, written }: Input, span: Span): readonly GroupPart[] {
  if (group === null) {
    refuse({
      code: 'W0226',
      span,
      message: `the SELECTs of ${written} group by different columns: nothing says which of its rows is the last one`,
      label: 'give each SELECT the same GROUP BY, its parts in the same places',
      hints: ['or write a table for each of them, and join both'],
    });
  }
  const hidden = group.find(({ columns }) => columns.length === 0);
  if (hidden !== undefined) {
    refuse({
      code: 'W0226',
      span,
      message: `${written} does not select ${hidden.name}, a part of its GROUP BY: nothing says which of its rows is meant`,
      label: `add ${hidden.name} to the SELECT of ${written}`,
    });
  }
  return group;
}

function refuseColumn(column: string, columns: readonly string[], { written }: Input, span: Span): never {
  refuse({
    code: 'W0226',
    span,
    message: `${column} is no part of the GROUP BY of ${written}`,
    label: didYouMean(column, columns) || 'ask it in WHERE',
    hints: [`ON can name ${listOf(columns)}`, 'WHERE is asked of the row that was found: the last window of the group'],
  });
}
