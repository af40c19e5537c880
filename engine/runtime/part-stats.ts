import { FailedCasts } from '../decode/failed-casts.ts';
import type { FailedValues } from '../failures.ts';
import type { StateParts } from '../fold/state-parts.ts';
import type { DropCounters } from '../limits.ts';
import type { Program } from '../program.ts';
import type { ProgramPart } from './program-parts.ts';
import type { EngineStats } from './stats.ts';

export interface PartStats {
  readonly part: Pick<ProgramPart, 'names'>;
  readonly stats: EngineStats;
}

/** Bounds of what each part has for itself and knows in full; what others drop is dropped in one part alone. */
const known_by_each: ReadonlySet<keyof DropCounters> = new Set(['dedup_ids', 'expecting_tenants']);

/** What the parts of a program hold together, and what they told of its rules: each rule by the part that has it. */
export function statsOfParts(program: Program, parts: readonly PartStats[]): EngineStats {
  const all = parts.map(({ stats }) => stats);
  const sum = (of: (stats: EngineStats) => number): number => all.reduce((total, stats) => total + of(stats), 0);
  const byName = new Map(all.flatMap(({ operators }) => operators.map((one) => [one.name, one] as const)));
  const names = new Set(program.operators.map(({ name }) => name));
  return {
    // Of a thread that has not answered yet nothing is known.
    operators: [...names].flatMap((name) => byName.get(name) ?? []),
    drops: dropsOf(all),
    failed_casts: FailedCasts.byColumnOf(all.map(({ failed_by_cast }) => failed_by_cast)),
    failed_by_cast: new Map(all.flatMap(({ failed_by_cast }) => [...failed_by_cast])),
    failed_values: failedOf(parts),
    dictionary_size: sum((stats) => stats.dictionary_size),
    keys: sum((stats) => stats.keys),
    rows: sum((stats) => stats.rows),
    state_bytes: sum((stats) => stats.state_bytes),
    parts: all.reduce((total, stats) => added(total, stats.parts), {} as StateParts),
  };
}

function dropsOf(all: readonly EngineStats[]): DropCounters {
  const drops: DropCounters = {};
  for (const [name, count] of all.flatMap((stats) => Object.entries(stats.drops))) {
    const bound = name as keyof DropCounters;
    const before = drops[bound] ?? 0;
    drops[bound] = known_by_each.has(bound) ? Math.max(before, count) : before + count;
  }
  return drops;
}

function added(total: StateParts, parts: StateParts): StateParts {
  const sums: Record<string, number> = { ...total };
  for (const [name, bytes] of Object.entries(parts)) sums[name] = (sums[name] ?? 0) + bytes;
  return sums;
}

function failedOf(parts: readonly PartStats[]): FailedValues {
  return new Map(parts.flatMap(({ part, stats }) => [...stats.failed_values].filter(([name]) => part.names.has(name))));
}
