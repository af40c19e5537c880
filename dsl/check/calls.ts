import type { Value, ValueType } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { ParameterType, ScalarFunction } from '../functions/index.ts';
import { accepts, evaluatorOf, functions, typeWithArticle } from '../functions/index.ts';
import type { Checked } from './checked.ts';
import { literal } from './literals.ts';

/**
 * A call of a function or operator of the registry: arguments checked against its parameters, its result typed, and
 * computed at once when all arguments are literals. `written` is what the user calls it.
 */
export function call(name: string, given: readonly Checked[], span: Span, written = name): Checked {
  const definition = functions.get(name);
  if (definition === undefined) throw new Error(`the registry has no function ${name}`);
  checkCount(definition, given, span, written);
  given.forEach((argument, i) => {
    checkArgument(definition, argument, i);
  });
  const types = given.map((argument) => argument.type);
  const mismatch = definition.mismatch?.(types) ?? null;
  if (mismatch !== null) refuseSystemText(given, span);
  if (mismatch !== null) refuse({ code: 'W0201', span, message: mismatch, hints: [castHint(given)].filter(Boolean) });
  const literals = given.map((argument) => (argument.kind === 'literal' ? argument.value : undefined));
  const impossible = definition.check?.(literals) ?? null;
  if (impossible !== null) {
    // The place is the literal that is wrong by itself, where there is one: a pattern, whatever it is replaced by.
    const alone = given.find(
      (_, i) => definition.check?.(literals.map((value, j) => (i === j ? value : undefined))) === impossible,
    );
    refuse({ code: 'W0202', span: alone?.kind === 'literal' ? alone.span : span, message: impossible });
  }
  const type = definition.result(types);
  const values = literals.filter((value) => value !== undefined);
  if (values.length === given.length) return fold(definition, types, type, values, span);
  return { kind: 'call', function: name, arguments: given, type, span };
}

function fold(
  definition: ScalarFunction,
  types: readonly ValueType[],
  type: ValueType,
  values: readonly Value[],
  span: Span,
): Checked {
  const value = evaluatorOf(definition, types, type)(values);
  if (value === null && type === 'int' && '+-*negate'.includes(definition.name) && !values.includes(null)) {
    refuse({
      code: 'W0205',
      span,
      message: 'this integer overflows',
      label: 'integers are exact to 9007199254740991 (2^53 - 1)',
      hints: ['write one of the numbers with a point (2.0) to compute with floats'],
    });
  }
  return literal(type, value, span);
}

function checkCount(definition: ScalarFunction, given: readonly Checked[], span: Span, written: string): void {
  const least = definition.required ?? definition.parameters.length;
  const most = definition.rest === null ? definition.parameters.length : Number.POSITIVE_INFINITY;
  if (given.length >= least && given.length <= most) return;
  const wanted =
    least === most ? String(least) : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  refuse({
    code: 'W0202',
    span,
    message: `${written} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${given.length}`,
    label: definition.signature,
    hints: [definition.summary],
  });
}

function checkArgument(definition: ScalarFunction, argument: Checked, i: number): void {
  const parameter = (definition.parameters[i] ?? definition.rest) as ParameterType;
  if (accepts(parameter, argument.type)) return;
  const wanted = parameter === 'number' ? 'a number' : typeWithArticle(parameter as ValueType);
  refuse({
    code: 'W0202',
    span: argument.span,
    message: `${definition.signature}: argument ${i + 1} is ${wanted}, not ${typeWithArticle(argument.type)}`,
    label: `this is ${typeWithArticle(argument.type)}`,
    hints: [functions.has(`cast_${parameter}`) ? `a cast makes it one: (…)::${parameter}` : definition.summary],
  });
}

/** How to write the pair so that it fits: quotes off, quotes on, or a cast. */
/** `net.asn = 'AS123'`: no cast of the number gives that text. */
function refuseSystemText(given: readonly Checked[], span: Span): void {
  const text = given.find((argument) => argument.kind === 'literal' && argument.type === 'string');
  const [, number] = text?.kind === 'literal' ? (/^asn?\s*(\d{1,10})$/i.exec(String(text.value)) ?? []) : [];
  if (number === undefined || !given.some(({ type }) => type === 'int')) return;
  const message = 'an autonomous system is a number here';
  refuse({ code: 'W0201', span, message, label: `write ${Number(number)}, without AS and without quotes` });
}

export function castHint(given: readonly Checked[]): string {
  if (given.some((argument) => argument.type === 'ip')) return "a range of addresses is a network: x IN '10.0.0.0/24'";
  const text = given.find((argument) => argument.kind === 'literal' && argument.type === 'string');
  const other = given.find((argument) => argument !== text);
  if (text?.kind === 'literal' && other !== undefined && ['int', 'float'].includes(other.type)) {
    const bare = String(text.value);
    return /^-?\d+(\.\d+)?$/.test(bare) ? `write ${bare} without quotes` : '';
  }
  const number = given.find((argument) => argument.kind === 'literal' && ['int', 'float'].includes(argument.type));
  const field = given.find((argument) => argument !== number);
  if (number?.kind === 'literal' && field?.type === 'string') return `write the number as a text: '${number.value}'`;
  if (number?.kind === 'literal' && field?.type === 'duration')
    return `write the unit that is meant: ${number.value} SECONDS, or ${number.value} MILLISECONDS`;
  return '';
}
