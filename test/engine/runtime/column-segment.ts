import type { ColumnSegment, MadeColumns } from '../../../engine/index.ts';

/** Columns as they were made, in memory. */
export function segmentOf({ counters, partitions, count, numbers, ids, tenant, columns }: MadeColumns): ColumnSegment {
  const { time } = numbers;
  return {
    ...{ counters, partitions },
    earliest_ms: count === 0 ? Number.POSITIVE_INFINITY : time[0],
    latest_ms: count === 0 ? Number.NEGATIVE_INFINITY : time[count - 1],
    events: {
      count,
      numbers: (name) => numbers[name],
      ids: () => ids,
      tenant: () => tenant,
      column: (name) => columns.get(name) ?? null,
    },
  };
}
