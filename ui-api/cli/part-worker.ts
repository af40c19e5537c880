import { parentPort, workerData } from 'node:worker_threads';
import { LogReader } from '../../connectors/index.ts';
import { buildProgram, type ProgramPlan, selectOperators } from '../../dsl/index.ts';
import type { DeadLetter, LookupContent, ProgramPart, TableRow } from '../../engine/index.ts';
import { dataPaths } from '../config.ts';
import { verdictOfCode } from '../live/stored-verdicts.ts';
import type { BacktestFacts, BacktestRunOptions } from './backtest-run.ts';
import { LogColumns } from './log-columns.ts';
import { readLog } from './log-run.ts';
import { BacktestLookups, type LookupMode } from './lookup-history.ts';
import { type PackedDetections, packed } from './packed-detections.ts';
import { digest } from './rules.ts';

/** What a thread is told: which rules of the plan are its own, and what of the log was read before. */
export interface PartJob {
  readonly plan: ProgramPlan;
  readonly part: ProgramPart;
  readonly data: string;
  readonly options: Pick<BacktestRunOptions, 'until_ms' | 'memory' | 'batch_rows'>;
  readonly lookups: { readonly contents: readonly LookupContent[]; readonly mode: LookupMode };
  readonly log: {
    /** The log's W. */
    readonly watermark_ms: number;
    /** Where the columns end that are read in place of the log's first records. */
    readonly columns_end: number;
    readonly end_position: number;
    /** Codes (StoredVerdicts) of the verdicts from columns_end on. */
    readonly verdicts: Uint8Array;
  };
  /** Records that were rejected are the same for all: one tells of them. */
  readonly tells_letters: boolean;
  /** [messages that were taken]: a thread waits where too many were not. */
  readonly taken: Int32Array<SharedArrayBuffer>;
  /** So many may be on their way. */
  readonly most_waiting: number;
}

/** What a thread says, in order; operators are those of the part. */
export type PartNews =
  | { readonly kind: 'decided'; readonly detections: PackedDetections }
  | { readonly kind: 'rows'; readonly rows: readonly TableRow[] }
  | { readonly kind: 'letters'; readonly letters: readonly DeadLetter[] }
  /** From now on it decides nothing before this time. */
  | { readonly kind: 'reached'; readonly reached_ms: number; readonly span: Span }
  | { readonly kind: 'done'; readonly facts: BacktestFacts; readonly recorded: readonly string[] };

type Span = Parameters<NonNullable<BacktestRunOptions['on_reached']>>[1];

/** A thread that backtests some rules over a log whose columns are there and whose verdicts are known. */
async function work(job: PartJob): Promise<void> {
  const { log, taken, most_waiting } = job;
  let sent = 0;
  const send = (news: PartNews): void => {
    parentPort?.postMessage(news);
    sent++;
    for (let seen = Atomics.load(taken, 0); sent - seen > most_waiting; seen = Atomics.load(taken, 0)) {
      Atomics.wait(taken, 0, seen);
    }
  };
  const program = buildProgram(selectOperators(job.plan, job.part.names), digest);
  const columns = await LogColumns.open({ data: job.data }, program);
  const { prefix, end_position } = columns.upTo(log.columns_end);
  if (end_position !== log.columns_end) {
    throw new Error('columns of the log that were there when this run began are gone: start it again');
  }
  const lookups = new BacktestLookups(program, job.lookups.contents, job.lookups.mode);
  const reader = new LogReader(dataPaths(job.data).log);
  const rows: TableRow[] = [];
  const letters: DeadLetter[] = [];
  const options: BacktestRunOptions = {
    ...{ ...job.options, since_ms: null, late_include: false, part: job.part },
    on_letter: (letter) => {
      if (job.tells_letters) letters.push(letter);
    },
    on_table_row: (row) => rows.push(row),
    on_reached: (reached_ms, span) => send({ kind: 'reached', reached_ms, span }),
  };
  const history = {
    watermark_ms: log.watermark_ms,
    of: (position: number) => verdictOfCode(log.verdicts[position - log.columns_end] ?? 0),
  };
  const read = (from: number) => reader.readBatches(from, log.end_position);
  const judged = { history, columns: { prefix, end_position }, read, lookups };
  const tell = (): void => {
    if (rows.length > 0) send({ kind: 'rows', rows: rows.splice(0) });
    if (letters.length > 0) send({ kind: 'letters', letters: letters.splice(0) });
  };
  const { run } = await readLog(program, options, judged, () => {
    tell();
    return undefined;
  });
  for (const detections of run.finish()) {
    if (detections.length > 0) send({ kind: 'decided', detections: packed(program, detections) });
    tell();
  }
  tell();
  const facts = run.facts();
  run.close();
  send({ kind: 'done', facts, recorded: lookups.recordedNames() });
}

await work(workerData as PartJob);
