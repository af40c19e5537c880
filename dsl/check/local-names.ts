import { type Finding, refuse } from '../diagnostics/diagnostic.ts';
import type { RuleStatement, ViewStatement, Word } from '../syntax/tree.ts';
import type { Lookups } from './lookup-values.ts';

/** Names that mean something else where a stream's name stands. */
export const laterStreams: ReadonlyMap<string, string> = new Map([
  ['alerts', 'rules on detections come later'],
  ['sequence', 'sequences come later'],
]);

/** Refuses the name of a stream or a lookup: FROM events and IN LOOKUP mean the same in every statement. */
export function checkLocalName({ text, span }: Word, stream: string, lookups: Lookups): void {
  const is_stream = text === stream || laterStreams.has(text.toLowerCase());
  if (!is_stream && !lookups.has(text)) return;
  refuse({
    code: 'W0101',
    span,
    message: `${text} is ${is_stream ? 'a stream' : 'a lookup'}, everywhere`,
    label: 'give this view another name',
  });
}

/** A name that another statement has too: it is allowed, so that nothing added elsewhere changes what this one means. */
export function hidesStatement({ text, span }: Word, { name, kind }: RuleStatement | ViewStatement): Finding {
  return {
    code: 'W0321',
    span,
    message: `in this ${kind}, \`${text}\` is its own view and not the statement of that name`,
    label: 'another name says better which of the two is meant',
    hints: [`the other one is as it was for everything but ${name.text}`],
  };
}

/** A local view that nothing reads. */
export function unreadLocal({ text, span }: Word): Finding {
  return { code: 'W0322', span, message: `nothing reads \`${text}\``, label: 'remove it, or write FROM with its name' };
}
