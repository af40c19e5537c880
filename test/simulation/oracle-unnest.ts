import type { Row } from './naive-oracle.ts';

/**
 * UNNEST: a row for each element of the event's array, in order, with the element as text in `el`. It stands where its
 * event stands, and is named by the event and the element's place. No array and an empty one give none.
 */
export function unnested(rows: readonly Row[]): Row[] {
  return rows.flatMap((row) => {
    const tags = (row.fields.tags ?? []) as unknown as readonly (string | number | boolean | null)[];
    return tags.map((tag, place) => {
      const fields = { ...row.fields, el: tag === null ? null : String(tag) };
      return { ...row, id: `${row.id}[${place}]`, fields };
    });
  });
}
