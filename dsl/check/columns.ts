import type { Reference } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { CheckedSelect } from './checked.ts';
import { fieldMeantBy } from './foreign-fields.ts';
import type { Input } from './input.ts';

/** What a detection of a rule has for title, entity and suppression: the SELECT's columns and the parts of the key. */
export interface Columns {
  readonly outputs: readonly Named[];
  readonly keys: readonly Named[];
  /** What the SELECT reads, for what could be selected; null: not known here. */
  readonly read: Input | null;
}

interface Named {
  readonly name: string;
  /** The field that it is, where it is nothing but one: `actor.ip`. */
  readonly field: string | null;
}

export function columnsOf({ outputs, key }: CheckedSelect, read: Input | null): Columns {
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
    read,
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
    ...insteadOf(name, names, columns.read, what),
  });
}

/** A column that looks like the name; a field that could be selected, by its own name or one that looks like it. */
function insteadOf(name: string, names: readonly string[], read: Input | null, what: string) {
  const hints = [`columns that ${what} can use: ${names.join(', ')}`];
  if (read?.find(name) !== undefined) return { label: '', hints: [...hints, `to use ${name}, add it to SELECT`] };
  const foreign = fieldMeantBy(name);
  const column = nearest(name, names) ?? names.find((one) => one === foreign);
  if (column !== undefined) return { label: `did you mean \`${column}\`?`, hints };
  const fields = read === null ? [] : read.names();
  const field = nearest(name, fields) ?? fields.find((one) => one === foreign);
  if (field !== undefined) {
    return { label: `did you mean \`${field}\`?`, hints: [...hints, `to use ${field}, add it to SELECT`] };
  }
  return {
    label: '',
    hints: [...hints, `${what} reads what the SELECT gives: name a field or an expression there with AS`],
  };
}
