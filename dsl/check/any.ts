import type { ValueType } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { comparable, ordered, typeWithArticle } from '../functions/index.ts';
import type { ExpressionNode, Word } from '../syntax/tree.ts';
import { call } from './calls.ts';
import type { Checked } from './checked.ts';
import { fixPath, type Operand, readAs } from './comparisons.ts';
import { isText, literal, textAs } from './literals.ts';
import { typeNamed } from './types.ts';

/** `ANY(array)` or `ANY(array)::type` as it is written. */
export interface AnyNode {
  readonly array: ExpressionNode;
  readonly type: Word | null;
  readonly span: Span;
}

/** ANY(array) on a side of a condition; null for everything else. */
export function anyNode(node: ExpressionNode): AnyNode | null {
  const cast = node.kind === 'cast' ? node : null;
  const called = cast === null ? node : cast.argument;
  if (called.kind !== 'call' || called.name.text.toLowerCase() !== 'any') return null;
  const [array, ...more] = called.arguments;
  if (array === undefined || more.length > 0 || called.star || called.distinct || called.filter !== null) {
    refuse({ code: 'W0202', span: called.span, message: 'ANY takes one array', label: "write ANY(x) LIKE 'mail.%'" });
  }
  return { array, type: cast?.type ?? null, span: node.span };
}

/** ANY where it is not a side of a condition: it has no value of its own. */
export function refuseAnyAlone(span: Span): never {
  refuse({
    code: 'W0202',
    span,
    message: 'ANY(array) is a side of a condition',
    label: "write ANY(x) = 'a', ANY(x) LIKE 'mail.%' or ANY(x) IN ('a', 'b')",
    hints: ['one element is x[0], how many there are cardinality(x)'],
  });
}

/** What stands in the brackets of ANY: a path into details can only be an array here. */
export function asArray(operand: Operand): Checked {
  if (operand.kind === 'details') return readAs(operand, 'array', 'literal');
  if (operand.type === 'array' || operand.type === 'null') return operand;
  refuse({
    code: 'W0201',
    span: operand.span,
    message: `this is ${typeWithArticle(operand.type)}, and an array is wanted`,
    label: 'array_agg, top and fields of type array are arrays; of details write details.x::array',
  });
}

const turned: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `x < ANY(a)` asks of each element whether it is greater. */
export function turnedRound(operator: string): string {
  return turned[operator] ?? operator;
}

/** A comparison of the elements with something; `operator` as if ANY stood on the left. */
export function compareAny(operator: string, { type }: AnyNode, array: Checked, operand: Operand, span: Span): Checked {
  const given = fixPath(operand, []);
  const cast = type === null ? null : typeNamed(type, ['string', 'int', 'float', 'bool', 'timestamp', 'ip']);
  if (cast === 'ip' && isText(given) && given.value.includes('/')) {
    if (operator === '=') return anyCall('in_cidr', array, literal('cidr', given.value, given.span), 'ip', span);
    const label = 'only = asks whether an address lies in a network';
    refuse({ code: 'W0201', span, message: `ANY(…) ${operator} a network`, label });
  }
  const other = isText(given) && (cast === 'ip' || cast === 'timestamp') ? textAs(cast, given) : given;
  const element = cast ?? elementType(other.type);
  const message = wrongTypes(operator, element, other.type);
  if (message !== null) {
    const label = `the elements are read as ${typeWithArticle(element)}`;
    refuse({ code: 'W0201', span, message, label });
  }
  return anyCall(operator, array, other, element, span);
}

/** LIKE, ILIKE and `~` of the elements. */
export function matchAny(operator: string, { type }: AnyNode, array: Checked, operand: Operand, span: Span): Checked {
  const pattern = fixPath(operand, []);
  if (pattern.type !== 'string' && pattern.type !== 'null') {
    const label = "a pattern is a text: 'mail.%'";
    refuse({ code: 'W0201', span: pattern.span, message: `this is ${typeWithArticle(pattern.type)}`, label });
  }
  if (type !== null && type.text.toLowerCase() !== 'string') {
    const label = 'patterns are for texts, which elements are without a cast';
    refuse({ code: 'W0201', span: type.span, message: `a pattern on ${type.text}`, label });
  }
  return anyCall(operator, array, pattern, 'string', span);
}

function anyCall(condition: string, array: Checked, other: Checked, element: ValueType, span: Span): Checked {
  return call(`any_${condition}`, [array, other, literal('string', element, other.span)], span, 'ANY');
}

/** Without a cast an element is of the type that it is compared with; JSON has one kind of number. */
function elementType(other: ValueType): ValueType {
  if (other === 'int') return 'float';
  return other === 'null' || other === 'cidr' ? 'string' : other;
}

function wrongTypes(operator: string, element: ValueType, other: ValueType): string | null {
  if (other === 'array' || other === 'duration') return `ANY(…) is not compared with ${typeWithArticle(other)}`;
  if (!comparable(element, other))
    return `${typeWithArticle(element)} and ${typeWithArticle(other)} are never compared`;
  const needsOrder = operator !== '=' && operator !== '<>';
  return needsOrder && !ordered(element) ? `${typeWithArticle(element)} has no order; only = and <> compare it` : null;
}
