import { AggregateFile, DeadLetterFile, DetectionFile, type FilePort } from '../connectors/index.ts';
import type { Program } from '../engine/index.ts';
import { type Config, dataPaths } from './config.ts';
import { type Checkpoint, openEarlyOf } from './live/recovery.ts';

export interface SinkParts {
  readonly config: Config;
  readonly program: Program;
  readonly files: FilePort;
  readonly report: (message: string) => void;
}

export interface Sinks {
  readonly detections: DetectionFile;
  readonly dead_letters: DeadLetterFile;
  /** Null: the rules have no tables. */
  readonly aggregates: AggregateFile | null;
}

/**
 * The part of the composition root that opens the files of results, each from where the checkpoint knows it.
 * @param opened takes how each is closed as soon as it is open
 */
export async function openSinks(
  { config, program, files, report }: SinkParts,
  checkpoint: Checkpoint | null,
  opened: (() => Promise<void>)[],
): Promise<Sinks> {
  const paths = dataPaths(config.data);
  const told = { known_offset: checkpoint?.detections_offset ?? 0, open_early: openEarlyOf(checkpoint) };
  const detections = await DetectionFile.open({ path: paths.detections, ...told, files, report });
  opened.push(() => detections.close());
  const dead_letters = await DeadLetterFile.open({ path: paths.dead_letters, files, report });
  opened.push(() => dead_letters.close());
  if (!program.operators.some(({ table }) => table !== undefined))
    return { detections, dead_letters, aggregates: null };
  const known_offset = checkpoint?.aggregates_offset ?? 0;
  const aggregates = await AggregateFile.open({ path: paths.aggregates, known_offset, files, report });
  opened.push(() => aggregates.close());
  return { detections, dead_letters, aggregates };
}
