import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { children } from '../syntax/children.ts';
import type { ExpressionNode, UnnestNode } from '../syntax/tree.ts';
import { asArray } from './any.ts';
import type { CheckedUnnest } from './checked.ts';
import type { Context } from './context.ts';
import { check } from './expressions.ts';
import { Input } from './input.ts';
import type { JoinScope } from './stream-join.ts';

/** Rows with an element of each array. */
interface Unnested {
  readonly input: Input;
  readonly unnests: readonly CheckedUnnest[];
}

/**
 * The input of a SELECT, or a side of its join, with CROSS JOIN UNNEST: its fields, and each element by its name. An element
 * is text, as `array[n]` is. Throws a Refusal.
 */
export function checkUnnests(
  nodes: readonly UnnestNode[],
  input: Input,
  alias: string | null,
  scope: JoinScope,
): Unnested {
  let made: Unnested = { input, unnests: [] };
  for (const node of nodes) made = checkOne(node, made, alias, scope);
  return made;
}

function checkOne(
  { array: written, alias: own, column, span }: UnnestNode,
  { input, unnests }: Unnested,
  alias: string | null,
  { params, lookups, reporter }: JoinScope,
): Unnested {
  const context: Context = {
    ...{ clause: 'WHERE', aliases: new Map(), joins: new Map(), input, params, lookups, reporter },
    ...{ input_alias: alias, all_aliases: [], windowed: false },
  };
  const array = asArray(check(written, context));
  if (array.type !== 'array') {
    refuse({ code: 'W0201', span: written.span, message: 'this is no array', label: 'it is always NULL' });
  }
  const taken = input.find(column.text);
  if (taken?.is_element) {
    const message = `two elements are called \`${column.text}\``;
    refuse({ code: 'W0109', span: column.span, message, label: 'give this one another name' });
  }
  if (taken !== undefined || column.text === 'details') {
    refuse({
      code: 'W0108',
      span: column.span,
      message: `the element \`${column.text}\` hides a field of ${input.written}`,
      label: `choose another name, for example one_${column.text}`,
    });
  }
  const element = { name: column.text, path: [column.text], type: 'string' as const, is_element: true as const };
  const fields = [...input.fields, { ...element, aliases: [`${own.text}.${column.text}`] }];
  return {
    input: new Input(input.name, fields, input.has_details, { written: input.written }),
    unnests: [...unnests, { array, column: column.text, span }],
  };
}

/**
 * Of a SELECT with JOIN, which side each UNNEST takes apart: the one whose columns its array reads. It is taken apart
 * before it is joined, which gives the same rows, but for the right side of a LEFT JOIN: a row that finds no partner has no
 * array there. Throws a Refusal.
 */
export function unnestsBySide(
  nodes: readonly UnnestNode[],
  sides: readonly string[],
  outer: ReadonlySet<string>,
): ReadonlyMap<string, readonly UnnestNode[]> {
  const bySide = new Map<string, UnnestNode[]>();
  /** By the names of the elements so far. */
  const ofElement = new Map<string, string>();
  for (const node of nodes) {
    const names = firstNames(node.array);
    const read = new Set(names.flatMap((name) => (sides.includes(name) ? [name] : (ofElement.get(name) ?? []))));
    const [side, second] = read;
    if (side === undefined || second !== undefined) refuseSides(node.array.span, sides, second !== undefined);
    if (outer.has(side)) refuseOuter(node.span, side);
    for (const { text, span } of [node.alias, node.column]) {
      if (sides.includes(text) || ofElement.has(text)) refuseName(text, span);
    }
    for (const { text } of [node.alias, node.column]) ofElement.set(text, side);
    bySide.set(side, [...(bySide.get(side) ?? []), node]);
  }
  return bySide;
}

function firstNames(node: ExpressionNode): string[] {
  if (node.kind === 'name') return node.parts.slice(0, 1).map(({ text }) => text);
  return children(node).flatMap(firstNames);
}

function refuseSides(span: Span, sides: readonly string[], isOfSeveral: boolean): never {
  refuse({
    code: 'W0011',
    span,
    message: isOfSeveral ? 'an array of several sides of a join' : 'an array of which side of the join?',
    label: isOfSeveral ? 'UNNEST takes an array of one side apart' : `write for example ${sides[0]}.details.list`,
    hints: [`sides: ${sides.join(', ')}`],
  });
}

function refuseOuter(span: Span, side: string): never {
  refuse({
    code: 'W0011',
    span,
    message: 'UNNEST of the right side of a LEFT JOIN',
    label: 'a row without a partner has no array there, and so no row: write JOIN',
    hints: [
      `to keep such rows, take the elements apart first: LEFT JOIN (SELECT … CROSS JOIN UNNEST(…) AS t(x)) AS ${side}`,
    ],
  });
}

function refuseName(name: string, span: Span): never {
  refuse({
    code: 'W0109',
    span,
    message: `something in this SELECT is called \`${name}\` already`,
    label: 'give the element, and what stands behind AS, names of their own',
  });
}
