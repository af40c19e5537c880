import { columnShape } from '../route/column-values.ts';
import type { Router } from '../route/router.ts';
import type { Symbols } from '../route/symbols.ts';
import { KeyTable } from '../state/key-table.ts';
import { RowTable } from '../state/row-table.ts';
import type { StoreSetting } from './row-store.ts';
import { storedColumns, storeOperator } from './store-operator.ts';

/** The rows that a store's operators share, and the operators on them; `residual`: the columns their tests read. */
export function storeRows(setting: StoreSetting, router: Router, symbols: Symbols) {
  const { stream, limits, form } = setting;
  const tests = setting.operators.map(({ position }) => router.tests[position]);
  const residual = tests.some((test) => test !== null) ? router.residual : [];
  const columns = storedColumns(setting.operators.map(({ spec }) => spec));
  const table = new RowTable(columns, (column) => columnShape(stream, column), residual, limits.key_groups, symbols);
  const operators = setting.operators.map((operator, local) =>
    storeOperator(operator, tests[local], stream, table, symbols, form),
  );
  return { table, operators, tests, residual };
}

/** The keys of a store, with `marks` ints of marks beside each. */
export function storeKeys({ stream, key, limits, shard, shards }: StoreSetting, marks: number, symbols: Symbols) {
  const isId = key.map((column) => columnShape(stream, column).storage === 'id');
  return new KeyTable(key, isId, marks, { shard, shards, groups: limits.key_groups }, symbols);
}
