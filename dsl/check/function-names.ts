import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { NameNode } from '../syntax/tree.ts';
import type { Checked } from './checked.ts';

/** What a name in the body of a function stands for: one of its arguments, and nothing else. */
export function argumentNamed({ parts, span }: NameNode, given: ReadonlyMap<string, Checked>): Checked {
  const written = parts.map((part) => part.text).join('.');
  const meant = given.get(written);
  if (meant !== undefined) return { ...meant, span };
  const names = [...given.keys()];
  refuse({
    code: 'W0107',
    span,
    message: `the function has no argument \`${written}\``,
    label: didYouMean(written, names),
    hints: [
      `a function sees its arguments and nothing else${names.length > 0 ? `: ${names.join(', ')}` : ''}`,
      `make it one, and pass the field where the function is called`,
    ],
  });
}

export function paramInFunction(name: string, span: Span): never {
  refuse({
    code: 'W0106',
    span,
    message: `a function cannot read the parameter \`${name}\``,
    label: 'parameters belong to a rule: make it an argument, and pass the parameter',
  });
}
