import type { Reporter } from '../diagnostics/diagnostic.ts';
import { refuse } from '../diagnostics/diagnostic.ts';
import { typeWithArticle } from '../functions/index.ts';
import type { ExpressionNode } from '../syntax/tree.ts';
import type { Checked, CheckedSelect } from './checked.ts';
import { type Columns, columnsOf } from './columns.ts';
import type { Clause, Context } from './context.ts';
import { checkCondition, checkValue } from './expressions.ts';
import { Input, type InputField } from './input.ts';
import type { Params } from './params.ts';

/** What the clauses around a SELECT can read: the detection's columns, under the names that they have there. */
export interface DetectionScope {
  readonly columns: Columns;
  readonly select: CheckedSelect;
  readonly input: Input;
  readonly params: Params;
  readonly reporter: Reporter;
}

/** A column's path is its place in the detection (engine/program.ts, Reference): ['output', '2'], ['key', '0']. */
export function detectionScope(
  select: CheckedSelect,
  params: Params,
  reporter: Reporter,
  read: Input | null = null,
): DetectionScope {
  const columns = columnsOf(select, read);
  const typed = {
    output: select.outputs.map(({ expression }) => expression.type),
    key: (select.key ?? []).map(({ expression }) => expression.type),
  };
  const fields: InputField[] = [];
  for (const from of ['output', 'key'] as const) {
    columns[`${from}s`].forEach(({ name, field }, i) => {
      if (fields.some((other) => other.name === name)) return;
      const type = typed[from][i] ?? 'null';
      const aliases = field === null || field === name ? [] : [field];
      fields.push({ name, path: [from, String(i)], type: type === 'null' ? 'string' : type, aliases });
    });
  }
  return { columns, select, input: new Input('the detection', fields, false), params, reporter };
}

function contextOf({ input, params, reporter, select }: DetectionScope, clause: Clause): Context {
  const windowed = select.window !== null;
  const names = {
    input,
    input_alias: null,
    params,
    joins: new Map(),
    lookups: null,
    aliases: new Map(),
    all_aliases: [],
  };
  return { clause, ...names, windowed, reporter };
}

/** A number over the detection's columns. */
export function numberOver(node: ExpressionNode, clause: Clause, scope: DetectionScope): Checked {
  const checked = checkValue(node, contextOf(scope, clause));
  if (['int', 'float', 'null'].includes(checked.type)) return checked;
  refuse({
    code: 'W0201',
    span: checked.span,
    message: `${clause} needs a number`,
    label: `this is ${typeWithArticle(checked.type)}`,
  });
}

/** A condition over the detection's columns. */
export function conditionOver(node: ExpressionNode, clause: Clause, scope: DetectionScope): Checked {
  return checkCondition(node, contextOf(scope, clause));
}

/** A text over the detection's columns. */
export function textOver(node: ExpressionNode, clause: Clause, scope: DetectionScope): Checked {
  return checkValue(node, contextOf(scope, clause));
}
