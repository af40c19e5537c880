import { rmSync, statSync, writeFileSync } from 'node:fs';
import {
  type AggregateFile,
  CheckpointDirectory,
  type DetectionFile,
  type FilePort,
  type JudgedTo,
  makeFolder,
  nodeFiles,
  type Processes,
  realProcesses,
  SegmentLog,
} from '../connectors/index.ts';
import { buildProgram } from '../dsl/index.ts';
import type { Clock, Program } from '../engine/index.ts';
import { closeApi } from './api/app.ts';
import type { DetectionRecord } from './api/service.ts';
import { openServiceLog, type ServiceLog } from './api/service-log.ts';
import { loadToken } from './api/token.ts';
import { ColumnKeeper } from './cli/column-keeper.ts';
import { digest, lookupFiles } from './cli/rules.ts';
import { composeApi } from './compose-api.ts';
import { openSinks } from './compose-sinks.ts';
import { type Config, dataPaths } from './config.ts';
import { type GoLive, type LoadedFiles, RuleDesk } from './deploy/rule-desk.ts';
import { RuleTests } from './deploy/rule-tests.ts';
import { RuleVersions } from './deploy/rule-versions.ts';
import { BlindKeeper, type BlindKeeperParts } from './live/blind-keeper.ts';
import { Delivery } from './live/delivery.ts';
import { DetectionFeed } from './live/detection-feed.ts';
import { LiveDriver } from './live/driver.ts';
import { recordFirst } from './live/first-lookups.ts';
import { type GoLiveParts, goLive } from './live/go-live.ts';
import { GuardedClock } from './live/guarded-clock.ts';
import { LookupFollower } from './live/lookup-follower.ts';
import type { LookupFiles } from './live/lookup-watch.ts';
import {
  type Checkpoint,
  type NewRule,
  type RecoveryReport,
  type ReplayProgress,
  readCheckpoint,
  replay,
  restoreAll,
  workersOf,
} from './live/recovery.ts';
import { LiveStore } from './live/store.ts';
import { Weir } from './live/weir.ts';
import { divideWorkers } from './live/worker-parts.ts';

export interface ComposeOptions {
  readonly config: Config;
  readonly program: Program;
  readonly version: string;
  readonly clock: Clock;
  /** Where the rows of the rules' lookups come from; they are looked at again and again. Absent: no lookups. */
  readonly lookups?: LookupFiles;
  /** Where the rules came from, for the API; absent: a program that came from no files. */
  readonly rules?: LoadedFiles;
  /** Told what opening had to mend, and later what is wrong with the clock; one sentence each. */
  readonly report: (message: string) => void;
  /** Told what is wrong with the rules that run; absent: `report`. */
  readonly warn?: (message: string) => void;
  /** Told each detection that is published, also those of the start itself. */
  readonly detected?: (record: DetectionRecord) => void;
  /** Told each rule that was deployed while Weir ran, when it runs. */
  readonly deployed?: (rule: NewRule) => void;
  /** Told the name of each rule that was removed while Weir ran, when it runs no more. */
  readonly removed?: (rule: string) => void;
  /** Absent: no store is opened, whatever the settings say. */
  readonly with_store?: true;
  /** The tests of `rules` run beside, once the API listens, and what fails is reported. */
  readonly with_rule_tests?: true;
  /** How long the end may take to write what the store lacks. */
  readonly store_drain_ms?: number;
  /** Told how far a start is that reads log entries again; what it throws ends the start. */
  readonly replaying: (far: ReplayProgress) => void;
  /** The files of log, checkpoints and sinks, and who holds the log's lock: a test gives its own. */
  readonly files?: FilePort;
  readonly processes?: Processes;
}

export interface Composed {
  readonly weir: Weir;
  readonly recovery: RecoveryReport;
}

