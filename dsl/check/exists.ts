import { refuse } from '../diagnostics/diagnostic.ts';
import type { ExistsNode, ExpressionNode, Select } from '../syntax/tree.ts';
import type { CheckedJoin, CheckedUnnest } from './checked.ts';
import { refuseClauses, refuseNested, refuseWithoutKey, refuseWithoutWithin } from './exists-refusals.ts';
import { check, checkCondition } from './expressions.ts';
import type { Input } from './input.ts';
import {
  conjuncts,
  contextOf,
  distanceOf,
  divide,
  type JoinScope,
  joined,
  prefixed,
  type Resolve,
} from './stream-join.ts';
import { checkUnnests } from './unnest.ts';

/** An EXISTS of WHERE, and whether NOT stands before it. */
export interface ExistsCondition {
  readonly node: ExistsNode;
  readonly negated: boolean;
}

/** The rows that EXISTS is asked of: what FROM reads, or the join of FROM and JOIN. */
export interface ExistsLeft {
  readonly from: Select['from'];
  readonly input: Input;
  readonly join: CheckedJoin | null;
  readonly unnests: readonly CheckedUnnest[];
}

/**
 * Takes EXISTS and NOT EXISTS out of the AND of a WHERE: they are no conditions on a row but joins that give each left row
 * at most once (S9). What is left of WHERE is asked before them.
 */
export function takeExists(select: Select): { readonly select: Select; readonly exists: readonly ExistsCondition[] } {
  const exists: ExistsCondition[] = [];
  const rest: ExpressionNode[] = [];
  for (const part of select.where === null ? [] : partsOf(select.where)) {
    if (part.kind === 'exists') exists.push({ node: part, negated: false });
    else if (part.kind === 'not' && part.argument.kind === 'exists') {
      exists.push({ node: part.argument, negated: true });
    } else rest.push(part);
  }
  if (exists.length === 0) return { select, exists };
  const { span } = select.where as ExpressionNode;
  const [first = null] = rest;
  const where = rest.length < 2 ? first : { kind: 'and' as const, arguments: rest, span };
  return { select: { ...select, where }, exists };
}

function isExists(node: ExpressionNode): boolean {
  return node.kind === 'exists' || (node.kind === 'not' && node.argument.kind === 'exists');
}

function partsOf(node: ExpressionNode): readonly ExpressionNode[] {
  return node.kind === 'and' ? node.arguments.flatMap(partsOf) : [node];
}

/** The semi and anti joins of a WHERE, each over the one before. null where something is wrong. */
export function checkExists(
  exists: readonly ExistsCondition[],
  { from, input, join, unnests }: ExistsLeft,
  resolve: Resolve,
  scope: JoinScope,
): CheckedJoin | null {
  const alias = join === null ? (from.alias ?? from.name).text : null;
  const left = alias === null ? input : prefixed(alias, input);
  let made = join;
  for (const condition of exists) {
    const { node } = condition;
    const checked = scope.reporter.attempt(() => {
      refuseClauses(node.select);
      const right = resolve(node.select.from);
      if (right === null) return null;
      const side =
        made === null
          ? { input: input.name, alias: alias as string, join: null, unnests }
          : { input: null, alias, join: made, unnests: [] };
      return checkOne(condition, { side, left, own: input }, right, scope);
    });
    if (checked === null) return null;
    made = checked;
  }
  return made;
}

interface LeftSide {
  readonly side: CheckedJoin['left'];
  /** Its fields with aliases, and as they are without EXISTS. */
  readonly left: Input;
  readonly own: Input;
}

function checkOne(
  { node, negated }: ExistsCondition,
  { side, left, own }: LeftSide,
  given: Input,
  scope: JoinScope,
): CheckedJoin {
  const { from, items, where } = node.select;
  const name = from.alias ?? from.name;
  const { input: right, unnests } = checkUnnests(node.select.unnests, given, name.text, scope);
  if (left.sides.includes(name.text)) {
    const label = 'give this one a name of its own with AS';
    refuse({
      code: 'W0109',
      span: name.span,
      message: `the rows around EXISTS are called \`${name.text}\` too`,
      label,
    });
  }
  if (own.fields.some(({ path }) => path[0] === name.text) || name.text === 'details') {
    const message = `\`${name.text}\` is a field of ${own.name}`;
    refuse({ code: 'W0108', span: name.span, message, label: 'give it another alias with AS' });
  }
  const inner = where === null ? undefined : partsOf(where).find((part) => isExists(part));
  if (inner !== undefined) refuseNested(inner.span);
  if (node.within === null) refuseWithoutWithin(node.span);
  const context = { ...contextOf(joined(left, prefixed(name.text, right)), scope), clause: 'WHERE' as const };
  // What is selected does not matter, as in SQL; but its names have to exist.
  for (const item of items) if (item.kind === 'item') check(item.expression, { ...context, clause: 'SELECT' });
  const condition = where === null ? [] : conjuncts(checkCondition(where, context));
  const kind = negated ? 'anti' : 'semi';
  const sides = { left: side, right: { input: right.name, alias: name.text, unnests } };
  const made = divide(condition, { ...sides, kind, ...distanceOf(node.within), span: node.span });
  return made ?? refuseWithoutKey((where ?? node).span, name.text, left.sides[0] ?? left.name);
}
