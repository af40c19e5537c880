import type { Condition, WindowRule } from './case.ts';
import { isKnown, type LookupVersion } from './lookup-oracle.ts';
import { evaluate, type Row } from './naive-oracle.ts';

/** WITH EMPTY KEYS OF known: groups that may have no event, and which of their windows count without one. */
export interface Expected {
  tenant: string;
  key: string | null;
  /** Time of the tenant's first event (ACROSS TENANTS: of the first event). */
  since: number;
  /** Stands for the key where it has no row. */
  row: Row;
  isExpected(start: number, end: number): boolean;
}

/** Every key that a version ever had, for every tenant that ever had an event. */
export function expectedGroups(
  rule: WindowRule,
  events: readonly Row[],
  versions: readonly LookupVersion[],
): Expected[] {
  const { window } = rule;
  if (!('expected' in window) || !window.expected) return [];
  const keys = new Set(versions.flatMap(({ rows }) => rows.map(({ k }) => k)));
  const tenants = new Map<string, number>();
  for (const { tenant, time } of events) {
    const name = rule.across ? '*' : tenant;
    if (!tenants.has(name)) tenants.set(name, time);
  }
  const reached = events.at(-1)?.time ?? 0;
  const [name] = rule.group_by as [string];
  return [...tenants].flatMap(([tenant, since]) =>
    [...keys].map((key): Expected => {
      const fields = { [name]: key, tenant_id: tenant };
      const passes = conjuncts(rule.where).every(
        (one) => !fieldsIn(one).every((field) => field === name) || evaluate(one, fields, {}) === true,
      );
      const isIgnored = (time: number) =>
        (rule.exceptions ?? []).some(
          (one) =>
            one.action === 'ignore' &&
            fieldsIn(one.where).every((field) => field === name) &&
            (one.from ?? -Infinity) <= time &&
            time < (one.to ?? Infinity) &&
            evaluate(one.where, fields, {}) === true,
        );
      return {
        ...{ tenant, key, since },
        row: { time: since, place: [], tenant, id: '', event: '', fields },
        isExpected: (start, end) =>
          passes &&
          start >= since &&
          start <= reached &&
          isKnown(versions, key, end - 1) === true &&
          !isIgnored(end - 1),
      };
    }),
  );
}

function conjuncts(c: Condition | null): Condition[] {
  if (c === null) return [];
  return c[0] === 'and' ? (c.slice(1) as Condition[]).flatMap(conjuncts) : [c];
}

/** The fields that a condition reads; what a lookup says of a field is none of them. */
function fieldsIn(c: Condition): string[] {
  if (c[0] === 'f') return [c[1]];
  if (c[0] === 'd') return [`details.${c[1]}`];
  if (c[0] === 'known') return [`known:${c[1]}`];
  if (c[0] === 'v' || c[0] === 'a' || c[0] === 'ref') return [];
  if (c[0] === 'in') return fieldsIn(c[1]);
  return (c.slice(1) as Condition[]).flatMap(fieldsIn);
}
