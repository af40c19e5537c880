import type { Why } from './answer.ts';

/** What EMIT EARLY told, and what came of it. */
export function earlyHints({ early, outcome }: Why, time: (time_ms: number) => string): string[] {
  if (early === undefined) return [];
  const { id, at_ms, told_at_ms, became, superseded_by } = early;
  const isFiring = outcome === 'fired' || outcome === 'suppressed';
  const what = isFiring ? 'it' : `detection ${id} of ${time(at_ms)}`;
  const left = `${what} left early${told_at_ms === null ? '' : `, at ${time(told_at_ms)} by the clock`}`;
  const later = 'events that arrived after that and stand before it in time';
  switch (became) {
    case 'equal':
      return [`${left}, and became final as it was`];
    case 'other':
      return [`${left}, with other values: ${later} changed it, and a further revision has the final ones`];
    case 'open':
      return [`${left}, and is not decided yet`];
    case 'withdrawn': {
      const instead = superseded_by === null ? '' : `; detection ${superseded_by} stands in its place`;
      return [`${left}, and was withdrawn: with ${later} it is none${instead}`];
    }
  }
}
