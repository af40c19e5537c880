import { existsSync } from 'node:fs';
import { LogReader } from '../../connectors/index.ts';
import { buildProgram, type Replay } from '../../dsl/index.ts';
import type { LookupContent } from '../../engine/index.ts';
import { dataPaths, readConfig } from '../config.ts';
import { type BacktestFacts, type BacktestRunOptions, SortedBacktest } from './backtest-run.ts';
import type { Shell } from './command.ts';
import { usageError } from './exit.ts';
import { LogHistory } from './log-history.ts';
import { BacktestLookups } from './lookup-history.ts';
import { FileSource, type FormatOptions } from './source.ts';

export interface EventSource extends FormatOptions {
  readonly from: string;
  readonly data?: string;
  /** When a file counts as received (S3); absent: now. */
  readonly asOf?: number;
}

/** Told what a run counted, when all of it has been read. */
type AtEnd = (facts: BacktestFacts) => void;

const options: BacktestRunOptions = {
  ...{ since_ms: null, until_ms: null, late_include: false },
  on_letter: () => undefined,
};

/**
 * A file, or what Weir received, as something that plans can be run over again and again, as a backtest does.
 * @param on_letter told each record of a file that is rejected, in each run
 */
export function replayOf(
  source: EventSource,
  lookups: readonly LookupContent[],
  shell: Shell,
  at_end: AtEnd = () => undefined,
  on_letter: BacktestRunOptions['on_letter'] = () => undefined,
): Replay {
  if (source.from === '-') {
    throw usageError('the events are read several times, which stdin cannot be', 'write them to a file');
  }
  return source.from === 'log'
    ? replayLog(source, lookups, shell, at_end)
    : replayFile(source, lookups, shell, at_end, on_letter);
}

function replayFile(
  source: EventSource,
  lookups: readonly LookupContent[],
  shell: Shell,
  at_end: AtEnd,
  on_letter: BacktestRunOptions['on_letter'],
): Replay {
  const received_at = source.asOf ?? shell.now_ms();
  let isFirst = true;
  return async function* (plan) {
    const program = buildProgram(plan);
    const opened = FileSource.open(source.from, source, shell);
    const file = isFirst ? opened : opened.withoutNotes();
    isFirst = false;
    const run = new SortedBacktest(program, { ...options, on_letter });
    try {
      new BacktestLookups(program, lookups, 'files').begin(run);
      for await (const lines of file.read()) {
        for (const { number: position, bytes, length } of lines) {
          const record = { partition: file.partition, position, received_at, bytes };
          run.add(length === undefined ? record : { ...record, length });
        }
      }
      yield* run.finish();
      at_end(run.facts());
    } finally {
      run.close();
    }
  };
}

function replayLog(source: EventSource, lookups: readonly LookupContent[], shell: Shell, at_end: AtEnd): Replay {
  const { environment, folder } = shell;
  const directory = dataPaths(readConfig({ flags: { data: source.data }, environment, folder }).data).log;
  if (!existsSync(directory)) {
    throw usageError(`there is no log in ${directory}`, 'start `weir run` first, or name its folder with --data');
  }
  return async function* (plan) {
    const program = buildProgram(plan);
    const reader = new LogReader(directory);
    const history = await LogHistory.read((until) => reader.readBatches(0, until), program);
    const run = new SortedBacktest(program, options, history.watermark_ms);
    try {
      const recorded = new BacktestLookups(program, lookups, 'recorded');
      const batches = reader.readBatches(0, history.end_position);
      await history.giveTo(run, batches, (activation) => recorded.recorded(run, activation));
      yield* run.finish();
      at_end(run.facts());
    } finally {
      run.close();
    }
  };
}
