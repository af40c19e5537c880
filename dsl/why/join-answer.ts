import type { JoinPlan } from '../plan/plan.ts';
import type { WhyCondition } from './answer.ts';

/** A row by its own time (epoch milliseconds) and id. */
export interface WhyRow {
  readonly at_ms: number;
  readonly id: string;
}

/** What a JOIN, an EXISTS or a NOT EXISTS made of one left row. */
export interface WhyJoin {
  readonly kind: JoinPlan['kind'];
  /** `NOT EXISTS events AS l WITHIN (BEFORE 10 MINUTES)`. */
  readonly text: string;
  readonly left: WhyRow;
  /** What WHERE asks of the left row. */
  readonly conditions: readonly WhyCondition[];
  /** Right rows with the left row's key: nearby, in reach of WITHIN, and behind each further condition. */
  readonly funnel: readonly { readonly text: string; readonly rows: number }[];
  /** The last of them: right rows that match. */
  readonly matches: number;
  /** The right row next to WITHIN that passes all else: by how much it comes too early (negative) or too late. */
  readonly nearest: (WhyRow & { readonly off_ms: number }) | null;
  /** Right rows in reach that fail exactly one condition: the first for each. */
  readonly just_missed: readonly (WhyRow & { readonly text: string })[];
  /** The right row that was asked about, with what is asked of it; null where a left row was. */
  readonly asked: (WhyRow & { readonly off_ms: number; readonly conditions: readonly WhyCondition[] }) | null;
}
