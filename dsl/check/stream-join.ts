import { type Reporter, refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { JoinDistanceNode, JoinNode, Select, UnnestNode } from '../syntax/tree.ts';
import { checkBaseline, refuseElements } from './baseline.ts';
import type { Checked, CheckedJoin } from './checked.ts';
import type { Context } from './context.ts';
import { checkCondition } from './expressions.ts';
import { Input, type InputField } from './input.ts';
import { durationMs } from './literals.ts';
import type { Lookups } from './lookup-values.ts';
import type { Params } from './params.ts';
import { checkUnnests, unnestsBySide } from './unnest.ts';

/** A join looks no further than this: what it keeps is bounded, and a typing error is not a month of rows. */
const longest_within_ms = 31 * 86_400_000;

/** Whether a JOIN is of a stream, a view or a table: a lookup has no WITHIN, and a table need not have one. */
export function isStreamJoin(
  { name, within }: JoinNode,
  lookups: Lookups,
  kindOf: (name: string) => SourceKind | null,
): boolean {
  return !lookups.has(name.text) && (within !== null || kindOf(name.text) === 'table');
}

/** What a name after FROM or JOIN stands for; null: unknown, and reported. */
export type Resolve = (source: { readonly name: JoinNode['name'] }) => Input | null;

/** What kind of rows a name stands for. */
export type SourceKind = 'stream' | 'view' | 'table';

/** What ON, or the WHERE of an EXISTS, may read besides columns. */
export interface JoinScope {
  readonly params: Params;
  readonly lookups: Lookups;
  readonly reporter: Reporter;
}

/** The joined input of a FROM with JOINs, and how its rows come to be. null where something is wrong. */
export function checkStreamJoins(
  from: Select['from'],
  { joins, unnests }: { readonly joins: readonly JoinNode[]; readonly unnests: readonly UnnestNode[] },
  first: Input,
  resolve: Resolve,
  scope: JoinScope,
): { readonly input: Input; readonly join: CheckedJoin } | null {
  const { reporter } = scope;
  const nameOf = (node: JoinNode | Select['from']) => node.alias?.text ?? node.name.text;
  const alias = nameOf(from);
  const outer = new Set(joins.flatMap((node) => (node.kind === 'left' ? [nameOf(node)] : [])));
  const taken = reporter.attempt(() => {
    const bySide = unnestsBySide(unnests, [alias, ...joins.map(nameOf)], outer);
    return { bySide, left: checkUnnests(bySide.get(alias) ?? [], first, alias, scope) };
  });
  if (taken === null) return null;
  let input = prefixed(alias, taken.left.input);
  let made: CheckedJoin | null = null;
  const aliases = new Set([alias]);
  for (const node of joins) {
    const right = resolve(node);
    if (right === null) return null;
    const right_alias = nameOf(node);
    const join = reporter.attempt(() => {
      refuseSameAlias(right_alias, aliases, node);
      const own = checkUnnests(taken.bySide.get(right_alias) ?? [], right, right_alias, scope);
      const both = joined(input, prefixed(right_alias, own.input));
      const on = conjuncts(checkCondition(node.on, contextOf(both, scope)));
      const left =
        made === null
          ? { input: first.name, alias, join: null, unnests: taken.left.unnests }
          : { input: null, alias: null, join: made, unnests: [] };
      const sides = { left, right: { input: right.name, alias: right_alias, unnests: own.unnests } };
      const kind = { ...sides, kind: node.kind, span: node.span };
      if (node.within === null) {
        refuseElements(taken.bySide.get(right_alias) ?? []);
        const keys = on.map((conjunct) => keyOf(conjunct, ...askersOf(right_alias)));
        return { both, join: checkBaseline(on, keys, right, kind, node.on.span) };
      }
      const pairs = divide(on, { ...kind, ...distanceOf(node.within) });
      return { both, join: pairs ?? refuseWithoutKey(node.on.span, right_alias) };
    });
    if (join === null) return null;
    aliases.add(right_alias);
    input = join.both;
    made = join.join;
  }
  return made === null ? null : { input, join: made };
}

function refuseSameAlias(alias: string, aliases: ReadonlySet<string>, node: JoinNode): void {
  if (!aliases.has(alias)) return;
  refuse({
    code: 'W0109',
    span: (node.alias ?? node.name).span,
    message: `two sides of the join are called \`${alias}\``,
    label: 'give this one a name of its own with AS',
  });
}

/** Both distances, in milliseconds. */
export function distanceOf(within: JoinDistanceNode): Pick<CheckedJoin, 'before_ms' | 'after_ms' | 'both_ways'> {
  const before_ms = within.before === null ? 0 : durationMs(within.before);
  const after_ms = within.after === null ? 0 : durationMs(within.after);
  if (Math.max(before_ms, after_ms) > longest_within_ms || Math.min(before_ms, after_ms) < 0) {
    refuse({ code: 'W0213', span: within.span, message: 'a WITHIN of more than 31 days', label: 'at most 31 DAYS' });
  }
  // The syntax tree has one node for both where one is written.
  const isBoth = within.before !== null && within.before === within.after;
  return isBoth ? { before_ms, after_ms, both_ways: within.span } : { before_ms, after_ms };
}

/** Fields of a side as the rule writes them: with the side's alias in front. */
export function prefixed(alias: string, input: Input): Input {
  const always: InputField[] = [
    { name: 'timestamp', path: ['timestamp'], type: 'timestamp', aliases: [] },
    { name: 'tenant_id', path: ['tenant_id'], type: 'string', aliases: [] },
  ];
  const known = new Set(input.fields.map(({ name }) => name));
  const fields = [...input.fields, ...always.filter(({ name }) => !known.has(name))].map(
    (field): InputField => ({
      name: `${alias}.${field.name}`,
      path: [alias, ...field.path],
      type: field.type,
      // An element has a name of its own beside the side's.
      aliases: field.is_element ? [...field.aliases, field.name] : field.aliases.map((one) => `${alias}.${one}`),
    }),
  );
  return new Input(alias, fields, false, { sides: { all: [alias], with_details: input.has_details ? [alias] : [] } });
}

export function joined(left: Input, right: Input): Input {
  const sides = {
    all: [...left.sides, ...right.sides],
    with_details: [...left.details_of, ...right.details_of],
  };
  return new Input(`${left.name} and ${right.name}`, [...left.fields, ...right.fields], false, { sides });
}

export function contextOf(input: Input, { params, lookups, reporter }: JoinScope): Context {
  return {
    ...{ clause: 'ON', aliases: new Map(), joins: new Map(), input, params, lookups, reporter },
    ...{ input_alias: null, all_aliases: [], windowed: false },
  };
}

export function conjuncts(condition: Checked): readonly Checked[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(conjuncts) : [condition];
}

/** Aliases whose columns an expression reads; '' for the joined row's own timestamp or tenant. */
export function aliasesIn(expression: Checked, found = new Set<string>()): Set<string> {
  JSON.stringify(expression, (_, part) => {
    if (part?.kind === 'column' && Array.isArray(part.path)) found.add(part.path.length > 1 ? part.path[0] : '');
    return part;
  });
  return found;
}

type Undivided = Pick<CheckedJoin, 'left' | 'right' | 'before_ms' | 'after_ms' | 'both_ways' | 'kind' | 'span'>;

/**
 * ON taken apart: equalities between the sides make the key, conditions on one side filter it, the rest is asked of pairs.
 * A condition on the left side takes no row away where a row without a partner has something to say: there it is asked of
 * pairs. null: there is no key.
 */
export function divide(on: readonly Checked[], join: Undivided): CheckedJoin | null {
  const right = join.right.alias;
  const [isLeft, isRight] = askersOf(right);
  const keys: CheckedJoin['keys'][number][] = [];
  const left_where: Checked[] = [];
  const right_where: Checked[] = [];
  const residual: Checked[] = [];
  for (const conjunct of on) {
    const key = keyOf(conjunct, isLeft, isRight);
    if (key !== null) keys.push(key);
    else if (isRight(conjunct)) right_where.push(conjunct);
    else if (isLeft(conjunct) && (join.kind === 'inner' || join.kind === 'semi')) left_where.push(conjunct);
    else residual.push(conjunct);
  }
  return keys.length === 0 ? null : { ...join, keys, left_where, right_where, residual };
}

type IsOfSide = (one: Checked) => boolean;

/** What says that an expression reads nothing but the left side, and nothing but the right one. */
function askersOf(right: string): readonly [isLeft: IsOfSide, isRight: IsOfSide] {
  return [
    (one) => !aliasesIn(one).has(right) && aliasesIn(one).size > 0,
    (one) => [...aliasesIn(one)].every((alias) => alias === right),
  ];
}

function refuseWithoutKey(span: Span, right: string): never {
  refuse({
    code: 'W0011',
    span,
    message: 'ON needs an equality between the two sides',
    label: `write for example ${right}.account_id = … and further conditions with AND`,
    hints: ['rows are kept and found by that key; without one every row would be compared with every other'],
  });
}

const numbers: readonly string[] = ['int', 'float'];

/** `left = right` of the same type; other equalities are asked of pairs. */
function keyOf(conjunct: Checked, isLeft: IsOfSide, isRight: IsOfSide): CheckedJoin['keys'][number] | null {
  if (conjunct.kind !== 'call' || conjunct.function !== '=') return null;
  const [a, b] = conjunct.arguments;
  const isSame = a.type === b.type || (numbers.includes(a.type) && numbers.includes(b.type));
  if (!isSame || a.type === 'array' || aliasesIn(a).size === 0 || aliasesIn(b).size === 0) return null;
  const [left, right] = isLeft(a) && isRight(b) ? [a, b] : isLeft(b) && isRight(a) ? [b, a] : [null, null];
  if (left === null || right === null) return null;
  return { left, right, name: left.kind === 'column' ? left.name.split('.').slice(1).join('.') || left.name : 'key' };
}
