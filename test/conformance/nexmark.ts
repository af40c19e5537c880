import { existsSync, readFileSync } from 'node:fs';
import { type LookupActivation, lookupContent, type Value } from '../../engine/index.ts';
import { nexmarkQueries, nexmarkStream } from './nexmark-queries.ts';
import { multiset, programOf, recordsOf, rowsOf, runLive, runSorted } from './runs.ts';
import { newScore, type Score } from './score.ts';

interface NexmarkEvent {
  type: string;
  t: number;
  auction: number;
  bidder: number;
  price: number;
}
type Row = Record<string, Value>;
type Answers = { [query: string]: { rows: unknown[][] } };

const folder = new URL('../../../shared/cases/nexmark/', import.meta.url);
/** Nexmark's side input has a row for each remainder by 10,000. */
const sideRows = Array.from({ length: 10_000 }, (_, key): [Value, Value] => [key, `side ${key}`]);

/** What a query's rows are as the answers have them: a few answers are sums or counts of the rows. */
function answerOf(query: string, rows: readonly Row[]): (readonly unknown[])[] {
  // Thousandths are whole numbers, so rounding takes away what 0.908 is off in binary.
  if (query === 'q1') return [[rows.length, rows.reduce((sum, row) => sum + Math.round(Number(row.euros) * 1000), 0)]];
  if (query === 'q5_side_input') return rows.map(({ starts, most }) => [Number(starts) - 8_000, most]);
  if (query === 'q18') return [[rows.length]];
  if (query === 'q7') return rows.map(({ starts, highest }) => [starts, highest]);
  return rows.map((row) => Object.values(row));
}

/** The published rows in the columns of the queries here, or own lines where nothing is published. */
function expectedOf(query: string, published: unknown[][] | undefined, events: readonly NexmarkEvent[]): unknown[][] {
  const bids = events.filter((event) => event.type === 'bid');
  if (query === 'q12') {
    const counts = new Map<string, number>();
    for (const { bidder, t } of bids) {
      const window = JSON.stringify([bidder, t - (t % 10_000)]);
      counts.set(window, (counts.get(window) ?? 0) + 1);
    }
    return [...counts].map(([window, count]) => {
      const [bidder, starts] = JSON.parse(window) as [number, number];
      return [bidder, count, starts];
    });
  }
  if (query === 'q13') {
    return bids.map(({ auction, bidder, price }) => [auction, bidder, price, `side ${auction % 10_000}`]);
  }
  if (published === undefined) throw new Error(`${query} has no answers`);
  if (query === 'q5_side_input') {
    return [...new Map(published.map(([starts, , num]) => [starts, [starts, num]])).values()];
  }
  // Published with the city too.
  if (query === 'q3') return published.map(([name, , state, auction]) => [name, state, auction]);
  return published;
}

/** Each query on each event set, sorted as a file and in the order it came through the live door. */
export function nexmark(): Score | null {
  if (!existsSync(folder)) return null;
  const score = newScore('nexmark', 'query and event set, by both doors');
  const expressible = nexmarkQueries.filter(({ name, sql }) => {
    const compiled = programOf(`${nexmarkStream}\n${sql}`);
    if ('program' in compiled) return true;
    score.inexpressible += 2;
    score.notes.push(`${name}: inexpressible, ${compiled.refusal}`);
    return false;
  });
  const compiled = programOf([nexmarkStream, ...expressible.map(({ sql }) => sql)].join('\n'));
  if ('refusal' in compiled) throw new Error(`the queries compile alone but not together: ${compiled.refusal}`);
  const { program } = compiled;
  const columns = [
    { name: 'key', type: 'int' },
    { name: 'value', type: 'string' },
  ] as const;
  const side: LookupActivation = {
    ...lookupContent('side_input', columns, sideRows),
    from_ms: Number.NEGATIVE_INFINITY,
  };
  for (const set of ['ordered_20k', 'shuffled_20k']) {
    const lines = readFileSync(new URL(`${set}.events.jsonl`, folder), 'utf8')
      .trim()
      .split('\n');
    const events = lines.map((line) => JSON.parse(line) as NexmarkEvent);
    const stamped = events.map(({ t, ...event }) => ({ ...event, timestamp: t }));
    const answers = (JSON.parse(readFileSync(new URL(`${set}.expected.json`, folder), 'utf8')) as { queries: Answers })
      .queries;
    const records = recordsOf('bids', stamped, Math.max(...events.map(({ t }) => t)));
    const live = runLive(program, records, [side]);
    if (live.refused > 0) score.notes.push(`${set}: the live door refused ${live.refused} events`);
    const runs = { sorted: runSorted(program, records, [side]), live: live.detections };
    for (const { name, answers: key } of expressible) {
      const expected = multiset(expectedOf(name, key === null ? undefined : answers[key]?.rows, events));
      const wrong = Object.entries(runs).flatMap(([door, detections]) => {
        const got = answerOf(name, rowsOf(program, name, detections));
        return multiset(got) === expected ? [] : [`${set} ${name} ${door}: ${got.length} rows, first ${got[0]}`];
      });
      if (wrong.length === 0) score.agree++;
      else score.differ++;
      score.notes.push(...wrong);
    }
  }
  return score;
}
