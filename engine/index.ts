/** The only door of this folder. */
export type { Batch, Column } from './batch.ts';
export { type Clock, ManualClock } from './clock.ts';
export { Dictionary } from './decode/dictionary.ts';
export { sha256Hex } from './decode/sha256.ts';
export { parseTimestamp } from './decode/timestamp.ts';
export type { Anchor, Detection } from './detection.ts';
export { type EventField, type EventSchema, eventSchemaV1 } from './event-schema.ts';
export { Fold, type FoldOptions } from './fold/fold.ts';
export type { FoldStats, OperatorStats } from './fold/stats.ts';
export { type DropCounters, limits } from './limits.ts';
export type * from './ports.ts';
export type * from './program.ts';
export { TENANT_COLUMN, TIMESTAMP_COLUMN } from './program.ts';
export type { Snapshot } from './snapshot.ts';
export { compareLists, compareText, compareValues, type Truth, type Value, type ValueType } from './value.ts';
export type { DoorCounters, Rejection, RejectionReason, Verdict } from './verdict.ts';