/** The composition root of `weir run`: the only place that knows which part is behind which port. No logic here. */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { config, program, report, deployed, removed, files = nodeFiles, processes = realProcesses } = options;
  const paths = dataPaths(config.data);
  makeFolder(config.data, 0o700);
  const log = await SegmentLog.open({ directory: paths.log, files, processes, report });
  const opened: (() => Promise<void>)[] = [() => log.close()];
  try {
    const token = config.token ?? loadToken(paths.token);
    const service_log = openServiceLog(paths.service_log, config.log_level, report);
    opened.push(() => service_log.close());
    const clock = new GuardedClock(options.clock, program.settings.max_ahead_ms, (message) => {
      service_log.logger.warn(message);
      report(message);
    });
    const checkpoints = new CheckpointDirectory({ directory: paths.checkpoints, files, report });
    const checkpoint = readCheckpoint(await checkpoints.read());
    const sinks = await openSinks({ config, program, files, report }, checkpoint, opened);
    const { detections, aggregates } = sinks;
    const feed = new DetectionFeed();
    if (options.detected !== undefined) feed.subscribe(options.detected);
    // Before anything is published: `weir reproduce` finds the rule of every detection.
    const versions = new RuleVersions(paths.rule_versions);
    const tests = new RuleTests(options.with_rule_tests === true);
    const tested = (rule: string) => tests.of(rule);
    const desk =
      options.rules === undefined ? null : new RuleDesk(options.rules, versions, () => clock.now_ms(), tested);
    const restored = await restoreAll(program, checkpoint, log, clock, await divided(options, log, checkpoint));
    const { engine, watch } = restored;
    opened.push(() => engine.close());
    const delivery = new Delivery({ program, engine, ...sinks, feed, clock });
    if (restored.checkpoint === null) await recordFirst(log, options.lookups);
    const recovery = await replay(restored, program, log, delivery, clock, options.replaying);
    const driver = new LiveDriver(
      { program, engine, log, checkpoints, delivery, watch, clock, started: recovery.kind },
      { queue_events: config.queue_events, checkpoint_ms: config.checkpoint_seconds * 1000 },
    );
    let store: LiveStore | null = null;
    opened.push(async () => store?.stop(driver.running.engine.counters));
    opened.push(() => driver.stop());
    store = openStore(options, { log, detections, aggregates, judged: () => driver.judged });
    const lookups = new LookupFollower(driver, report);
    opened.push(async () => lookups.stop());
    await lookups.follow(options.lookups);
    const given = { is_stopping: () => weir.stopping, keeps_tables: aggregates !== null, workers: config.workers };
    const testing = options.with_rule_tests === undefined ? () => undefined : testRules(tests, options);
    desk?.takesOver(takeOver({ driver, log, lookups, store, deployed, removed, testing, ...given }));
    const followers = new Set<() => void>();
    const blind = keepBlind(options, () => driver.running.engine, clock, followers);
    const { version, rules } = options;
    const live = { driver, log, delivery, watch, clock, store, version };
    const weir = new Weir({ ...live, blind: blind.watch, fields: blind.fields });
    const { logger } = service_log;
    const published = { log, detections, feed, blind, followers, desk };
    const app = composeApi({ ...{ config, version, clock, logger, token, weir, rules }, ...published });
    weir.url = await app.listen({ host: config.host, port: config.port });
    opened.push(sayAddress(paths.address, weir.url));
    await driver.listens();
    blind.begin();
    opened.push(keepColumns(options, () => driver.running.program, logger));
    opened.push(async () => blind.stop());
    opened.push(() => closeApi(app));
    opened.push(() => tests.stop());
    if (options.rules !== undefined) testing(options.rules);
    weir.onStop(() => closeAll(opened));
    return { weir, recovery };
  } catch (error) {
    await closeAll(opened).catch(() => undefined);
    throw error;
  }
}

/** The rules by thread, as the checkpoint has them where it is of use. */
function divided({ config, program, rules }: ComposeOptions, log: SegmentLog, checkpoint: Checkpoint | null) {
  const { workers } = config;
  return divideWorkers({ workers, program, plan: rules?.plan ?? null, log, saved: workersOf(checkpoint, program) });
}

/** Keeps the address where commands of this folder find it, as long as it is one; without it they ask the usual port. */
function sayAddress(path: string, url: string): () => Promise<void> {
  try {
    writeFileSync(path, `${url}\n`, { mode: 0o600 });
  } catch {
    // A full disk is no reason not to run.
  }
  return async () => rmSync(path, { force: true });
}

