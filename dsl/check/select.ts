import { Refusal, type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import type { ExpressionNode, Select, SelectItem, WindowNode } from '../syntax/tree.ts';
import {
  type Checked,
  type CheckedJoin,
  type CheckedKey,
  type CheckedOutput,
  type CheckedSelect,
  type CheckedUnnest,
  identity,
} from './checked.ts';
import type { Clause, Context } from './context.ts';
import { checkEmptyKeys } from './empty-keys.ts';
import { check, checkCondition, checkValue } from './expressions.ts';
import { Grouping } from './grouping.ts';
import type { Input } from './input.ts';
import { allOf, checkJoins } from './lookup-join.ts';
import type { Lookups } from './lookup-values.ts';
import type { Params } from './params.ts';
import { isStreamJoin, type SourceKind } from './stream-join.ts';
import { checkWindow } from './window.ts';
import { windowInGroupBy } from './window-in-group-by.ts';

/** What a SELECT is checked against. */
export interface SelectScope {
  readonly input: Input;
  /** How the rows of `input` come to be; null for a stream or a view. */
  readonly join: CheckedJoin | null;
  /** Whether the fields of `input` have the aliases of their sides in their names: EXISTS leaves them as they are. */
  readonly is_joined: boolean;
  /** How arrays of them become rows. */
  readonly unnests: readonly CheckedUnnest[];
  readonly params: Params;
  readonly lookups: Lookups;
  readonly reporter: Reporter;
  /** What a name can be read as; null: nothing has it, or it has no rows. */
  kindOf(name: string): SourceKind | null;
}

/** A select item with its name, before GROUP BY is applied; null where it is wrong. */
interface Item {
  readonly name: string | null;
  readonly explicit: boolean;
  readonly expression: Checked | null;
  readonly node: SelectItem;
}

/** Checks a SELECT clause by clause; one wrong clause does not hide the errors of the others. */
export function checkSelect(select: Select, scope: SelectScope): CheckedSelect | null {
  const { reporter } = scope;
  const errors = reporter.errors;
  const aliased = select.items.flatMap((item) => (item.kind === 'item' && item.alias ? [item.alias.text] : []));
  let joins: Context['joins'] = new Map();
  const input_alias = scope.is_joined ? null : (select.from.alias?.text ?? null);
  const context = (clause: Clause, aliases: Context['aliases']): Context => ({
    ...{ clause, aliases, joins, input: scope.input, params: scope.params, lookups: scope.lookups, reporter },
    input_alias,
    all_aliases: aliased,
    // A missing WINDOW is said once, not at every aggregate.
    windowed: select.window !== null || select.group_by !== null || select.having !== null,
  });
  const none: Context['aliases'] = new Map();
  const joined = checkJoins(
    select.joins.filter((node) => !isStreamJoin(node, scope.lookups, scope.kindOf)),
    {
      ...{ input: scope.input, input_alias, lookups: scope.lookups, reporter, kindOf: scope.kindOf },
      check: (node, before) => check(node, { ...context('WHERE', none), joins: before }),
    },
  );
  joins = joined.joins;
  const { where } = select;
  const condition = where === null ? null : reporter.attempt(() => checkCondition(where, context('WHERE', none)));
  const window = select.window === null ? null : reporter.attempt(() => checkWindow(select.window as WindowNode));
  checkWindowPresent(select, reporter);
  const items = select.items.flatMap((item) => checkItem(item, select, context('SELECT', none)));
  const aliases = new Map(items.flatMap((item) => (item.explicit ? [[item.name as string, item.expression]] : [])));
  const key = checkKeys(select, context('GROUP BY', aliases), items);
  if (key !== null) reporter.attempt(() => checkEmptyKeys(select.window as WindowNode, key, scope.lookups));
  const grouping = key === null ? null : new Grouping(key);
  const outputs = items.flatMap((item) => checkOutput(item, grouping, scope.input, reporter));
  checkNames(outputs, reporter);
  const having =
    select.having === null || select.window === null
      ? null
      : reporter.attempt(() => {
          const checked = checkCondition(select.having as ExpressionNode, context('HAVING', aliases));
          return grouping === null ? checked : grouping.apply(checked);
        });
  if (reporter.errors > errors) return null;
  return {
    input: scope.input.name,
    join: scope.join,
    unnests: scope.unnests,
    outer_lookups: joined.outer,
    where: allOf(condition, joined.conditions),
    key,
    window,
    having,
    outputs,
  };
}

function checkWindowPresent(select: Select, reporter: Reporter): void {
  if (select.window !== null) return;
  const foreign = windowInGroupBy(select.group_by ?? []);
  if (foreign !== null) {
    reporter.error(foreign);
    return;
  }
  const hints = ['write for example WINDOW SLIDING 15 MINUTES after GROUP BY'];
  const [first] = select.group_by ?? [];
  if (first !== undefined) {
    const message = 'GROUP BY needs a WINDOW: how far back?';
    reporter.error({
      code: 'W0211',
      span: first.span,
      message,
      label: 'a stream never ends, so a group would not either',
      hints,
    });
  } else if (select.having !== null) {
    const message = 'HAVING needs a WINDOW: how far back?';
    const label = 'for a condition on one event write WHERE';
    reporter.error({ code: 'W0211', span: select.having.span, message, label, hints });
  }
}

function checkItem(node: SelectItem, select: Select, context: Context): Item[] {
  if (node.kind === 'star') return checkStar(node, select, context);
  const { expression, alias } = node;
  const checked = context.reporter.attempt(() => checkValue(expression, context));
  if (alias !== null) return [{ name: alias.text, explicit: true, expression: checked, node }];
  if (expression.kind === 'name') {
    return [{ name: expression.parts.at(-1)?.text ?? '', explicit: false, expression: checked, node }];
  }
  if (checked === null) return [{ name: null, explicit: false, expression: null, node }];
  context.reporter.error({
    code: 'W0110',
    span: expression.span,
    message: 'this column has no name',
    label: `write AS ${suggestedName(expression)} behind it`,
    hints: ['a detection shows its values by name; only plain columns bring their own'],
  });
  return [{ name: null, explicit: false, expression: null, node }];
}

function suggestedName(expression: ExpressionNode): string {
  if (expression.kind === 'cast' && expression.argument.kind === 'name') {
    return expression.argument.parts.at(-1)?.text ?? 'name';
  }
  if (expression.kind !== 'call') return 'name';
  const [argument] = expression.arguments;
  const field = argument?.kind === 'name' ? argument.parts.at(-1)?.text : undefined;
  if (field === undefined) return expression.name.text.toLowerCase() === 'count' ? 'total' : 'name';
  return expression.name.text.toLowerCase() === 'count'
    ? `${field}s`
    : `${expression.name.text.toLowerCase()}_${field}`;
}

/** `*`: every field by its whole name. */
function checkStar(node: SelectItem, select: Select, { input, reporter }: Context): Item[] {
  if (select.window !== null || select.group_by !== null) {
    const label = 'name the columns of GROUP BY and the aggregates';
    reporter.error({ code: 'W0212', span: node.span, message: '* means nothing over a window', label });
    return [];
  }
  return input.fields.map((field) => ({
    name: field.name,
    explicit: false,
    expression: {
      ...({ kind: 'column', conversion: 'declared', span: node.span } as const),
      ...{ name: field.name, path: field.path, type: field.type, written: field.name },
    },
    node,
  }));
}

/** The parts of GROUP BY: [] for a window without it, null for no grouping, also when a part is wrong. */
function checkKeys(select: Select, context: Context, items: readonly Item[]): CheckedKey[] | null {
  if (select.window === null) return null;
  const keys: CheckedKey[] = [];
  for (const node of select.group_by ?? []) {
    const expression = context.reporter.attempt(() => checkKey(node, context));
    if (expression === null) return null;
    const name = keyName(node, expression, items);
    const again = keys.some((key) => identity(key.expression) === identity(expression));
    if (!again) keys.push({ name, expression });
  }
  return keys;
}

function checkKey(node: ExpressionNode, context: Context): Checked {
  if (node.kind === 'number') {
    refuse({
      code: 'W0210',
      span: node.span,
      message: 'GROUP BY a number groups by that number, not by a column of the SELECT',
      label: 'write the column or its alias',
    });
  }
  const expression = checkValue(node, context);
  const found = findAggregate(expression);
  if (found) {
    refuse({
      code: 'W0210',
      span: node.span,
      message: 'GROUP BY an aggregate means nothing',
      label: 'aggregates are computed for each group, so they cannot make the groups',
    });
  }
  if (expression.type === 'array') {
    refuse({ code: 'W0201', span: node.span, message: 'an array is no key', label: 'group by one of its values' });
  }
  return expression;
}

function findAggregate(expression: Checked): boolean {
  return (
    identity(expression).includes('"kind":"aggregate"') || /"kind":"window_(start|end)"/.test(identity(expression))
  );
}

function keyName(node: ExpressionNode, expression: Checked, items: readonly Item[]): string {
  const same = items.find(
    (item) => item.explicit && item.expression !== null && identity(item.expression) === identity(expression),
  );
  if (same !== undefined) return same.name as string;
  if (expression.kind === 'column') return expression.name;
  if (node.kind === 'name') return node.parts.at(-1)?.text ?? 'key';
  return node.kind === 'call' ? node.name.text.toLowerCase() : 'key';
}

function checkOutput(item: Item, grouping: Grouping | null, input: Input, reporter: Reporter): CheckedOutput[] {
  const { name, expression, node } = item;
  if (name === null || expression === null) return [];
  return (
    reporter.attempt(() => {
      checkHiding(item, input);
      const field = expression.kind === 'column' ? input.find(expression.name) : undefined;
      const aliases = node.kind === 'star' ? (field?.aliases ?? []) : [];
      const grouped = grouping === null ? expression : grouping.apply(expression);
      return [{ name, expression: grouped, aliases, span: node.span }];
    }) ?? []
  );
}

/** An alias that hides a field would make HAVING and the readers of a view guess which of the two is meant. */
function checkHiding({ name, explicit, expression, node }: Item, input: Input): void {
  if (!explicit || name === null || node.kind !== 'item' || node.alias === null) return;
  const field = input.find(name);
  if (field === undefined) {
    if (name !== 'window_start' && name !== 'window_end') return;
    if (expression?.kind === name) return;
  } else if (expression?.kind === 'column' && expression.name === field.name) return;
  refuse({
    code: 'W0108',
    span: node.alias.span,
    message: `the alias \`${name}\` hides a ${field === undefined ? 'column of the window' : `field of ${input.written}`}`,
    label: `choose another name, for example ${expression?.kind === 'aggregate' ? `${expression.function}_${name}` : `the_${name}`}`,
  });
}

function checkNames(outputs: readonly CheckedOutput[], reporter: Reporter): void {
  const seen = new Set<string>();
  for (const { name, span } of outputs) {
    if (seen.has(name)) {
      reporter.attempt(() => {
        throw new Refusal({
          code: 'W0109',
          span,
          message: `two columns are called \`${name}\``,
          label: 'give one of them another name with AS',
        });
      });
    }
    seen.add(name);
  }
}
