import type { Checked } from '../check/checked.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { valuesCompared } from './known-values.ts';
import { partsOfChecked } from './parts.ts';

/** Fields of the normalised event that are angles in degrees: what they reach on either side of zero. */
const degrees: ReadonlyMap<string, { readonly name: string; readonly most: number }> = new Map([
  ['geo.lat', { name: 'latitude', most: 90 }],
  ['geo.lon', { name: 'longitude', most: 180 }],
]);

/**
 * Comparisons with what a field never holds by its meaning in the event schema: an angle beyond its range, a country that
 * is no ISO 3166 code. A guess and no proof: the door takes any number and any text.
 */
export function valuesOffSchema(condition: Checked | null): Finding[] {
  if (condition === null) return [];
  return [...countries(condition), ...angles(condition), ...partsOfChecked(condition).flatMap(valuesOffSchema)];
}

function countries(condition: Checked): Finding[] {
  const compared = valuesCompared(condition);
  if (compared?.column.name !== 'geo.country') return [];
  return compared.literals.flatMap(({ value, span }): Finding[] => {
    if (typeof value !== 'string' || /^[A-Z]{2}$/.test(value)) return [];
    const label = /^[a-z]{2}$/i.test(value)
      ? `did you mean '${value.toUpperCase()}'?`
      : 'write its code of two letters';
    return [
      {
        code: 'W0305',
        span,
        message: `'${value}' is a value that ${compared.column.written} hardly ever has`,
        label,
        hints: ["it holds ISO 3166 codes of two capital letters: 'DE', 'US'"],
      },
    ];
  });
}

const turned: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' };

/** `geo.lat > 95`, `200 < geo.lon`: true beyond the range alone. */
function angles(condition: Checked): Finding[] {
  if (condition.kind !== 'call' || turned[condition.function] === undefined) return [];
  const [left, right] = condition.arguments as readonly [Checked, Checked];
  const isTurned = right.kind === 'column';
  const [column, literal] = isTurned ? [right, left] : [left, right];
  if (column.kind !== 'column' || literal.kind !== 'literal' || typeof literal.value !== 'number') return [];
  const angle = degrees.get(column.name);
  const operator = isTurned ? turned[condition.function] : condition.function;
  if (angle === undefined || !isBeyond(operator ?? '', literal.value, angle.most)) return [];
  return [
    {
      code: 'W0305',
      span: condition.span,
      message: `${column.written} is hardly ever so`,
      label: `a ${angle.name} in degrees is from -${angle.most} to ${angle.most}`,
      hints: [],
    },
  ];
}

function isBeyond(operator: string, value: number, most: number): boolean {
  switch (operator) {
    case '>':
      return value >= most;
    case '>=':
      return value > most;
    case '<':
      return value <= -most;
    case '<=':
      return value < -most;
    default:
      return Math.abs(value) > most;
  }
}
