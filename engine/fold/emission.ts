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
  /** Index of the deciding row among those that its stage took at once, so that rows of one millisecond keep their order. */
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

/** So many windows that end at once are worth a sort of their own. */
const MANY = 64;

/** What several operators emitted, each in order, together in the total order. One alone is given back as it is. */
export function inOrder(runs: Emission[][]): Emission[] {
  return runs.length === 1 ? runs[0] : runs.flat().sort(compareEmissions);
}

/** Sorts what one operator emitted in a push. */
export function sortEmissions(emissions: Emission[]): void {
  if (emissions.length < MANY || !areOfOneEnd(emissions)) emissions.sort(compareEmissions);
  else sortByKey(emissions);
}

/** Whether they differ in their keys alone, each a text: all keys of a tenant whose windows ended at once. */
function areOfOneEnd(emissions: readonly Emission[]): boolean {
  const [{ time, at_end, root, operator, tenant, row }] = emissions;
  return emissions.every((e) => {
    const isThere = e.time === time && e.at_end === at_end && e.root === root && e.row === row;
    const isOwn = e.operator === operator && e.tenant === tenant;
    return isThere && isOwn && e.key.length === 1 && typeof e.key[0] === 'string';
  });
}

/** The keys side by side: a million of them are compared twenty times each, and objects are far from each other. */
function sortByKey(emissions: Emission[]): void {
  const keys = emissions.map(({ key }) => key[0] as string);
  const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => compareText(keys[a], keys[b]));
  const sorted = Array.from(order, (i) => emissions[i]);
  for (let i = 0; i < sorted.length; i++) emissions[i] = sorted[i];
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
  const byTenant = a.tenant === b.tenant ? 0 : compareText(a.tenant, b.tenant);
  return byTenant || compareLists(a.key, b.key) || a.row - b.row;
}
