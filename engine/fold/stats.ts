import { type FailedValues, type FailureSite, failedValues } from '../failures.ts';
import type { DropCounters } from '../limits.ts';
import type { OperatorSpec, Program } from '../program.ts';
import type { JoinOperator } from './join-parts.ts';
import type { Life } from './life.ts';
import { windowMemory } from './memory.ts';
import type { Policy } from './policy.ts';
import type { Risk } from './risk.ts';
import type { RowStore } from './row-store.ts';
import type { Stage } from './stage.ts';
import { type StateParts, stateParts, sumOf } from './state-parts.ts';

export interface OperatorStats {
  readonly name: string;
  readonly kind: OperatorSpec['kind'];
  /** Rows that passed WHERE. */
  readonly events: number;
  /** Keys of the operator's key expression that have been met (a key that expired and came again counts again). */
  readonly keys: number;
  /** Rows that passed WHERE and joined no group, because the key has a NULL in it. */
  readonly null_key: number;
  /** A rule's detections, suppressed ones too; a view's rows. */
  readonly detections: number;
  readonly suppressed: number;
  /** The operator's own states and SUPPRESS intervals, and its share of the rows and keys that it shares with others. */
  readonly state_bytes: number;
  /** How far back the operator's windows remember (S14); SUPPRESS and RESET are not in it. */
  readonly horizon_ms: number;
}

export interface FoldStats {
  readonly operators: readonly OperatorStats[];
  /** Keys, rows, SUPPRESS intervals, open detections and entities with a risk score that bounds dropped, by the name of the bound. */
  readonly drops: DropCounters;
  /** Casts and arithmetic of rules that came to nothing since the start. */
  readonly failed_values: FailedValues;
  /** Over all row stores and joins. */
  readonly keys: number;
  readonly rows: number;
  readonly state_bytes: number;
  /** The same, by what holds it. */
  readonly parts: StateParts;
  /** Bytes of one key and of one row, averaged over the stores by what they hold. 0 while they are empty. */
  readonly bytes_per_key: number;
  readonly bytes_per_row: number;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

export function foldStats(
  program: Program,
  stages: readonly Stage[],
  detections: Float64Array,
  held: {
    readonly policy: Policy;
    readonly risk: Risk;
    readonly life: Life;
    readonly joins: readonly JoinOperator[];
    /** Events of tenants that WITH EMPTY KEYS OF has no room for. */
    readonly unobserved: number;
    /** Elements of arrays that rows of views had no room for. */
    readonly cut: number;
    readonly failed: ReadonlyMap<FailureSite, number>;
  },
): FoldStats {
  const { policy, risk, life, joins, unobserved, cut } = held;
  const parts = stateParts(program, stages, held);
  const stores = stages.flatMap((stage) => stage.stores);
  const keys = sum(stores, (store) => store.keys.records.live);
  const rows = sum(stores, (store) => store.table.records.live);
  const drops: Record<string, number> = {};
  for (const store of stores) {
    for (const [bound, count] of Object.entries(store.drops)) {
      const name = boundOf(store, bound);
      drops[name] = (drops[name] ?? 0) + count;
    }
  }
  for (const dropped of joins.flatMap((join) => join.drops)) {
    for (const [bound, count] of Object.entries(dropped)) drops[bound] = (drops[bound] ?? 0) + count;
  }
  const elements = sum(stages, (stage) => stage.dropped_elements);
  if (cut > 0) drops.array_text_units = cut;
  if (elements > 0) drops.unnest_elements = elements;
  if (policy.dropped > 0) drops.suppress_keys_per_group = policy.dropped;
  if (life.dropped > 0) drops.open_detections_per_group = life.dropped;
  if (life.dropped_long > 0) drops.text_bytes_per_group = (drops.text_bytes_per_group ?? 0) + life.dropped_long;
  if (risk.dropped > 0) drops.risk_entities_per_group = risk.dropped;
  if (unobserved > 0) drops.expecting_tenants = unobserved;
  const suppress_bytes = program.operators.map((_, index) => policy.bytesOf(index));
  const row_bytes = sum(stores, (store) => store.table.live_bytes);
  return {
    operators: byName(
      program.operators.map((spec, index) => ({
        name: spec.name,
        kind: spec.kind,
        ...operatorState(stages[spec.input], index, suppress_bytes[index]),
        detections: detections[index],
        suppressed: policy.suppressed[index],
        horizon_ms: windowMemory(spec),
      })),
    ),
    drops,
    failed_values: failedValues(held.failed),
    keys: keys + sum(joins, (join) => join.keys),
    rows: rows + sum(joins, (join) => join.rows),
    state_bytes: sumOf(parts),
    parts,
    bytes_per_key: keys === 0 ? 0 : sum(stores, (store) => store.keys.live_bytes) / keys,
    bytes_per_row: rows === 0 ? 0 : row_bytes / rows,
  };
}

/** The name of a bound; keys that STATE MAX drops are named with the rules that say it. */
function boundOf({ operators }: RowStore, bound: string): string {
  if (bound !== 'keys_per_group' || operators[0].spec.state_keys === undefined) return bound;
  return `STATE MAX of ${[...new Set(operators.map(({ spec }) => spec.name))].join(', ')}`;
}

/** Operators of one name are one rule, tuned for some tenants: their figures are added, and they share their keys. */
function byName(operators: readonly OperatorStats[]): OperatorStats[] {
  const merged = new Map<string, OperatorStats>();
  for (const one of operators) {
    const first = merged.get(one.name);
    if (first === undefined) merged.set(one.name, one);
    else {
      merged.set(one.name, {
        ...first,
        events: first.events + one.events,
        keys: Math.max(first.keys, one.keys),
        null_key: first.null_key + one.null_key,
        state_bytes: first.state_bytes + one.state_bytes,
        detections: first.detections + one.detections,
        suppressed: first.suppressed + one.suppressed,
        horizon_ms: Math.max(first.horizon_ms, one.horizon_ms),
      });
    }
  }
  return [...merged.values()];
}

function operatorState(stage: Stage, index: number, suppress_bytes: number) {
  const events = stage.eventsOf(index);
  const home = stage.homes.get(index);
  if (home === undefined) return { events, keys: 0, null_key: 0, state_bytes: suppress_bytes };
  const { stores, local } = home;
  return {
    events,
    keys: sum(stores, (store) => store.keys.created),
    null_key: sum(stores, (store) => store.nullRowsOf(local)),
    state_bytes:
      suppress_bytes +
      Math.round(
        sum(stores, (store) => {
          const shared = store.table.allocated_bytes + store.keys.allocated_bytes;
          return store.stateBytesOf(local) + shared / store.operators.length;
        }),
      ),
  };
}
