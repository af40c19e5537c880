import type { Anchor } from '../detection.ts';
import type { OperatorSpec } from '../program.ts';
import type { RowEvidence } from '../route/row-evidence.ts';
import { compareLists, compareText, type Value } from '../value.ts';

/** Something that an operator decided: a rule's detection before policy, or a view's row. Rare, so a plain object. */
export interface Emission {
  readonly operator: number;
  readonly spec: OperatorSpec;
  /** Event time of what decided it. */
  readonly time: number;
  /** The own timestamp of what decided it; `time` but for EMIT EARLY. */
  readonly stamp: number;
  /** 0: an event decided it; 1: a deadline; 2: a window's end, or a row that a window's end decided. */
  readonly at_end: number;
  /** Index in the pushed batch of the event that decided it; 0 at a deadline and at a window's end. */
  readonly root: number;
  /** Index of the deciding row in the operator's stream, so that rows of one millisecond keep their order. */
  readonly row: number;
  readonly tenant: string;
  readonly key: readonly Value[];
  readonly anchor: Anchor;
  readonly window: { readonly start: number; readonly end: number } | null;
  readonly first_event_at: number;
  readonly last_event_at: number;
  readonly values: readonly Value[];
  readonly evidence: readonly string[];
  readonly evidence_total: number;
  /** HAVING was true at the key's event before and that counts still: no firing, but a run that goes on. Life only. */
  readonly continues: boolean;
  /** Id of the last event it rests on: what a view's row stands for in evidence. */
  readonly event_id: string;
  /** Without a window: the events that it rests on, where they are several. */
  readonly rests?: RowEvidence | null;
}

/**
 * The total order of what was decided (S2): directly after the event that decided it, at one millisecond deadlines
 * and then window ends last; then by depth in the rule graph, rule name, tenant, key, and the order of the rows that decided it.
 */
export function compareEmissions(a: Emission, b: Emission): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.at_end !== b.at_end) return a.at_end - b.at_end;
  if (a.root !== b.root) return a.root - b.root;
  // A rule that is tuned is several operators of one name, for different tenants.
  if (a.spec.name !== b.spec.name) return a.spec.depth - b.spec.depth || compareText(a.spec.name, b.spec.name);
  return compareText(a.tenant, b.tenant) || compareLists(a.key, b.key) || a.row - b.row;
}
