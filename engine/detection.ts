import type { Severity } from './program.ts';
import type { Value } from './value.ts';

/** An event, or a view's row, as an anchor names it. */
export interface AnchorRow {
  readonly timestamp: number;
  readonly id: string;
}

/** What decided a detection and so names it (semantics.md S7): an event (or a view's row), a window's start, both rows of a join. */
export type Anchor =
  | AnchorRow
  | { readonly window_start: number }
  | { readonly left: AnchorRow; readonly right: AnchorRow | null };

/**
 * A final detection as the fold gives it. `id` to `evidence_total` are the core (S6); `suppressed_by` is context.
 * detections/record.ts makes the published record from it.
 */
export interface Detection {
  readonly operator: number;
  readonly rule: string;
  readonly plan_hash: string;
  readonly id: string;
  readonly anchor_id: string;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly anchor: Anchor;
  readonly window: { readonly start: number; readonly end: number } | null;
  /** Event time of what decided it, or this revision of it; a window's end decides at end - 1. */
  readonly decided_at: number;
  readonly first_event_at: number;
  readonly last_event_at: number;
  /** One per output of the rule, in the SELECT's order. */
  readonly values: readonly Value[];
  /**
   * Ids of the last `evidence_limit` events in total order, each once, and how many there are in all: of a window its rows,
   * of which several may stand for one event.
   */
  readonly evidence: readonly string[];
  readonly evidence_total: number;
  /** Id of the detection whose SUPPRESS interval covers this one, or 'exception:' and the name of the one that mutes it. */
  readonly suppressed_by: string | null;
  readonly severity: Severity;
  /** RISK; context, like suppressed_by. */
  readonly risk: DetectionRisk | null;
  /** Versions of the lookups that acted on its rows; absent where its rule reads none. Provenance, not core. */
  readonly lookups?: readonly LookupUse[];
  /** 1 as it was opened; each further revision of the id says all of it again. */
  readonly revision: number;
  readonly status: 'open' | 'updated' | 'closed' | 'suppressed';
  /** Only where the fold was asked for it. */
  readonly place?: DetectionPlace;
}

/**
 * What decided a detection, or this revision of it, beside `decided_at`: two of different rules are compared by it (S2,
 * runtime/place-order.ts). Inside the engine only.
 */
export interface DetectionPlace {
  /** 0: an event; 1: a deadline; 2: a window's end. */
  readonly at_end: number;
  /** Of the event; 0 and '' where none decided it. */
  readonly seq: number;
  readonly event_id: string;
  readonly event_tenant: string;
}

/** A row of a CREATE TABLE, when its window has ended. detections/table-record.ts makes the published record from it. */
export interface TableRow {
  readonly operator: number;
  readonly table: string;
  readonly plan_hash: string;
  /** Of table, plan hash, tenant, key and window, like a detection's (S7). */
  readonly id: string;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly window: { readonly start: number; readonly end: number };
  /** One per output of the table, in the SELECT's order. */
  readonly values: readonly Value[];
  /** How many rows the window had. */
  readonly rows: number;
  readonly first_event_at: number;
  readonly last_event_at: number;
}

/** The versions of a lookup that acted between a detection's first event and its decision, in order. */
export interface LookupUse {
  readonly name: string;
  readonly versions: readonly string[];
}

/** What a detection adds to the score of an entity, and what the score is with it, in thousandths. */
export interface DetectionRisk {
  readonly entity: { readonly type: string; readonly id: Value };
  readonly added: number;
  readonly score: number;
}
