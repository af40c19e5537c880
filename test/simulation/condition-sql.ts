import type { Computed, Condition } from './case.ts';
import { forms } from './forms.ts';
import { partsOf } from './oracle-details.ts';

export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value).toUpperCase();
}

type DetailsRead = Extract<Condition, readonly ['d', ...unknown[]]>;

/** A path into details: words with points between, other parts in brackets. */
function detailsText([, path, type, way, side]: DetailsRead): string {
  const parts = partsOf(path).map((part) => (/^\w+$/.test(part) ? `.${part}` : `[${literal(part)}]`));
  const name = `${side === undefined ? '' : `${side}.`}details${parts.join('')}`;
  return way === 'cast' ? `${name}::${type}` : name;
}

/** A condition or an expression as Weir SQL. */
export function condition(c: Condition): string {
  switch (c[0]) {
    case 'v':
      return literal(c[1]);
    case 'f':
    case 'a':
      return `"${c[1]}"`;
    case 'd':
      return detailsText(c);
    case 'ref':
      return `"${c[1]}"."${c[2]}"`;
    case 'and':
    case 'or':
      return `(${(c.slice(1) as Condition[]).map(condition).join(` ${c[0].toUpperCase()} `)})`;
    case 'not':
      return `(NOT ${condition(c[1])})`;
    case 'in':
      return `(${condition(c[1])} IN (${c[2].map(literal).join(', ')}))`;
    case 'known':
      return `(${c[1]
        .split('.')
        .map((part) => `"${part}"`)
        .join('.')} IN LOOKUP known)`;
    case 'any': {
      const [, operator, array, value] = c;
      // In ANY a path into details is an array without a cast.
      const name = condition(array).replace(operator === '=' ? '' : '::array', '');
      // Equality is asked through a function, which is the same condition.
      if (operator === '=' && typeof value === 'string') return `tagged(${name}, ${literal(value)})`;
      return `(ANY(${name}) ${operator.toUpperCase()} ${literal(value)})`;
    }
    case 'call': {
      const [, name, ...given] = c;
      return forms.get(name)?.sql(...given.map(condition)) ?? '';
    }
    case 'case':
      return caseText((c.slice(1) as Condition[]).map(condition));
    case 'isnull':
      return `(${condition(c[1])} IS NULL)`;
    default:
      return `(${condition(c[1])} ${c[0]} ${condition(c[2])})`;
  }
}

function caseText(parts: readonly string[]): string {
  const branches = parts.slice(0, -1).map((part, i) => `${i % 2 === 0 ? 'WHEN' : 'THEN'} ${part}`);
  return `(CASE ${branches.join(' ')} ELSE ${parts.at(-1)} END)`;
}

/** Puts the rule's expressions in the places of their names. */
export function inline(c: Condition, computed: Computed = {}): Condition {
  if (c[0] === 'f') return computed[c[1]] ?? c;
  if (c[0] === 'v' || c[0] === 'a' || c[0] === 'ref' || c[0] === 'any' || c[0] === 'known' || c[0] === 'd') return c;
  return c.map((part, i) =>
    i > 0 && Array.isArray(part) && !(c[0] === 'in' && i === 2) ? inline(part as unknown as Condition, computed) : part,
  ) as unknown as Condition;
}

/** A condition on one side: its fields with the side's alias. */
export function onSide(c: Condition, alias: string): Condition {
  // What stands beside the row has its own alias: `b.n`.
  if (c[0] === 'f') return /^[a-z]\./.test(c[1]) ? ['ref', c[1].slice(0, 1), c[1].slice(2)] : ['ref', alias, c[1]];
  if (c[0] === 'd') return [c[0], c[1], c[2], c[3], c[4] ?? alias];
  if (c[0] === 'known') return c[1].includes('.') ? c : ['known', `${alias}.${c[1]}`];
  if (c[0] === 'v' || c[0] === 'a' || c[0] === 'ref') return c;
  return c.map((part, i) =>
    i > 0 && Array.isArray(part) && !(c[0] === 'in' && i === 2) ? onSide(part as unknown as Condition, alias) : part,
  ) as unknown as Condition;
}
