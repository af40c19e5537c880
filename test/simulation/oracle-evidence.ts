import { compareAll, type Row } from './naive-oracle.ts';

/** An event that a row rests on, its own time, and the place in the total order of what stands for it. */
export interface Rested {
  event: string;
  time: number;
  place: Row['place'];
}

/** What a row rests on: of a join all its events, of a window its last one, which an empty window does not have. */
export function restedOf({ rests_on, event, time, event_time = time, place }: Row): Rested[] {
  if (rests_on !== undefined) return rests_on;
  return event === '' ? [] : [{ event, time: event_time, place }];
}

/** What a row rests on that these rows made: all events of theirs in total order, each once. */
export function restsOn(rows: readonly Row[]): Rested[] {
  const all = rows.flatMap(restedOf).sort((a, b) => compareAll(a.place, b.place));
  return all.filter((one, i) => all.findIndex(({ event, time }) => event === one.event && time === one.time) === i);
}

/** The evidence of a rule without a window: the last 20 of them, and how many there are. */
export function evidenceOf(row: Row): { evidence: string[]; total: number } {
  const all = restedOf(row);
  return { evidence: all.slice(-20).map(({ event }) => event), total: all.length };
}

function ownerOf({ tenant, event_tenant = tenant }: Row): string {
  return event_tenant;
}

/** The evidence of a window: the last `most` events that its rows stand for, each once, in order. Ids are a tenant's own. */
export function lastEvents(rows: readonly Row[], most: number): string[] {
  const newest = rows.toReversed().filter(({ event }) => event !== '');
  const events = newest.filter((one, i) => {
    return newest.findIndex((other) => other.event === one.event && ownerOf(other) === ownerOf(one)) === i;
  });
  return events
    .slice(0, most)
    .map(({ event }) => event)
    .reverse();
}
