import type { Row } from './naive-oracle.ts';

/**
 * UNNEST: a row for each element of the event's array, in order, with the element as text in `el`. It stands where its
 * event stands, and is named by the event and the element's place. No array and an empty one give none. `element`: what it
 * is called.
 */
export function unnested(rows: readonly Row[], element = 'el'): Row[] {
  return rows.flatMap((row) => {
    const tags = (row.fields.tags ?? []) as unknown as readonly (string | number | boolean | null)[];
    return tags.map((tag, place) => {
      const fields = { ...row.fields, [element]: tag === null ? null : String(tag) };
      return { ...row, id: `${row.id}[${place}]`, fields, of: row.of ?? row };
    });
  });
}

/** Whether two rows are one event, or elements of one: it joins itself with nothing (S9). */
export function isOneEvent(a: Row, b: Row): boolean {
  return (a.of ?? a) === (b.of ?? b);
}
