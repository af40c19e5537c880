/** The only door of this folder. */
import { anyFunctions } from './any.ts';
import { arrayFunctions } from './array.ts';
import { comparisonFunctions } from './comparison.ts';
import { conditionalFunctions } from './conditional.ts';
import { conversionFunctions } from './conversion.ts';
import type { ScalarFunction } from './function.ts';
import { geographyFunctions } from './geography.ts';
import { ipFunctions } from './ip.ts';
import { numberFunctions } from './number.ts';
import { patternFunctions } from './pattern.ts';
import { type ReferenceEntry, referenceOf } from './reference.ts';
import { similarityFunctions } from './similarity.ts';
import { stringFunctions } from './string.ts';
import { timeFunctions } from './time.ts';

export { canonicalCidr } from './address.ts';
export type { ClauseHelp } from './clause-help.ts';
export { clausePage, clausesOf, clauseWords } from './clause-page.ts';
export { canFail, evaluatorOf } from './evaluate.ts';
export type { ParameterType, ScalarFunction } from './function.ts';
export { type ReferenceEntry, referencePage } from './reference.ts';
export { accepts, commonType, comparable, isNumber, ordered, typeWithArticle } from './types.ts';

/** Every scalar function and operator of the language by name, in the order in which `weir functions` prints them. */
export const functions: ReadonlyMap<string, ScalarFunction> = new Map(
  [
    ...comparisonFunctions,
    ...numberFunctions,
    ...geographyFunctions,
    ...stringFunctions,
    ...patternFunctions,
    ...similarityFunctions,
    ...ipFunctions,
    ...timeFunctions,
    ...conversionFunctions,
    ...arrayFunctions,
    ...anyFunctions,
    ...conditionalFunctions,
  ].map((definition) => [definition.name, definition]),
);

/** The reference of forms, functions, operators and aggregates, in the order in which it is printed. */
export const reference: readonly ReferenceEntry[] = referenceOf(functions.values());
