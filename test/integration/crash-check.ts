import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { coreOf, type DetectionRecord, type Program, type TableRecord } from '../../engine/index.ts';
import { dataPaths } from '../../ui-api/config.ts';
import type { CrashWorld } from './crash-worlds.ts';
import { backtestRecordsOfLog, type LogContents, readLog } from './log-backtest.ts';

/** What a data folder holds at the end: equal for every run of a world, whatever crashed. */
export interface Results {
  /** Final records in their order: core, status, severity. */
  readonly finals: readonly string[];
  /** Records on arrival and withdrawals, in no order: a restart may tell the one of two ids first that came second. */
  readonly early: readonly string[];
  readonly rows: readonly TableRecord[];
}

/**
 * Holds the files at rest against what was acknowledged, and against a backtest of the log: nothing acknowledged is lost,
 * no record and no row of a table is missing or doubled, early and final records fold by id to what the backtest says.
 */
export async function checkFolder(
  root: string,
  { program }: Pick<CrashWorld, 'program'>,
  acknowledged: readonly string[],
): Promise<Results> {
  const paths = dataPaths(root);
  const log = await readLog(paths.log);
  checkLog(log, acknowledged);
  checkLetters(log, linesOf(paths.dead_letters));
  const published = linesOf(paths.detections) as unknown as DetectionRecord[];
  const rows = linesOf(paths.aggregates) as unknown as TableRecord[];
  const backtest = await backtestRecordsOfLog(program, log);
  assert.deepEqual(rows, backtest.rows, 'the rows of tables differ from a backtest of the log');
  const keys = published.map(({ id, revision, timing }) => `${id} ${revision} ${timing}`);
  assert.equal(new Set(keys).size, keys.length, 'a record stands twice');
  const finals = published.filter(({ timing, status }) => timing === 'final' && status !== 'withdrawn');
  const told = finals.map(shown);
  assert.deepEqual(told, backtest.detections.map(shown), 'the live detections differ from a backtest of the log');
  const early = earlyById(published);
  checkRevisions(early, finals, backtest.detections);
  checkFold(published, program, backtest.detections);
  const others = published.filter((record) => !finals.includes(record));
  return { finals: told, early: others.map((record) => `${record.timing} ${shown(record)}`).sort(), rows };
}

/** What must be equal of a record: its core (S6), and what its life says of it. */
function shown(record: DetectionRecord): string {
  const { status, severity, suppressed_by, first_event_at, last_event_at } = record;
  return JSON.stringify([status, severity, suppressed_by, first_event_at, last_event_at, coreOf(record)]);
}

function earlyById(published: readonly DetectionRecord[]): ReadonlyMap<string, DetectionRecord> {
  return new Map(published.flatMap((record) => (record.timing === 'early' ? [[record.id, record] as const] : [])));
}

/** One more than in a backtest where the early record said something else, and the same where it did not (S5). */
function checkRevisions(
  early: ReadonlyMap<string, DetectionRecord>,
  finals: readonly DetectionRecord[],
  backtest: readonly DetectionRecord[],
): void {
  const revised = new Set<string>();
  for (const [i, { id, revision }] of finals.entries()) {
    const first = early.get(id);
    const opening = backtest[i];
    if (opening.revision === 1 && first !== undefined && shown(first) !== shown(opening)) revised.add(id);
    assert.equal(revision, opening.revision + (revised.has(id) ? 1 : 0), `revision of ${shown(finals[i])}`);
  }
}

/** Folded by id: the greatest revision stands, `withdrawn` takes away. W has passed everything at the end of a script. */
function checkFold(
  published: readonly DetectionRecord[],
  program: Program,
  backtest: readonly DetectionRecord[],
): void {
  const folded = new Map<string, DetectionRecord>();
  const isEarly = new Set(program.operators.filter((one) => one.emits_early === true).map(({ name }) => name));
  for (const record of published) {
    const { id, rule, timing, status, revision } = record;
    const before = folded.get(id);
    if (timing === 'early') {
      assert.ok(isEarly.has(rule), `an early record of ${rule}, which does not say EMIT EARLY`);
      assert.equal(before, undefined, `early after it was final: ${shown(record)}`);
    }
    if (status === 'withdrawn') assert.equal(before?.timing, 'early', `withdrawn, and not early: ${shown(record)}`);
    if (before === undefined || revision >= before.revision) folded.set(id, record);
  }
  const standing = [...folded.values()].filter(({ status }) => status !== 'withdrawn');
  for (const record of standing) assert.equal(record.timing, 'final', `neither final nor withdrawn: ${shown(record)}`);
  const last = new Map(backtest.map((record) => [record.id, record]));
  assert.deepEqual(standing.map(shown).sort(), [...last.values()].map(shown).sort(), 'folded by id');
}

function checkLog(log: LogContents, acknowledged: readonly string[]): void {
  const held = new Set(textsOf(log));
  for (const line of acknowledged) {
    assert.ok(held.has(line.slice(0, 256 * 1024 + 1)), `acknowledged, and not in the log: ${line.slice(0, 100)}`);
  }
}

function textsOf({ records }: LogContents): string[] {
  return records.map(({ record }) => new TextDecoder().decode(record.bytes));
}

function checkLetters(log: LogContents, lines: readonly Record<string, unknown>[]): void {
  const letters = new Map(lines.map((letter) => [letter.position, letter]));
  const texts = textsOf(log);
  const rejected = log.records.filter((_, i) => !texts[i].startsWith('{"event_id"'));
  assert.deepEqual([...letters.keys()].sort(), rejected.map(({ position }) => position).sort(), 'dead letters');
  for (const { position, record } of rejected) {
    const { bytes, length } = letters.get(position) as { bytes: string; length: number };
    assert.deepEqual(Buffer.from(bytes, 'base64'), Buffer.from(record.bytes));
    assert.equal(length, record.length ?? record.bytes.length);
  }
}

function linesOf(path: string): Record<string, unknown>[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
