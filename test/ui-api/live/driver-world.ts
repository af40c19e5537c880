import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DetectionFile, MemoryCheckpoints, MemoryDeadLetters, MemoryLog } from '../../../connectors/index.ts';
import { buildProgram, compile } from '../../../dsl/index.ts';
import {
  type EventLog,
  type LogEntry,
  limits,
  ManualClock,
  type Program,
  type SavedWorkers,
  type WorkerParts,
} from '../../../engine/index.ts';
import { Delivery } from '../../../ui-api/live/delivery.ts';
import { DetectionFeed } from '../../../ui-api/live/detection-feed.ts';
import { LiveDriver } from '../../../ui-api/live/driver.ts';
import { openEarlyOf, readCheckpoint, replay, restoreAll, workersOf } from '../../../ui-api/live/recovery.ts';
import { atEnd } from '../../at-end.ts';

export const start_ms = Date.parse('2026-03-01T10:00:00Z');
export const text = `CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;
CREATE RULE fails AS SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';`;

export function programOf(lateness = '1 SECONDS'): Program {
  const { plan } = compile([
    { path: 'test.rule.sql', text: text.replace('LATENESS 1 SECONDS', `LATENESS ${lateness}`) },
  ]);
  assert.ok(plan !== null);
  return buildProgram(plan);
}

export function line(id: string, at_ms: number): Uint8Array {
  const event = { event_id: id, timestamp: start_ms + at_ms, platform: 'x', event_type: 'login', account_id: 'a' };
  return Buffer.from(JSON.stringify({ ...event, auth: { result: 'fail' } }));
}

/** A log whose disk the test holds in its hand. */
class HeldLog extends MemoryLog {
  /** Set: append waits for it. */
  gate: Promise<void> | null = null;
  failure: Error | null = null;

  override async append(entries: readonly LogEntry[]): Promise<number> {
    await this.gate;
    if (this.failure !== null) throw this.failure;
    return super.append(entries);
  }
}

export interface World {
  readonly log: HeldLog;
  readonly checkpoints: MemoryCheckpoints;
  readonly letters: MemoryDeadLetters;
  readonly clock: ManualClock;
  readonly path: string;
}

export function newWorld(context: TestContext): World {
  const folder = mkdtempSync(join(tmpdir(), 'weir-driver-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const clock = new ManualClock(start_ms);
  const path = join(folder, 'detections.ndjson');
  return { log: new HeldLog(), checkpoints: new MemoryCheckpoints(), letters: new MemoryDeadLetters(), clock, path };
}

export async function startDriver(
  context: TestContext,
  world: World,
  queue_events = 100,
  program = programOf(),
  pending_events: number = limits.pending_events,
  workers: (saved: SavedWorkers | null) => Promise<WorkerParts | null> = async () => null,
) {
  const { log, checkpoints, letters, clock, path } = world;
  const checkpoint = readCheckpoint(await checkpoints.read());
  const known_offset = checkpoint?.detections_offset ?? 0;
  const detections = await DetectionFile.open({ path, known_offset, open_early: openEarlyOf(checkpoint) });
  atEnd(context, () => detections.close());
  const parts = await workers(workersOf(checkpoint, program));
  const restored = await restoreAll(program, checkpoint, log, clock, parts);
  const feed = new DetectionFeed();
  const { engine, watch } = restored;
  const delivery = new Delivery({ program, engine, detections, aggregates: null, dead_letters: letters, feed, clock });
  const recovery = await replay(restored, program, log, delivery, clock, () => undefined);
  const driver = new LiveDriver(
    { program, engine, log: log as EventLog, checkpoints, delivery, watch, clock, started: recovery.kind },
    { queue_events, checkpoint_ms: 30_000, pending_events },
  );
  await driver.listens();
  atEnd(context, () => driver.stop().catch(() => undefined));
  return { driver, delivery, recovery, engine, detections };
}

export const written = (world: World): string[] =>
  readFileSync(world.path, 'utf8')
    .split('\n')
    .filter((record) => record !== '')
    .map((record) => JSON.parse(record).evidence.ids[0]);
