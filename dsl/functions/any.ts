import type { Truth, Value } from '../../engine/index.ts';
import { elementText } from './array.ts';
import { comparisonFunctions } from './comparison.ts';
import { conversionFunctions } from './conversion.ts';
import { define } from './define.ts';
import { evaluatorOf } from './evaluate.ts';
import type { ScalarFunction } from './function.ts';
import { ipFunctions } from './ip.ts';
import { patternFunctions } from './pattern.ts';

/** By type: an element's text as that type, which is what the cast of `arr[n]::type` makes of it. */
const casts: ReadonlyMap<Value, (values: readonly Value[]) => Value> = new Map(
  conversionFunctions.map((cast) => [cast.result([]), evaluatorOf(cast, ['string'])]),
);

/**
 * ANY of ISO 9075 (quantified comparison): true if the condition is true of one element, else NULL if it is NULL of
 * one, else false. So it is false where there are no elements, whatever the other side, and NULL for a NULL array.
 */
function anyOf([array, other, type]: readonly Value[], holds: ScalarFunction): Truth {
  const cast = casts.get(type);
  if (array === null || cast === undefined) return null;
  let result: Truth = false;
  for (const raw of array as readonly Value[]) {
    const element = cast([elementText(raw)]);
    const truth = element === null || other === null ? null : (holds.evaluate([element, other]) as Truth);
    if (truth === true) return true;
    if (truth === null) result = null;
  }
  return result;
}

/** The third argument is the type that the elements are read as; the checker gives it. */
function anyFunction(
  name: string,
  signature: string,
  summary: string,
  example: ScalarFunction['example'],
): ScalarFunction {
  const holds = [...comparisonFunctions, ...patternFunctions, ...ipFunctions].find((one) => one.name === name);
  if (holds === undefined) throw new Error(`there is no condition ${name}`);
  return define({
    ...{ name: `any_${name}`, signature, group: 'array', parameters: ['array', 'any', 'string'], result: 'bool' },
    null_on_null: false,
    evaluate: (values) => anyOf(values, holds),
    check: ([, other]) => holds.check?.([undefined, other]) ?? null,
    ...{ summary, example },
  });
}

const accounts = 'ANY(array_agg(account_id, 10))';

/** Conditions of one element of an array, whichever it is. `x = ANY(array)` is the same with the sides changed. */
export const anyFunctions: readonly ScalarFunction[] = [
  anyFunction(
    '=',
    'ANY(array) = x',
    'Whether one element equals x, read as arr[n]::type with the type of x. NULL when none does and one is NULL.',
    { text: `${accounts} = 'acct_2'`, value: true },
  ),
  anyFunction(
    '<>',
    'ANY(array) <> x',
    'Whether one element differs from x; that none equals it is NOT ANY(array) = x.',
    {
      text: `${accounts} <> 'acct_2'`,
      value: true,
    },
  ),
  anyFunction('<', 'ANY(array) < x', 'Whether one element is less than x.', {
    text: `${accounts} < 'acct_1'`,
    value: false,
  }),
  anyFunction('<=', 'ANY(array) <= x', 'Whether one element is less than x or equals it.', {
    text: `${accounts} <= 'acct_1'`,
    value: true,
  }),
  anyFunction('>', 'ANY(array) > x', 'Whether one element is greater than x.', {
    text: `'acct_2' < ${accounts}`,
    value: false,
  }),
  anyFunction('>=', 'ANY(array) >= x', 'Whether one element is greater than x or equals it.', {
    text: `${accounts} >= 'acct_2'`,
    value: true,
  }),
  anyFunction('like', 'ANY(array) LIKE pattern', 'Whether the pattern fits one element.', {
    text: `${accounts} LIKE '%_2'`,
    value: true,
  }),
  anyFunction('ilike', 'ANY(array) ILIKE pattern', 'Whether the pattern fits one element, whatever the case.', {
    text: `${accounts} ILIKE 'ACCT_2'`,
    value: true,
  }),
  anyFunction('matches', 'ANY(array) ~ pattern', 'Whether the regular expression matches somewhere in one element.', {
    text: `${accounts} ~ '^svc_'`,
    value: false,
  }),
  anyFunction('in_cidr', "ANY(array)::ip = '10.0.0.0/8'", 'Whether one element is an address in the network.', {
    text: `${accounts}::ip = '10.0.0.0/8'`,
    value: null,
  }),
];
