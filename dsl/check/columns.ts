import type { Reference } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { CheckedSelect } from './checked.ts';

/** What a detection of a rule has for title, entity and suppression: the SELECT's columns and the parts of the key. */
export interface Columns {
  readonly outputs: readonly Named[];
  readonly keys: readonly Named[];
}

interface Named {
  readonly name: string;
  /** The field that it is, where it is nothing but one: `actor.ip`. */
  readonly field: string | null;
}

export function columnsOf({ outputs, key }: CheckedSelect): Columns {
  const keys = (key ?? []).map(({ name, expression }) => ({
    name,
    field: expression.kind === 'column' ? expression.name : null,
  }));
  return {
    outputs: outputs.map(({ name, expression }) => {
      if (expression.kind === 'key') return { name, field: keys[expression.index]?.field ?? null };
      return { name, field: expression.kind === 'column' ? expression.name : null };
    }),
    keys,
  };
}

/** The column of a detection by its name, or by the whole name of the field that it is. */
export function referTo(
  columns: Columns,
  words: readonly string[],
  span: Span,
  what: string,
): { readonly name: string; readonly reference: Reference } {
  const name = words.join('.');
  const tails = [name, words.slice(1).join('.')].filter((tail) => tail !== '');
  for (const wanted of tails) {
    for (const [from, list] of [
      ['output', columns.outputs],
      ['key', columns.keys],
    ] as const) {
      const byName = list.findIndex((column) => column.name === wanted);
      const index = byName === -1 ? list.findIndex((column) => column.field === wanted) : byName;
      if (index !== -1) return { name: (list[index] as Named).name, reference: { from, index } };
    }
  }
  const names = [...new Set([...columns.outputs, ...columns.keys].map((column) => column.name))];
  refuse({
    code: 'W0112',
    span,
    message: `the detections of this rule have no column \`${name}\``,
    label: didYouMean(name, names),
    hints: [`columns that ${what} can use: ${names.join(', ')}`, `to use ${name}, add it to SELECT`],
  });
}
