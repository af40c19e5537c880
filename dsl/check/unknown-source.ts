import type { Finding } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Word } from '../syntax/tree.ts';
import { laterStreams } from './local-names.ts';
import type { Lookups } from './lookup-values.ts';

/** What can be read, and what is something else. */
export interface KnownSources {
  readonly stream: string;
  readonly views: readonly string[];
  /** Views that stand in one statement, with that statement's name. */
  readonly locals: readonly { readonly name: string; readonly owner: string }[];
  readonly lookups: Lookups;
  /** The statement that asks. */
  readonly reader: string;
}

/** What is wrong with a name behind FROM or JOIN that no stream and no view has. */
export function unknownSource({ text, span }: Word, known: KnownSources): Finding {
  const { stream, views, locals, lookups, reader } = known;
  if (lookups.has(text)) {
    const label = `write FROM ${stream} WHERE column IN LOOKUP ${text}`;
    return { code: 'W0102', span, message: `${text} is a lookup: its rows are no events`, label };
  }
  const later = laterStreams.get(text.toLowerCase());
  if (later !== undefined) return { code: 'W0010', span, message: `not yet: FROM ${text}`, label: later };
  const message = `there is no stream or view \`${text}\``;
  const local = locals.find(({ name }) => name === text);
  const own = locals.some(({ name, owner }) => name === text && owner === reader);
  if (own) {
    const label = 'a view of WITH sees those before it, not itself and none behind it';
    return { code: 'W0102', span, message: `\`${text}\` cannot be read here`, label };
  }
  if (local !== undefined) {
    const label = `\`${text}\` stands in ${local.owner}, which alone can read it`;
    return { code: 'W0102', span, message, label, hints: [`written as CREATE VIEW ${text} AS … it is there for all`] };
  }
  return {
    ...{ code: 'W0102', span, message, label: didYouMean(text, [stream, ...views]) },
    hints: [views.length === 0 ? 'the stream is called events' : `streams and views: events, ${views.join(', ')}`],
  };
}
