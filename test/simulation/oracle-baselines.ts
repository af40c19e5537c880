import type { CaseBaseline } from './case.ts';
import type { Row } from './naive-oracle.ts';

/**
 * A table as a baseline (S8): beside each row, as fields `b.n`, the row of the table of the same tenant and k1 whose window
 * ended last, at or before the row's time. Where there is none, JOIN leaves the row out and LEFT JOIN has NULLs. The row stays
 * what it was: it stands where it stood, under its own name.
 */
export function besideTable(rows: readonly Row[], { left_join }: CaseBaseline, table: readonly Row[]): Row[] {
  return rows.flatMap((row) => {
    // A row of a table has the time end - 1.
    const ended = table.filter(
      (one) => one.tenant === row.tenant && one.fields.k1 === row.fields.k1 && one.time + 1 <= row.time,
    );
    const last = row.fields.k1 === null ? undefined : ended.at(-1);
    if (last === undefined && !left_join) return [];
    const beside = Object.entries(last?.fields ?? {}).map(([name, value]) => [`b.${name}`, value] as const);
    return [{ ...row, fields: { ...row.fields, ...Object.fromEntries(beside) }, of: row.of ?? row }];
  });
}
