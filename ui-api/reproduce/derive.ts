import { entriesOf, type LogCursor } from '../../connectors/index.ts';
import { Engine, limits, type Program, toRecord } from '../../engine/index.ts';
import { type BacktestFacts, SortedBacktest } from '../cli/backtest-run.ts';
import { LogHistory } from '../cli/log-history.ts';
import { BacktestLookups } from '../cli/lookup-history.ts';
import { applyFirst } from '../live/first-lookups.ts';
import type { StoredDetection } from './compare.ts';

type Batches = AsyncIterable<LogCursor>;

/** What history gives for an id. */
export interface Derived {
  /** Each record that a Weir would have published of it. */
  readonly records: readonly StoredDetection[];
  readonly events: number;
  readonly first_event_ms: number | null;
  /** The first position of the history: above 0 its beginning is gone. */
  readonly begins_at: number;
  /** Whether the history has all that the rule remembers at that time. */
  readonly coverage: 'warm' | 'partial';
  readonly notes: readonly string[];
}

export interface Asked {
  readonly id: string;
  /** Detections decided in [since, until) are looked at. */
  readonly since_ms: number;
  readonly until_ms: number;
  /** Whether it left early: what is told on arrival depends on the order in which events came. */
  readonly is_early: boolean;
}

/** Runs a program of one rule over a history as a backtest does, and where it is asked for as the live engine did. */
export async function derive(
  program: Program,
  asked: Asked,
  rule: string,
  read: (until?: number) => Batches,
): Promise<Derived> {
  const { id, since_ms, until_ms } = asked;
  const records: StoredDetection[] = [];
  const keep = (detection: Parameters<typeof toRecord>[1], news?: Parameters<typeof toRecord>[2]['news']): void => {
    if (detection.id !== id) return;
    const record = toRecord(program, detection, { mode: 'replay', ...(news === undefined ? {} : { news }) });
    records.push(JSON.parse(JSON.stringify(record)) as StoredDetection);
  };
  const history = await LogHistory.read(read, program);
  const run = new SortedBacktest(
    program,
    { since_ms, until_ms, late_include: false, on_letter: () => undefined },
    history.watermark_ms,
  );
  const lookups = new BacktestLookups(program, [], 'recorded');
  let facts: BacktestFacts;
  let begins_at = Number.POSITIVE_INFINITY;
  try {
    const batches = read(history.end_position);
    await history.giveTo(run, batches, (activation) => lookups.recorded(run, activation));
    begins_at = history.first_position;
    for (const detections of run.finish()) for (const detection of detections) keep(detection);
    facts = run.facts();
  } finally {
    run.close();
  }
  if (asked.is_early) {
    for await (const { detection, ...news } of earlyNotes(program, () => read(history.end_position))) {
      if (news.kind !== 'final') keep(detection, news);
    }
  }
  const isCut = Number.isFinite(begins_at) && begins_at > 0;
  const coverage = isCut ? (facts.history.get(rule) ?? 'partial') : 'warm';
  const { counters, first_event_ms } = facts;
  return { records, events: counters.accepted, first_event_ms, begins_at, coverage, notes: lookups.notes() };
}

/** Entries between two looks at what was told. */
const advance_every = limits.batch_rows;

async function* earlyNotes(program: Program, batches: () => Batches) {
  const engine = new Engine(program);
  const first = await applyFirst(engine, program, () => entriesOf(batches()));
  let count = 0;
  for await (const cursor of batches()) {
    while (cursor.next()) {
      if (!first.has(cursor.position)) engine.apply(cursor.position, cursor.lent());
      if (++count % advance_every === 0) yield* engine.advance().early;
    }
  }
  yield* engine.advance().early;
}
