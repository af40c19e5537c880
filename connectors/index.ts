/** The only door of this folder. */

export { type DeployedTable, writeTableViews } from './clickhouse/catalogue.ts';
export { migrate } from './clickhouse/migrate.ts';
export { setRetention } from './clickhouse/retention.ts';
export type { JudgedTo } from './clickhouse/sink-messages.ts';
export { SinkThread, type SinkThreadOptions } from './clickhouse/sink-thread.ts';
export { StoreClient, StoreDown, type StorePlace, StoreRefused } from './clickhouse/store-client.ts';
export type { StoreSinkStatus } from './clickhouse/store-sink.ts';
export { readStoredLog, type StoredSource, storedSources } from './clickhouse/stored-log.ts';
export { earliestStored, readStoredLookups, readStoredPart } from './clickhouse/stored-part.ts';
export { type CodecEntry, type CodecOption, type CodecOptions, codecs, findCodec } from './codecs/registry.ts';
export { EmbeddedStore, StoreMissing } from './embedded/embedded-store.ts';
export { readEndpoint } from './embedded/endpoint-file.ts';
export { AggregateFile } from './files/aggregate-sink.ts';
export { CheckpointDirectory, type CheckpointDirectoryOptions } from './files/checkpoint-store.ts';
export { DeadLetterFile, type DeadLetterFileOptions } from './files/dead-letter-sink.ts';
export { DetectionFile, type DetectionFileOptions } from './files/detection-sink.ts';
export { type FilePort, nodeFiles, type OpenFile } from './files/file-port.ts';
export { readLines, readRecords } from './files/read-lines.ts';
export type { Piece } from './files/record-splitter.ts';
export { ScratchFile } from './files/scratch-store.ts';
export { type Processes, realProcesses } from './log/lock-file.ts';
export { cursorsOf, type LogCursor } from './log/log-cursor.ts';
export { LogReader } from './log/log-reader.ts';
export { SegmentLog, type SegmentLogOptions } from './log/segment-log.ts';
export { MemoryLog } from './memory/event-log.ts';
export { MemoryCheckpoints, MemoryDeadLetters } from './memory/sinks.ts';
export { type Scenario, Simulation, scenarios } from './simulator/index.ts';
