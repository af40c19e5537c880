/** Tables one behind the other: an object per key group would cost a checkpoint more than their bytes. */
export type JoinedTables = {
  readonly tables: Int32Array;
  readonly lengths: Int32Array;
};

export function joinTables(all: readonly Int32Array[]): JoinedTables {
  const lengths = Int32Array.from(all, ({ length }) => length);
  const tables = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let end = 0;
  for (const table of all) {
    tables.set(table, end);
    end += table.length;
  }
  return { tables, lengths };
}

/** Copies of the tables that were joined. */
export function splitTables({ tables, lengths }: JoinedTables): Int32Array[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    const start = end;
    end += length;
    return tables.slice(start, end);
  });
}
