import { closestName } from '../suggest.ts';

/** Views that are called with a value: the name of it. */
const called: Readonly<Record<string, string>> = {
  account_timeline: 'account',
  address_timeline: 'address',
  device_timeline: 'device',
  alert_events: 'alert',
  changed_after: 'alert',
};

/** What a statement may begin with; the store refuses the others as such that write. */
const verbs = ['SELECT', 'WITH', 'DESCRIBE', 'DESC', 'SHOW', 'EXPLAIN', 'EXISTS'];
/** Statements that there are and that write: who types one of them has not misspelt it. */
const writing =
  'INSERT CREATE ALTER DROP TRUNCATE RENAME DELETE UPDATE GRANT REVOKE SYSTEM SET USE ATTACH DETACH OPTIMIZE KILL'.split(
    ' ',
  );

/** DESCRIBE of a view that is called with a value, as the store takes it: it lists the columns of a query of it. */
export function asStoreTakesIt(statement: string): string {
  const [, name] = /^\s*desc(?:ribe)?\s+(?:table\s+)?(\w+)\s*(?:\([^()]*\))?\s*$/i.exec(statement) ?? [];
  const value = name === undefined ? undefined : called[name];
  return value === undefined ? statement : `DESCRIBE (SELECT * FROM ${name}(${value} = ''))`;
}

/** What a refusal of the store probably means; null: its own words say it. */
export interface Meant {
  /** In place of the store's words, where these lead astray. */
  readonly message: string | null;
  readonly hint: string;
}

/**
 * What was probably meant. `columns`: those of a table or view, [] for one that there is not.
 * Codes: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
 */
export async function meantBy(
  code: number,
  message: string,
  statement: string,
  columns: (name: string) => Promise<readonly string[]>,
): Promise<Meant | null> {
  const [verb = ''] = /[A-Za-z_]+/.exec(statement) ?? [];
  const isWord = verbs.includes(verb.toUpperCase()) || writing.includes(verb.toUpperCase());
  if (code === 497 && !isWord) {
    const close = closestName(verb, verbs);
    const hint = close === null ? `a statement begins with ${verbs.slice(0, 4).join(', ')}` : `did you mean ${close}?`;
    return { message: `there is no statement ${verb}`, hint };
  }
  if (code === 456) {
    const [, wanted] = /[`'](\w+)[`']/.exec(message) ?? [];
    const view = Object.keys(called).find((name) => called[name] === wanted && statement.includes(name));
    if (view !== undefined) return { message: null, hint: `write ${view}(${wanted} = 'x')` };
  }
  if (code !== 47) return null;
  const [, unknown] = /identifier [`']([^`']+)[`']/.exec(message) ?? [];
  const [, table] = /\bfrom\s+(\w+)/i.exec(statement) ?? [];
  if (unknown === undefined || table === undefined) return null;
  const names = await columns(table);
  if (names.length === 0) return null;
  const flat = unknown.replaceAll('.', '_');
  if (flat !== unknown && names.includes(flat)) return { message: null, hint: `here it is ${flat}` };
  return { message: null, hint: `columns of ${table}: ${names.join(', ')}` };
}
