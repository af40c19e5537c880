import { type Reporter, refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { Select, UnnestNode } from '../syntax/tree.ts';
import { asArray } from './any.ts';
import type { CheckedUnnest } from './checked.ts';
import type { Context } from './context.ts';
import { check } from './expressions.ts';
import { Input } from './input.ts';
import type { Lookups } from './lookup-values.ts';
import type { Params } from './params.ts';

/** What the array of an UNNEST may read besides the columns of what stands behind FROM. */
interface UnnestScope {
  readonly params: Params;
  readonly lookups: Lookups;
  readonly reporter: Reporter;
}

/**
 * The input of a SELECT with CROSS JOIN UNNEST: the fields of what stands behind FROM, and the element by its name. An
 * element is text, as `array[n]` is. null: something is wrong, and reported.
 */
export function checkUnnest(
  { from, unnests }: Select,
  input: Input,
  beside: 'JOIN … WITHIN' | 'EXISTS' | null,
  { params, lookups, reporter }: UnnestScope,
): { readonly input: Input; readonly unnest: CheckedUnnest } | null {
  const [node, second] = unnests as [UnnestNode, UnnestNode | undefined];
  const context: Context = {
    ...{ clause: 'WHERE', aliases: new Map(), joins: new Map(), input, params, lookups, reporter },
    ...{ input_alias: from.alias?.text ?? null, all_aliases: [], windowed: false },
  };
  return reporter.attempt(() => {
    if (second !== undefined) refuseBeside(second.span, 'a second UNNEST');
    if (beside !== null) refuseBeside(node.span, `UNNEST beside ${beside}`);
    const array = asArray(check(node.array, context));
    if (array.type !== 'array') {
      refuse({ code: 'W0201', span: node.array.span, message: 'this is no array', label: 'it is always NULL' });
    }
    const { alias, column } = node;
    if (input.find(column.text) !== undefined || column.text === 'details') {
      refuse({
        code: 'W0108',
        span: column.span,
        message: `the element \`${column.text}\` hides a field of ${input.written}`,
        label: `choose another name, for example one_${column.text}`,
      });
    }
    const element = { name: column.text, path: [column.text], type: 'string' as const };
    const fields = [...input.fields, { ...element, aliases: [`${alias.text}.${column.text}`] }];
    return {
      input: new Input(input.name, fields, input.has_details, { written: input.written }),
      unnest: { array, column: column.text, span: node.span },
    };
  });
}

function refuseBeside(span: Span, what: string): never {
  refuse({
    code: 'W0010',
    span,
    message: `not yet: ${what} in one SELECT`,
    label: 'write one of them in brackets: FROM (SELECT … CROSS JOIN UNNEST(array) AS t(x)) AS v',
  });
}
