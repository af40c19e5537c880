import { type UnionBranch, type UnionRule, unionColumns, type WindowRule } from './case.ts';
import { compareAll, evaluate, type Fired, type Row } from './naive-oracle.ts';
import { withComputed } from './oracle-computed.ts';
import { evidenceOf } from './oracle-evidence.ts';

/** The rows of a stream in total order, and its depth in the graph of rules. */
export interface RowStream {
  rows: Row[];
  depth: number;
}

type RowsOfWindow = (rule: WindowRule) => { fired: Fired[]; depth: number };

/**
 * UNION ALL: all rows of all branches, each where it stands; of what one event or window's end gave, first the branch of
 * the lesser depth, then the branch that is written first, then by tenant and key. Two branches that one event passes
 * give two rows.
 */
export function unionRows(
  rule: UnionRule,
  streams: ReadonlyMap<string, RowStream>,
  windowRows: RowsOfWindow,
): RowStream {
  const branches = rule.branches.map((branch) => branchRows(rule, branch, streams, windowRows));
  const rows = branches.flatMap((branch, number) =>
    branch.rows.map(({ row, key }, i) => ({ row, key, number, i, depth: branch.depth })),
  );
  rows.sort(
    (a, b) =>
      compareAll(a.row.place, b.row.place) ||
      a.depth - b.depth ||
      a.number - b.number ||
      compareAll([a.row.tenant], [b.row.tenant]) ||
      compareAll(a.key, b.key) ||
      a.i - b.i,
  );
  // What names a row is the engine's: a hash of the branch and of what decided it. It is a row of its own.
  return {
    rows: rows.map(({ row: { of: _, ...row } }) => ({ ...row, id: '' })),
    // A rule of one SELECT reads what that reads; of several it reads their stream.
    depth: Math.max(...branches.map(({ depth }) => depth)) + (rule.view || branches.length > 1 ? 1 : 0),
  };
}

function branchRows(
  { least, tunes = [] }: UnionRule,
  branch: UnionBranch,
  streams: ReadonlyMap<string, RowStream>,
  windowRows: RowsOfWindow,
) {
  if (branch.window !== undefined) {
    const { fired, depth } = windowRows(branch.window);
    return { depth, rows: fired.map((one) => ({ key: one.key, row: { ...(one.row as Row), place: one.place } })) };
  }
  const { rows, depth } = streams.get(branch.input ?? 'events') as RowStream;
  const enough = ({ tenant, fields }: Row) => {
    if (branch.least === undefined) return true;
    const own = tunes.find((tune) => tune.tenant === tenant)?.least ?? (least as number);
    return evaluate(['>=', ['f', branch.least], ['v', own]], fields, {}) === true;
  };
  const passed = withComputed(rows, branch.computed).filter(
    (row) => enough(row) && (branch.where === null || evaluate(branch.where, row.fields, {}) === true),
  );
  const fields = ({ fields, time }: Row) => ({
    ...Object.fromEntries(unionColumns.map((name, i) => [name, fields[branch.columns[i] as string] ?? null])),
    timestamp: time,
  });
  return { depth, rows: passed.map((row) => ({ key: [], row: { ...row, fields: fields(row) } })) };
}

/** The columns of a row, which its time is none of. */
function shownOf({ fields: { timestamp: _, ...columns } }: Row) {
  return columns;
}

/** A rule over the rows of a UNION ALL: it fires at each. */
export function fireUnion(rule: UnionRule, { rows, depth }: RowStream): Fired[] {
  return rows.map((row, order) => ({
    ...{ rule: rule.name, tenant: row.tenant, key: [], anchor: [''], decided_at: row.time, window: null },
    ...{ values: shownOf(row), ...evidenceOf(row), suppressed: false, continues: false },
    ...{ place: row.place, depth, order, row: null },
  }));
}
