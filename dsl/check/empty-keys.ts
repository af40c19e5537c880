import { refuse } from '../diagnostics/diagnostic.ts';
import { typeWithArticle } from '../functions/index.ts';
import type { WindowNode } from '../syntax/tree.ts';
import type { CheckedKey, CheckedLookup } from './checked.ts';
import { type Lookups, lookupNamed, typeOfColumn } from './lookup-values.ts';

/**
 * WITH EMPTY KEYS OF a lookup: GROUP BY must be the lookup's primary key, in its order and with its types, because each
 * of its keys is a group that may have no event.
 */
export function checkEmptyKeys({ clauses }: WindowNode, key: readonly CheckedKey[], lookups: Lookups): void {
  const clause = clauses.find(({ kind }) => kind === 'emptyKeys');
  if (clause?.kind !== 'emptyKeys') return;
  const lookup = lookupNamed(clause.lookup, lookups);
  // Wrong itself: one message is enough.
  if (lookup === null) return;
  const { span } = clause.lookup;
  const wrong = (message: string, label: string, hints: readonly string[] = []): never =>
    refuse({ code: 'W0214', span, message, label, hints });
  if (lookup.key.some((column) => typeOfColumn(lookup, column) === 'cidr')) {
    wrong(`the keys of ${lookup.name} are networks, and a group is no network`, 'name a lookup whose keys are values');
  }
  const columns = lookup.key.join(', ');
  if (key.length !== lookup.key.length) {
    const parts =
      key.length === 0 ? 'there is no GROUP BY' : `GROUP BY has ${key.length} part${key.length === 1 ? '' : 's'}`;
    wrong(`${parts}, and the key of ${lookup.name} is (${columns})`, 'each of its keys must be a group', [
      `group by the lookup's key: GROUP BY ${columns}`,
    ]);
  }
  const names = key.map(({ name }) => name);
  if (names.join() !== lookup.key.join() && lookup.key.every((column) => names.includes(column))) {
    wrong(`the key of ${lookup.name} is (${columns}), in this order`, `GROUP BY has ${names.join(', ')}`, [
      `write GROUP BY ${columns}`,
    ]);
  }
  key.forEach((part, i) => {
    checkPart(part, lookup, i);
  });
}

function checkPart({ name, expression }: CheckedKey, lookup: CheckedLookup, i: number): void {
  const column = lookup.key[i] as string;
  const type = typeOfColumn(lookup, column);
  if (expression.type === type || (type === 'int' && expression.type === 'float')) return;
  refuse({
    code: 'W0201',
    span: expression.span,
    message: `${column} of ${lookup.name} is ${typeWithArticle(type)}, and ${name} is ${typeWithArticle(expression.type)}`,
    label: `the lookup's keys must be groups: ${typeWithArticle(type)} is wanted`,
    hints: [],
  });
}
