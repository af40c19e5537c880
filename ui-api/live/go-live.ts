import type { EventLog, LookupContent, Program, WorkerParts } from '../../engine/index.ts';
import type { LiveDriver } from './driver.ts';
import { type LogMark, NextEngine } from './next-engine.ts';
import type { NewRule } from './recovery.ts';

export interface GoLiveParts {
  readonly driver: LiveDriver;
  readonly log: EventLog;
  /** Whether rows of tables have a file to go to: it is opened at a start. */
  readonly keeps_tables: boolean;
  /** Asked between steps: an end of Weir does not wait for a log that is read again. */
  readonly is_stopping: () => boolean;
}

/** What took over, and when. */
export interface WentLive {
  /** W then: what is decided from this stream time on is decided by these rules; null before the first event. */
  readonly from_ms: number | null;
  /** Of the rules that did not run before, how far back they see. */
  readonly new_rules: readonly NewRule[];
}

/** These rules cannot take over while Weir runs; a start can do it. The message says why. */
export class CannotGoLive extends Error {}

/** So much of the log may be left for the pause in which one takes over from the other. */
const pause_entries = 2048;
/** Where events come faster than they are read again, the pause has to be longer. */
const most_rounds = 20;

/**
 * Other rules take over from those that run, with the result that a restart at that moment would have: an engine of theirs
 * reads the log from its beginning beside the one that runs, comes to where that one is, and takes its place between two
 * turns of the loop. Until then, and if anything is wrong, the old rules go on.
 *
 * @param lookups read in the last moment: the rows that act from then on, where they differ from those that act
 * @param workers threads for it; null: one judges
 * @throws CannotGoLive
 */
export async function goLive(
  { driver, log, keeps_tables, is_stopping }: GoLiveParts,
  program: Program,
  lookups: () => readonly LookupContent[],
  workers: WorkerParts | null = null,
): Promise<WentLive> {
  const running = driver.running.program;
  if (JSON.stringify(running.settings) !== JSON.stringify(program.settings)) {
    throw new CannotGoLive('settings of the stream changed, which a start takes up');
  }
  if (!keeps_tables && program.operators.some(({ table }) => table !== undefined)) {
    throw new CannotGoLive('it brings the first table (CREATE TABLE), whose file a start opens');
  }
  const mark = await markOf(driver, log);
  const known = new Set(running.operators.map(({ plan_hash }) => plan_hash));
  const is_wanted = (): void => {
    if (is_stopping()) throw new CannotGoLive('Weir is stopping');
  };
  const next = new NextEngine(program, known, mark, is_wanted, workers);
  try {
    return await takePlace(next, { driver, log, mark, lookups });
  } catch (error) {
    await next.close();
    throw error;
  }
}

interface Place extends Pick<GoLiveParts, 'driver' | 'log'> {
  readonly mark: LogMark;
  readonly lookups: () => readonly LookupContent[];
}

async function takePlace(next: NextEngine, { driver, log, mark, lookups }: Place): Promise<WentLive> {
  await next.warmUp(log, mark);
  for (let round = 0; round < most_rounds && log.end_position - next.position > pause_entries; round++) {
    await next.follow(log);
  }
  await driver.pause(async () => {
    await next.follow(log);
    const { watermark_ms } = driver.running.engine;
    if (next.watermark_ms !== watermark_ms) {
      throw new CannotGoLive(
        `the log read again comes to stream time ${next.watermark_ms}, and Weir is at ${watermark_ms}`,
      );
    }
    return next.take(lookups());
  });
  return { from_ms: next.watermark_ms, new_rules: next.newRules() };
}

async function markOf(driver: LiveDriver, log: EventLog): Promise<LogMark> {
  let mark: LogMark = { position: 0, watermark_ms: null };
  await driver.pause(async () => {
    mark = { position: log.end_position, watermark_ms: driver.running.engine.watermark_ms };
    return null;
  });
  return mark;
}
