import { type ClosedSegment, ColumnFolder, LogReader } from '../../connectors/index.ts';
import { ColumnMaker, type EventSchema, type LookupActivation } from '../../engine/index.ts';
import { verdictOfCode } from '../live/stored-verdicts.ts';
import { version } from './version.ts';

/** Where columns are made of what. */
export interface ColumnPlace {
  readonly log: string;
  readonly columns: string;
  readonly schema: EventSchema;
}

/** A closed segment, with the verdicts of its records: by position behind its first, the code of StoredVerdicts. */
export interface ColumnJob {
  readonly segment: ClosedSegment;
  readonly verdicts: Uint8Array;
}

/** 'unfit': it cannot have columns, which is kept in their place. */
export type ColumnOutcome = 'made' | 'unfit';

/**
 * Makes the columns of one segment and keeps them.
 * @throws when the log cannot be read or the disk does not take them
 */
export async function makeColumns(place: ColumnPlace, { segment, verdicts }: ColumnJob): Promise<ColumnOutcome> {
  const { first_position, end_position } = segment;
  const maker = new ColumnMaker(place.schema);
  const lookups: LookupActivation[] = [];
  for await (const cursor of new LogReader(place.log).readBatches(first_position, end_position)) {
    while (cursor.next()) {
      if (!cursor.isRecord && !cursor.isLookup) continue;
      const entry = cursor.lent();
      if (entry.kind === 'lookup') lookups.push(entry);
      const verdict = verdictOfCode(verdicts[cursor.position - first_position]);
      if (entry.kind === 'record' && verdict !== undefined) maker.add(entry.record, verdict);
    }
  }
  const made = maker.finish();
  new ColumnFolder(place.columns, place.schema, version).write(segment, made, lookups);
  return made === null ? 'unfit' : 'made';
}
