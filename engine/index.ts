/** The only door of this folder. */
export type { Batch, Column } from './batch.ts';
export { type Clock, ManualClock } from './clock.ts';
export { canonicalJson, eventContentHash } from './decode/canonical.ts';
export type { DecodedEvent } from './decode/decoded-event.ts';
export type { Decoder } from './decode/decoder.ts';
export { Dictionary } from './decode/dictionary.ts';
export { EventPlaces, placeKinds } from './decode/event-places.ts';
export { canonicalIp } from './decode/ip.ts';
export { type JsonObject, type JsonResult, type JsonValue, parseJson } from './decode/json-parser.ts';
export { kindsAt, type OpenKinds } from './decode/open-kinds.ts';
export { PlainDecoder } from './decode/plain-decoder.ts';
export { sha256Hex } from './decode/sha256.ts';
export { parseTimestamp } from './decode/timestamp.ts';
export { mayBeUnreadable, readUnreadable, type Unreadable, unreadableRecord } from './decode/unreadable.ts';
export type { Anchor, Detection, DetectionPlace, LookupUse, TableRow } from './detection.ts';
export { type DetectionName, DetectionNames, type Digest } from './detections/id.ts';
export type { JsonPart } from './detections/json-value.ts';
export { coreOf, type DetectionRecord, type News, type Publication, toRecord } from './detections/record.ts';
export { severities, severityRank } from './detections/severity.ts';
export { type TableRecord, toTableRecord } from './detections/table-record.ts';
export type { DoorVerdict } from './door/door.ts';
export { type EventField, type EventSchema, eventSchemaV1 } from './event-schema.ts';
export { type FailedValues, type FailureSite, Failures, failedValuesObject } from './failures.ts';
export { Fold, type FoldOptions } from './fold/fold.ts';
export { joinHorizon, joinMemory, quietNeeded, windowMemory } from './fold/memory.ts';
export { OPEN_BYTES } from './fold/open-detections.ts';
export { INTERVAL_BYTES } from './fold/policy.ts';
export { ENTITY_BYTES } from './fold/risk.ts';
export { joinBytes, type StateBytes, stateBytes } from './fold/state-bytes.ts';
export type { FoldStats, OperatorStats } from './fold/stats.ts';
export { type DropCounters, limits } from './limits.ts';
export { type LookupContent, lookupContent } from './lookups/content.ts';
export type { LookupActivation } from './lookups/lookups.ts';
export type * from './ports.ts';
export type * from './program.ts';
export { ACROSS_TENANT, joinedStreams, TENANT_COLUMN, TIMESTAMP_COLUMN } from './program.ts';
export { ColumnMaker, type MadeColumns } from './runtime/column-maker.ts';
export { type ColumnsRead, readsColumns } from './runtime/column-sources.ts';
export type { EarlyNote } from './runtime/early-side.ts';
export { Engine, type EngineOptions, type EngineOutput } from './runtime/engine.ts';
export type { WorkerParts } from './runtime/fold-workers.ts';
export { MemoryScratch } from './runtime/memory-scratch.ts';
export { type PartAnswer, PartFold, type PartMessage, PartServant } from './runtime/part-fold.ts';
export type { PartListener, PartThread, WorkerPart } from './runtime/part-seat.ts';
export { type PartStats, statsOfParts } from './runtime/part-stats.ts';
export { type PlacedItem, PlacedMerge } from './runtime/place-order.ts';
export { type ProgramPart, partsOf, partsOfNames } from './runtime/program-parts.ts';
export { Coverage, type RuleCoverage } from './runtime/rule-coverage.ts';
export type { SavedWorkers } from './runtime/snapshot-fit.ts';
export { SortedRun, type SortedRunOptions, type SortedRunStats } from './runtime/sorted-run.ts';
export type { EngineStats } from './runtime/stats.ts';
export {
  type CodedTexts,
  type ColumnSegment,
  idsOf,
  type OpenPart,
  type PackedIds,
  type StoredColumn,
  type StoredEvents,
  type StoredIds,
  type StoredNumber,
  type StoredOpen,
  storedNumbers,
} from './runtime/stored-events.ts';
export type { Snapshot } from './snapshot.ts';
export { compareText, compareValues, type Truth, type Value, type ValueType } from './value.ts';
export type { DoorCounters, Rejection, RejectionReason, Verdict } from './verdict.ts';
