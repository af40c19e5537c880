import type { Batch } from '../batch.ts';
import type { Anchor } from '../detection.ts';
import type { Value } from '../value.ts';
import type { RowEvidence } from './row-evidence.ts';

/** What names a row of a join. */
export interface Pair {
  /** The values of the equalities in ON. */
  readonly key: readonly Value[];
  /** Both rows, the right one null where LEFT JOIN found none; with EXISTS the left row. */
  readonly anchor: Anchor;
}

/**
 * Rows of a stream inside the fold: a batch with all its columns (computed ones too, indexed as StreamSpec.columns),
 * and where each row stands in the total order. An event is decided by itself; a view's row by an event or a window's
 * end, and it may stand in the evidence of a rule only by the id of that event.
 */
export interface StreamRows extends Batch {
  /** The own id of row i, where idStart and idBytes are only made when somebody looks at them, during the push. */
  idOf?: (i: number) => string;
  /** Own timestamp of row i, as it stands in an anchor: `time` unless rows came in the order of arrival (S5). */
  stamp: Float64Array;
  /** Id of the event that row i stands for in evidence: evidenceBytes[evidenceStart[i] .. evidenceStart[i + 1]). */
  evidenceStart: Int32Array;
  evidenceBytes: Uint8Array;
  /** Whose groups row i joins, where that is not its tenant: ACROSS TENANTS. Absent: `tenant`. */
  owner?: Int32Array;
  /** Index in the pushed batch of the event that decided the row; 0 where a deadline or a window's end did. */
  root: Int32Array;
  /** 1: decided by a deadline, stands after all events of its millisecond; 2: by a window's end, stands last there. */
  atEnd: Uint8Array;
  /** Rows of EXISTS: the time of the left row, from which further EXISTS measure. Absent: `time`. */
  from?: Float64Array;
  /** Rows of EXISTS: where the left row itself stood at its time, as orderOf() gives it (join-parts.ts). */
  origin?: Float64Array;
  /** Rows of EXISTS over a view: how many rows stood before the left row in the view's stream. */
  place?: Float64Array;
  /** Rows of a join: what names each row (S7, S9). */
  pairs?: readonly Pair[];
  /** Rows of a join, and of what reads one without a window: the events that each row rests on. null: the one it stands for. */
  rests?: readonly (RowEvidence | null)[];
}

let identity = new Int32Array(1024).map((_, i) => i);
let zeros = new Uint8Array(1024);

/** The events of a batch as rows; shares the batch's arrays. `columns` is filled by the router's computed columns. */
export function eventRows(batch: Batch): StreamRows {
  if (identity.length < batch.count) {
    identity = new Int32Array(batch.count * 2).map((_, i) => i);
    zeros = new Uint8Array(batch.count * 2);
  }
  return {
    count: batch.count,
    time: batch.time,
    stamp: batch.stamp ?? batch.time,
    seq: batch.seq,
    tenant: batch.tenant,
    idStart: batch.idStart,
    idBytes: batch.idBytes,
    partition: batch.partition,
    position: batch.position,
    columns: batch.columns,
    evidenceStart: batch.idStart,
    evidenceBytes: batch.idBytes,
    root: identity,
    atEnd: zeros,
  };
}

/** Of a stream that has none now. */
export const noRows: StreamRows = eventRows({
  count: 0,
  time: new Float64Array(0),
  seq: new Float64Array(0),
  tenant: new Int32Array(0),
  idStart: new Int32Array(1),
  idBytes: new Uint8Array(0),
  partition: new Int32Array(0),
  position: new Float64Array(0),
  columns: [],
});

/** The id of what a row of an UNNEST was made of; `levels`: so many UNNESTs lie between, each with its place in brackets. */
export function withoutPlaces(id: string, levels: number): string {
  let end = id.length;
  for (let level = 0; level < levels; level++) end = id.lastIndexOf('[', end - 1);
  return levels === 0 ? id : id.slice(0, end);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** In an anchor an event is its timestamp and id (S7); a view's row is its own id and the timestamp of what decided it. */
export function rowAnchor(rows: StreamRows, i: number): { timestamp: number; id: string } {
  return { timestamp: rows.stamp[i], id: rows.idOf?.(i) ?? eventId(rows, i) };
}

export function eventId({ idBytes, idStart }: Pick<Batch, 'idBytes' | 'idStart'>, i: number): string {
  return decoder.decode(idBytes.subarray(idStart[i], idStart[i + 1]));
}