/** The intervals in which Weir does not see, told to the screen and to those who follow the alerts. */
function keepBlind(
  { config, program, report }: ComposeOptions,
  engine: BlindKeeperParts['engine'],
  clock: Clock,
  followers: Iterable<() => void>,
): BlindKeeper {
  const paths = dataPaths(config.data);
  const { lateness_ms, idle_ms } = program.settings;
  // So far it is behind by what the stream declares: that is no fault.
  const behind_ms = config.behind_seconds === 0 ? 0 : config.behind_seconds * 1000 + lateness_ms + idle_ms;
  return new BlindKeeper({
    ...{
      records: paths.blind,
      state: paths.blind_state,
      silent_ms: config.silent_seconds * 1000,
      behind_ms,
      engine,
      clock,
      report,
    },
    published: ({ title }) => {
      report(title);
      for (const wake of followers) wake();
    },
  });
}

/** Beside the way of the events, as the store: a failure costs backtests time, and is told. What ends it. */
function keepColumns(
  { config, report }: ComposeOptions,
  program: () => Program,
  logger: ServiceLog['logger'],
): () => Promise<void> {
  if (!config.columns) return async () => undefined;
  const keeper = new ColumnKeeper({
    ...{ data: config.data, program },
    made: (made) => {
      const failure = 'error' in made ? made.error : made.failure;
      if (failure === null) logger.info(made, 'columns of the log were made');
      else report(`columns of the log could not be made, and backtests read the log itself: ${failure}`);
    },
  });
  keeper.begin();
  return () => keeper.stop();
}

interface StoreSources {
  readonly log: SegmentLog;
  readonly detections: DetectionFile;
  readonly aggregates: AggregateFile | null;
  readonly judged: () => JudgedTo | null;
}

/** Beside the way of the events: it reads what is on disk, and nothing waits for it. */
function openStore(
  { config, program, clock, version, report, with_store, store_drain_ms = 1500 }: ComposeOptions,
  { log, detections, aggregates, judged }: StoreSources,
): LiveStore | null {
  if (config.store === 'off' || with_store === undefined) return null;
  const paths = dataPaths(config.data);
  return new LiveStore({
    ...{ config, program, clock, version, report, log, judged, drain_ms: store_drain_ms },
    files: {
      detections: { path: paths.detections, durable: () => detections.offset },
      ...(aggregates === null ? {} : { aggregates: { path: paths.aggregates, durable: () => aggregates.offset } }),
      audit: wholeFile(paths.audit),
      rules: wholeFile(paths.rule_versions),
      runs: wholeFile(paths.run_history),
    },
  });
}

/** A file to which whole lines are added, each on disk when it was. */
function wholeFile(path: string): { readonly path: string; readonly durable: () => number } {
  return { path, durable: () => statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
}

interface TakeOverParts extends GoLiveParts {
  readonly lookups: LookupFollower;
  readonly store: LiveStore | null;
  readonly deployed: ComposeOptions['deployed'];
  readonly removed: ComposeOptions['removed'];
  readonly testing: (files: LoadedFiles) => void;
  /** Threads that judge. */
  readonly workers: number;
}

/** Begins the tests of rules that run; nobody waits for them. */
function testRules(tests: RuleTests, { report, warn = report }: ComposeOptions): (files: LoadedFiles) => void {
  return ({ folder, loaded }) => {
    void tests.run({ folder, loaded }).then((warnings) => {
      for (const warning of warnings) warn(warning);
    });
  };
}

/** Rules take over from those that run, with their lookups, and the store is told. */
function takeOver({ lookups, store, deployed, removed, testing, workers, ...parts }: TakeOverParts): GoLive {
  return async (loaded) => {
    const { plan, folder } = loaded;
    const files = plan.lookups === undefined ? undefined : lookupFiles(plan, { folder });
    const next = buildProgram(plan, digest);
    const divided = await divideWorkers({ workers, program: next, plan, log: parts.log, saved: null });
    const before = rulesOf(parts.driver.running.program);
    const went = await goLive(parts, next, () => files?.read().contents ?? [], divided);
    await lookups.follow(files);
    const { program, engine } = parts.driver.running;
    await store?.replace(program, engine.counters);
    for (const rule of went.new_rules) deployed?.(rule);
    const after = rulesOf(program);
    for (const rule of before.filter((name) => !after.includes(name))) removed?.(rule);
    testing(loaded);
    return went;
  };
}

function rulesOf({ operators }: Program): readonly string[] {
  return [...new Set(operators.filter(({ kind }) => kind === 'rule').map(({ name }) => name))];
}

/** Last opened, first closed; every one is tried, and the first error is the one to hear of. */
async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  let failure: unknown = null;
  for (const close of opened.reverse()) {
    try {
      await close();
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
}
