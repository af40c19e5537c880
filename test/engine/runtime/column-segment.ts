import { type ColumnSegment, idsOf, type MadeColumns } from '../../../engine/index.ts';

/** Columns as they were made, in memory. */
export function segmentOf({
  counters,
  partitions,
  count,
  numbers,
  ids,
  tenant,
  columns,
  open,
}: MadeColumns): ColumnSegment {
  const { time } = numbers;
  return {
    ...{ counters, partitions },
    earliest_ms: count === 0 ? Number.POSITIVE_INFINITY : time[0],
    latest_ms: count === 0 ? Number.NEGATIVE_INFINITY : time[count - 1],
    events: {
      count,
      numbers: (name, rows) => (rows === undefined ? numbers[name] : ofRows(numbers[name], rows)),
      ids: (rows) => {
        const { bytes, starts, ends } = idsOf(ids);
        return rows === undefined
          ? { bytes, starts, ends }
          : { bytes, starts: ofRows(starts, rows), ends: ofRows(ends, rows) };
      },
      tenant: () => tenant,
      column: (name) => columns.get(name) ?? null,
      open: (part) => open[part],
    },
  };
}

function ofRows(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]);
}
