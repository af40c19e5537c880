import type { CaseLookup } from './case.ts';
import { isIn } from './forms-address.ts';
import { actingAt, type LookupRow, type LookupVersion, validAt } from './lookup-oracle.ts';
import type { Row } from './naive-oracle.ts';

/**
 * Lookups that are joined (S9): beside each row, as fields `o.owner`, at most one row of the lookup, as of the row's own time.
 * Where there is none, or nothing is known of the lookup yet, JOIN leaves the row out and LEFT JOIN has NULLs.
 */
export function besideLookups(
  rows: readonly Row[],
  lookups: readonly CaseLookup[],
  known: readonly LookupVersion[],
  nets: readonly LookupVersion[],
): Row[] {
  return lookups.reduce(
    (all: Row[], { lookup, as, on, left_join }) => {
      return all.flatMap((row) => {
        const key = row.fields[on] ?? null;
        const versions = lookup === 'known' ? known : nets;
        const isKnown = actingAt(versions, row.time) !== undefined && key !== null;
        const found = isKnown ? find(validAt(versions, row.time), lookup, key as string) : undefined;
        if (found === undefined && !left_join) return [];
        const { k = null, owner = null, level = null } = found ?? {};
        const beside = { [`${as}.k`]: k, [`${as}.owner`]: owner, [`${as}.level`]: level };
        return [{ ...row, fields: { ...row.fields, ...beside }, of: row.of ?? row }];
      });
    },
    [...rows],
  );
}

function find(rows: readonly LookupRow[], lookup: CaseLookup['lookup'], key: string): LookupRow | undefined {
  if (lookup === 'known') return rows.find(({ k }) => k === key);
  const length = ({ k }: LookupRow) => Number(k.split('/')[1]);
  const holding = rows.filter(({ k }) => isIn(key, k) === true);
  return holding.sort((a, b) => length(b) - length(a))[0];
}
