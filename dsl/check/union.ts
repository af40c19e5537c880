import type { ValueType } from '../../engine/index.ts';
import { type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import type { RuleStatement, Select, SelectItem, ViewStatement, Word } from '../syntax/tree.ts';
import { commonGroup, groupOf } from './baseline.ts';
import type { CheckedOperator, CheckedOutput, CheckedUnion } from './checked.ts';
import { Input } from './input.ts';

/** What each SELECT of a UNION ALL is checked as: a view of its own, `both (1)`, `both (2)`, in the order of the text. */
export function branchesOf(statement: RuleStatement | ViewStatement, reporter: Reporter): readonly ViewStatement[] {
  const { kind, name, footer, select } = statement;
  const selects = [select, ...select.union];
  return selects.map((one, i): ViewStatement => {
    if (kind === 'rule') reporter.attempt(() => refuseWindow(one));
    const number = String(i + 1).padStart(String(selects.length).length, '0');
    return {
      ...{
        kind: kind === 'rule' ? 'view' : kind,
        span: one.span,
        name: { text: `${name.text} (${number})`, span: name.span },
      },
      select: { ...one, items: i === 0 ? one.items : named(one.items), union: [] },
      footer: kind === 'rule' ? [] : footer,
    };
  });
}

/** A rule fires where HAVING becomes true, a view gives rows while it is: of several windows only the view is clear. */
function refuseWindow({ window }: Select): void {
  if (window === null) return;
  refuse({
    code: 'W0228',
    span: window.span,
    message: 'UNION ALL in a rule is of rows, and this SELECT has a WINDOW',
    label: 'write it as CREATE VIEW name AS SELECT …, and SELECT … FROM name here',
    hints: ['or write one rule per SELECT: a rule fires where HAVING becomes true, a view gives a row while it is'],
  });
}

/** Only the first SELECT names the columns: what has no name in another one needs none, and names may be there twice. */
function named(items: readonly SelectItem[]): readonly SelectItem[] {
  const seen = new Set<string>();
  return items.map((item, i) => {
    if (item.kind === 'star' || item.alias !== null) return item;
    const own = item.expression.kind === 'name' ? item.expression.parts.at(-1)?.text : undefined;
    if (own !== undefined && !seen.has(own)) {
      seen.add(own);
      return item;
    }
    return { ...item, alias: { text: `(${i + 1})`, span: item.span } };
  });
}

/**
 * The branches with the columns of the union: by place, named by the first, of one type. Refuses what does not fit.
 * `written`: the name of a view that stands in a statement, as it is written there.
 */
export function unite(
  statement: RuleStatement | ViewStatement,
  branches: readonly CheckedOperator[],
  written: string | null,
  isTaken: (name: string) => boolean,
): { readonly union: CheckedUnion; readonly branches: readonly CheckedOperator[]; readonly input: Input } {
  const name = statement.kind === 'rule' ? `${statement.name.text} (rows)` : statement.name.text;
  const taken = [name, ...branches.map((branch) => branch.name)].find(isTaken);
  if (taken !== undefined) refuseName(statement, taken);
  const [first, ...others] = branches.map(({ select }) => select.outputs);
  const columns = (first as readonly CheckedOutput[]).map((output) => ({
    ...{ name: output.name, type: output.expression.type, aliases: output.aliases, from: output },
  }));
  for (const outputs of others) {
    if (outputs.length !== columns.length) refuseCount(outputs, columns);
    outputs.forEach((output, i) => {
      const column = columns[i] as (typeof columns)[number];
      const type = common(column.type, output.expression.type);
      if (type === null) refuseType(output, column.from, i + 1);
      // What it is compared with from now on is what gave it its type.
      columns[i] = { ...column, type, from: column.type === 'null' ? output : column.from };
    });
  }
  const fields = columns.map((column) => ({
    ...column,
    type: column.type === 'null' ? ('string' as const) : column.type,
  }));
  const renamed = branches.map((branch, i) => ({ ...withNames(branch, columns), branch: i + 1 }));
  const group = commonGroup(renamed.map(({ select }) => groupOf(select)));
  return {
    union: {
      name,
      branches: branches.map((branch) => branch.name),
      columns: fields.map((field) => ({ name: field.name, type: field.type })),
    },
    branches: renamed,
    input: new Input(
      name,
      fields.map((field) => ({ name: field.name, path: [field.name], type: field.type, aliases: field.aliases })),
      false,
      { written: written ?? name, group, retention_ms: branches[0]?.retention_ms ?? null },
    ),
  };
}

/** What a rule with UNION ALL selects of the rows. */
export function allRowsOf({ name, select }: RuleStatement): Select {
  const [{ span }] = select.items as [SelectItem];
  return {
    ...{
      items: [{ kind: 'star', span }],
      from: { name, alias: null, query: null },
      joins: [],
      unnests: [],
      where: null,
    },
    ...{ span: select.span, group_by: null, window: null, having: null, with: [], union: [] },
  };
}

function withNames(branch: CheckedOperator, columns: readonly { readonly name: string }[]): CheckedOperator {
  const { select } = branch;
  const outputs = select.outputs.map((output, i) => ({ ...output, name: (columns[i] as { name: string }).name }));
  return { ...branch, select: { ...select, outputs } };
}

/** The type that both are values of: NULL is of every type, an int is a float too. null: there is none. */
function common(a: ValueType, b: ValueType): ValueType | null {
  if (a === b || b === 'null') return a;
  if (a === 'null') return b;
  const isNumber = (type: ValueType) => type === 'int' || type === 'float';
  return isNumber(a) && isNumber(b) ? 'float' : null;
}

function refuseName({ name }: RuleStatement | ViewStatement, taken: string): never {
  refuse({
    code: 'W0101',
    span: name.span,
    message: `there is already something named \`${taken}\`, which is what a part of this UNION ALL is called`,
    label: 'give this one another name',
  });
}

function refuseCount(outputs: readonly CheckedOutput[], columns: readonly { readonly name: string }[]): never {
  const names = columns.map(({ name }) => name).join(', ');
  const { span } = outputs[Math.min(outputs.length, columns.length + 1) - 1] as CheckedOutput;
  refuse({
    code: 'W0228',
    span,
    message: `the first SELECT of the UNION ALL has ${columns.length} column${columns.length === 1 ? '' : 's'}, this one ${outputs.length}`,
    label:
      outputs.length > columns.length ? 'remove what is too many' : 'NULL AS name stands for a column that it lacks',
    hints: [`columns of the first SELECT: ${names}; they are matched by their place`],
  });
}

function refuseType(output: CheckedOutput, other: CheckedOutput, place: number): never {
  refuse({
    code: 'W0228',
    span: output.span,
    message: `column ${place} of the UNION ALL is ${output.expression.type} here and ${other.expression.type} above`,
    label: `above it is \`${other.name}\``,
    hints: ['columns are matched by their place: put them in one order, or cast one of them, x::string'],
  });
}

/** Says that a TUNE or an exception cannot name what has a UNION ALL. */
export function refuseOnUnion({ span }: Word, what: string, label: string, reporter: Reporter): void {
  reporter.error({ code: 'W0010', span, message: `not yet: ${what}`, label });
}
