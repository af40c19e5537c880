import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { typeWithArticle } from '../functions/index.ts';
import { call } from './calls.ts';
import type { Checked, CheckedColumn, DetailsPath } from './checked.ts';
import { isText, literal, textAs } from './literals.ts';

export type Operand = Checked | DetailsPath;

/** Refuses a details path where nothing says its type. `wanted`: the type that its place takes, where there is one. */
export function settled(operand: Operand, wanted: CheckedColumn['type'] | null = null): Checked {
  if (operand.kind !== 'details') return operand;
  refuse({
    code: 'W0203',
    span: operand.span,
    message: `the type of ${operand.name} is not known here`,
    label:
      wanted === null
        ? `write ${operand.name}::string (or ::int, ::float, ::bool, ::timestamp, ::ip, ::array)`
        : `write ${operand.name}::${wanted}`,
    hints: ['details is open: only a comparison with a literal or a cast says what a path holds'],
  });
}

/** A details path read as a type: by a cast, or by comparison with a literal (other JSON types are then NULL). */
export function readAs(
  path: DetailsPath,
  type: CheckedColumn['type'],
  conversion: CheckedColumn['conversion'],
): CheckedColumn {
  return { kind: 'column', name: path.name, path: path.path, type, conversion, written: path.name, span: path.span };
}

/** Gives a details path the type of the literals it is compared with. */
export function fixPath(operand: Operand, others: readonly Operand[]): Checked {
  if (operand.kind !== 'details') return operand;
  const typed = others.find((other) => other.kind === 'literal' && other.type !== 'null');
  if (typed?.kind !== 'literal') {
    const onlyNull = others.length > 0 && others.every((other) => other.kind === 'literal');
    return onlyNull ? readAs(operand, 'string', 'literal') : settled(operand);
  }
  if (typed.type === 'string' || typed.type === 'bool') return readAs(operand, typed.type, 'literal');
  // JSON has one kind of number: 5.5 > 5 must hold although the literal is an int.
  if (typed.type === 'int' || typed.type === 'float') return readAs(operand, 'float', 'literal');
  return settled(operand);
}

/** `left operator right`; texts beside an address or a time are read as one, a network makes it a membership. */
export function compare(operator: string, left: Operand, right: Operand, span: Span): Checked {
  const a = fixPath(left, [right]);
  const b = fixPath(right, [left]);
  const network = [a, b].find((side) => isNetwork(side, a.type === 'ip' ? a : b));
  if (network !== undefined) {
    const address = network === a ? b : a;
    if (operator === '=') return call('in_cidr', [address, asCidr(network)], span);
    if (operator === '<>') return not(call('in_cidr', [address, asCidr(network)], span), span);
  }
  return call(operator, readBoth(a, b), span);
}

function isNetwork(side: Checked, address: Checked): boolean {
  return address.type === 'ip' && (side.type === 'cidr' || (isText(side) && side.value.includes('/')));
}

function asCidr(network: Checked): Checked {
  return isText(network) ? literal('cidr', network.value, network.span) : network;
}

function readBoth(a: Checked, b: Checked): [Checked, Checked] {
  if (isText(b) && (a.type === 'ip' || a.type === 'timestamp')) return [a, textAs(a.type, b)];
  if (isText(a) && (b.type === 'ip' || b.type === 'timestamp')) return [textAs(b.type, a), b];
  return [a, b];
}

export function not(argument: Checked, span: Span): Checked {
  if (argument.kind === 'literal') {
    return literal('bool', argument.value === null ? null : argument.value !== true, span);
  }
  return argument.kind === 'not' ? argument.argument : { kind: 'not', argument, type: 'bool', span };
}

/** `x IN (...)`: values, or for an address also networks. */
export function inList(left: Operand, list: readonly Operand[], span: Span): Checked {
  const argument = fixPath(left, list);
  const items = list.map((item) => fixPath(item, [argument]));
  const networks = items.filter((item) => isNetwork(item, argument));
  const values = items.filter((item) => !networks.includes(item)).map((item) => readBoth(argument, item)[1]);
  // Each value is checked as a comparison of its own: the message then points at the wrong one.
  for (const value of values) call('=', [argument, value], value.span);
  const tests: Checked[] = networks.map((network) => call('in_cidr', [argument, asCidr(network)], network.span));
  if (values.length > 0) tests.unshift({ kind: 'in', argument, list: values, type: 'bool', span });
  if (tests.length === 1) return tests[0] as Checked;
  return { kind: 'or', arguments: tests, type: 'bool', span };
}

/** LIKE, ILIKE and `~`. */
export function match(operator: 'like' | 'ilike' | 'matches', left: Operand, right: Operand, span: Span): Checked {
  const [argument, pattern] = [fixPath(left, [right]), fixPath(right, [left])];
  const written = operator === 'matches' ? '~' : operator.toUpperCase();
  const wrong = [argument, pattern].find(({ type }) => type !== 'string' && type !== 'null' && type !== 'ip');
  if (wrong !== undefined) {
    refuse({
      code: 'W0201',
      span: wrong.span,
      message: `${written} is for texts, and this is ${typeWithArticle(wrong.type)}`,
      label: wrong === argument ? 'a cast makes it a text: x::string' : "a pattern is a text: 'mail.%'",
    });
  }
  return call(operator, [argument, pattern], span, written);
}
