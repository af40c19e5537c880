import type { Checked, CheckedJoin } from './checked.ts';
import { form } from './form.ts';

const words = { inner: 'join', left: 'left join', semi: 'where exists', anti: 'where not exists' } as const;

function unnestLines({ alias, unnests }: Pick<CheckedJoin['left'], 'alias' | 'unnests'>): string[] {
  return unnests.map(({ array, column }) => `    unnest of ${alias} ${form(array)} as ${column}`);
}

/** The joins of a SELECT, a line for each and for what it asks; the alias of a side stands in front of its columns. */
export function joinLines(join: CheckedJoin | null): string[] {
  if (join === null) return [];
  const { right, keys, before_ms, after_ms } = join;
  const asked: Checked[] = [...join.left_where, ...join.right_where, ...join.residual];
  return [
    ...joinLines(join.left.join),
    ...unnestLines(join.left),
    `  ${words[join.kind]} ${right.input} as ${right.alias} ${join.as_of ? `as of ${before_ms} ms` : `within ${before_ms} ms before, ${after_ms} ms after`}`,
    ...unnestLines(right),
    ...keys.map((key) => `    on ${form(key.left)} = ${form(key.right)}`),
    ...asked.map((one) => `    and ${form(one)}`),
  ];
}
