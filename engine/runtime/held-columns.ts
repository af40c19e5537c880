import type { CodedTexts, Codes, OpenPart, StoredColumn, StoredEvents, StoredOpen } from './stored-events.ts';

/**
 * The same events; as long as somebody has them, a column that was read is not read again: what rows are selected by is
 * mostly what is copied of them then.
 */
export function heldColumns(events: StoredEvents): StoredEvents {
  const columns = new Map<string, StoredColumn | null>();
  const parts = new Map<OpenPart, StoredOpen | null>();
  return {
    count: events.count,
    numbers: (name, rows) => events.numbers(name, rows),
    ids: (rows) => events.ids(rows),
    tenant: () => events.tenant(),
    column: (name) => {
      const known = columns.get(name);
      const column = known === undefined ? held(events.column(name)) : known;
      columns.set(name, column);
      return column;
    },
    open: (part) => {
      const known = parts.get(part);
      const open = known === undefined ? heldOpen(events.open(part)) : known;
      parts.set(part, open);
      return open;
    },
  };
}

function held(column: StoredColumn | null): StoredColumn | null {
  if (column === null || column instanceof Float64Array) return column;
  let codes: Codes | null = null;
  return {
    texts: column.texts,
    get codes() {
      codes ??= column.codes;
      return codes;
    },
  };
}

function heldOpen(open: StoredOpen | null): StoredOpen | null {
  if (open === null) return null;
  let texts: CodedTexts | null = null;
  return {
    kinds: open.kinds,
    get texts() {
      texts ??= open.texts;
      return texts;
    },
  };
}
