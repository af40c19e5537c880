import { Simulation, scenarios } from '../../connectors/index.ts';
import type { Detection, Program, SourceRecord } from '../../engine/index.ts';
import { SortedBacktest } from '../cli/backtest-run.ts';
import type { Contestant } from './contestant.ts';
import { type AttackFacts, type JudgedDetection, type JudgedRun, judgeEvidence } from './judgement.ts';

/** One run, in words that a thread can be told. */
export interface RunRequest {
  /** Name of a scenario. */
  readonly scenario: string;
  readonly seed: number;
  readonly events_per_hour: number;
  /** Attacks are played so long. */
  readonly cut_ms: number;
}

/** Events between two words about how far it is. */
const tell_every = 4096;

/** The simulation of a run. What asks for weeks of history has a twentieth of the background: it is long, not dense. */
function simulationOf(request: RunRequest): Simulation {
  const { scenario: name, seed, cut_ms } = request;
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  return new Simulation({ scenarios: [scenario], seed, events_per_hour: eventsPerHour(request), cut_ms });
}

function eventsPerHour({ scenario: name, events_per_hour }: RunRequest): number {
  return scenarios.find((one) => one.name === name)?.needs === 'history' ? events_per_hour / 20 : events_per_hour;
}

/** About how many events a run makes: its background, to which the attack comes. */
export function expectedEvents(request: RunRequest): number {
  const { start_ms, end_ms } = simulationOf(request);
  return Math.round(((end_ms - start_ms) / 3_600_000) * eventsPerHour(request));
}

/**
 * Plays a scenario once and gives its events to each contestant: the backtest engine, in memory. One result each. The
 * contestants run one after the other, so that what is held does not grow with their number.
 * @param on_events called with how many events were made since the last call
 */
export function playRun(
  request: RunRequest,
  contestants: readonly Contestant[],
  on_events: (events: number) => void,
): JudgedRun[] {
  const simulation = simulationOf(request);
  const records: SourceRecord[] = [];
  const attackOf = new Map<string, string>();
  const attacks = new Map<string, AttackFacts>();
  let background_events = 0;
  for (const { time_ms, event, truth } of simulation) {
    const { event_id, attack } = truth;
    if (attack === null) background_events++;
    else {
      attackOf.set(event_id, attack);
      const known = attacks.get(attack);
      if (known === undefined) attacks.set(attack, { first_ms: time_ms, events: 1 });
      else known.events++;
    }
    const bytes = Buffer.from(JSON.stringify(event));
    records.push({ partition: 'simulator', position: records.length, received_at: simulation.end_ms, bytes });
    if (records.length % tell_every === 0) on_events(tell_every);
  }
  on_events(records.length % tell_every);
  const owners = simulation.ownersCsv();
  return contestants.map((contestant) => {
    const detections: JudgedDetection[] = [];
    for (const detection of detectionsOf(contestant, owners, records)) {
      const judged = judge(contestant.program, detection, attackOf);
      if (judged !== null) detections.push(judged);
    }
    return { scenario: request.scenario, seed: request.seed, background_events, attacks, detections };
  });
}

function* detectionsOf(
  { program, lookups }: Contestant,
  owners: string,
  records: readonly SourceRecord[],
): Generator<Detection> {
  const run = new SortedBacktest(program, { since_ms: null, until_ms: null, late_include: false, on_letter: refuse });
  try {
    for (const { name, version, bytes } of lookups(owners)) {
      run.activate({ name, from_ms: Number.NEGATIVE_INFINITY, version, bytes });
    }
    for (const record of records) run.add(record);
    for (const batch of run.finish()) yield* batch;
  } finally {
    run.close();
  }
}

/** Only what is published, once: no suppressed one, no further revision, no signal. */
function judge(program: Program, detection: Detection, attackOf: ReadonlyMap<string, string>): JudgedDetection | null {
  const { metadata } = program.operators[detection.operator];
  if (detection.suppressed_by !== null || detection.revision > 1 || metadata.mode === 'signal') return null;
  const { entity } = metadata;
  const about =
    entity === null ? detection.key : (entity.id.from === 'key' ? detection.key : detection.values)[entity.id.index];
  const truths = detection.evidence.map((id) => attackOf.get(id) ?? null);
  return {
    rule: detection.rule,
    severity: detection.severity,
    confidence: metadata.confidence,
    decided_at: detection.decided_at,
    entity: JSON.stringify([detection.tenant, about]),
    ...judgeEvidence(truths),
  };
}

function refuse({ reason, message }: { reason: string; message: string }): never {
  throw new Error(`the simulator made an event that the door rejects (${reason}): ${message}`);
}
