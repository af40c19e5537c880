import type { Program } from '../../engine/index.ts';
import { type JudgedDetection, type JudgedRun, percentile } from './judgement.ts';

/** What a scenario asks for; of the simulator's Scenario what the score needs. */
export interface Demand {
  readonly name: string;
  readonly found_within_ms: number | null;
  readonly least_confidence: number;
  readonly needs: string;
}

export interface ScenarioScore {
  readonly scenario: string;
  readonly needs: string;
  readonly seeds: number;
  /** Attacks that must be found, how many were, and how many in time by a rule that is sure enough. */
  readonly attacks: number;
  readonly found: number;
  readonly in_time: number;
  readonly within_ms: number | null;
  /** Over all attacks; one that was not found counts as infinite, shown as null. */
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  /** Accounts that an attack got into, and those that a detection names. */
  readonly takeovers: number;
  readonly takeovers_found: number;
  /** The rule that was first, most often. */
  readonly first_rule: string | null;
  /** Wrong detections of severity high or critical. */
  readonly loud_mistakes: number;
  readonly verdict: 'found' | 'missed' | 'quiet' | 'loud' | 'not sayable yet';
}

/** The attacks of a scenario are one kind, the accounts that they got into another. Of each kind of which a rule found any. */
export interface FoundOfKind {
  readonly scenario: string;
  readonly kind: 'attack' | 'takeover';
  readonly attacks: number;
  readonly found: number;
}

export interface RuleScore {
  readonly rule: string;
  readonly detections: number;
  readonly right: number;
  /** Share of its detections that are right; null without any. */
  readonly precision: number | null;
  /** What the rule says of itself (CONFIDENCE). */
  readonly confidence: number | null;
  readonly claims_too_much: boolean;
  /** Share of the attacks that it found, of the kind of which it found most. Times are over all that it found. */
  readonly recall: number | null;
  readonly found_by_kind: readonly FoundOfKind[];
  readonly detections_per_entity: number | null;
  readonly wrong_per_million: number;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
}

export interface ScoreResult {
  readonly scenarios: readonly ScenarioScore[];
  readonly rules: readonly RuleScore[];
  readonly background_events: number;
}

const isTakeover = (attack: string): boolean => attack.includes('/takeover-');

/** The earliest right detection of each attack by each rule: a run may have tens of thousands, so they are gone through once. */
type Finders = ReadonlyMap<string, ReadonlyMap<string, JudgedDetection>>;

function findersOf({ detections }: JudgedRun): Finders {
  const finders = new Map<string, Map<string, JudgedDetection>>();
  for (const one of detections) {
    if (!one.is_right) continue;
    for (const attack of one.attacks) {
      const byRule = finders.get(attack) ?? new Map<string, JudgedDetection>();
      if (byRule.size === 0) finders.set(attack, byRule);
      const known = byRule.get(one.rule);
      if (known === undefined || one.decided_at < known.decided_at) byRule.set(one.rule, one);
    }
  }
  return finders;
}

/** A run, and who found what in it. */
interface IndexedRun {
  readonly run: JudgedRun;
  readonly finders: Finders;
}

/** Figures of many runs. */
export function scoreRuns(program: Program, demands: readonly Demand[], runs: readonly JudgedRun[]): ScoreResult {
  const rules = program.operators.filter(({ kind, metadata }) => kind === 'rule' && metadata.mode !== 'signal');
  const background_events = runs.reduce((sum, run) => sum + run.background_events, 0);
  // A tuned rule has an operator for each of its TUNEs.
  const confidences = new Map(rules.map(({ name, metadata }) => [name, metadata.confidence]));
  const indexed = runs.map((run): IndexedRun => ({ run, finders: findersOf(run) }));
  const byRule = Map.groupBy(
    runs.flatMap((run) => run.detections.map((one) => ({ run, one }))),
    ({ one }) => one.rule,
  );
  return {
    scenarios: demands.map((demand) =>
      scoreScenario(
        demand,
        indexed.filter(({ run }) => run.scenario === demand.name),
      ),
    ),
    rules: [...confidences].map(([rule, confidence]) =>
      scoreRule(rule, confidence, byRule.get(rule) ?? [], indexed, background_events),
    ),
    background_events,
  };
}

function scoreScenario(demand: Demand, runs: readonly IndexedRun[]): ScenarioScore {
  const { found_within_ms, least_confidence, needs } = demand;
  const times: number[] = [];
  const firsts = new Map<string, number>();
  const counts = { found: 0, in_time: 0, takeovers: 0, takeovers_found: 0 };
  for (const { run, finders } of runs) {
    for (const [attack, { first_ms }] of run.attacks) {
      const found = [...(finders.get(attack)?.values() ?? [])];
      if (isTakeover(attack)) {
        counts.takeovers++;
        if (found.length > 0) counts.takeovers_found++;
        continue;
      }
      const first = earliest(found);
      if (first !== null) {
        counts.found++;
        firsts.set(first.rule, (firsts.get(first.rule) ?? 0) + 1);
      }
      const sure = earliest(found.filter(({ confidence }) => (confidence ?? 0) >= least_confidence));
      const taken_ms = sure === null ? Number.POSITIVE_INFINITY : sure.decided_at - first_ms;
      times.push(taken_ms);
      if (taken_ms <= (found_within_ms ?? Number.POSITIVE_INFINITY)) counts.in_time++;
    }
  }
  const loud_mistakes = runs.reduce((sum, { run }) => sum + run.detections.filter(isLoudMistake).length, 0);
  const isFound = counts.in_time === times.length;
  const sayable = needs === 'windows and joins';
  const quiet = loud_mistakes === 0 ? 'quiet' : 'loud';
  const verdict = found_within_ms === null ? quiet : isFound ? 'found' : sayable ? 'missed' : 'not sayable yet';
  const [first_rule = null] = [...firsts].sort((a, b) => b[1] - a[1]).map(([rule]) => rule);
  const p50_ms = finite(percentile(times, 0.5));
  const p95_ms = finite(percentile(times, 0.95));
  const shape = { scenario: demand.name, needs, seeds: runs.length, attacks: times.length, within_ms: found_within_ms };
  return { ...shape, ...counts, p50_ms, p95_ms, first_rule, loud_mistakes, verdict };
}

function scoreRule(
  rule: string,
  confidence: number | null,
  own: readonly { readonly run: JudgedRun; readonly one: JudgedDetection }[],
  runs: readonly IndexedRun[],
  background_events: number,
): RuleScore {
  const entities = new Set(own.map(({ run, one }) => `${run.scenario} ${run.seed} ${one.entity}`));
  const detections = own.length;
  const right = own.filter(({ one }) => one.is_right).length;
  const times: number[] = [];
  const kinds = new Map<string, { -readonly [member in keyof FoundOfKind]: FoundOfKind[member] }>();
  for (const { run, finders } of runs) {
    const { scenario } = run;
    for (const [attack, { first_ms }] of run.attacks) {
      const kind = isTakeover(attack) ? 'takeover' : 'attack';
      const tally = kinds.get(`${scenario} ${kind}`) ?? { scenario, kind, attacks: 0, found: 0 };
      if (tally.attacks++ === 0) kinds.set(`${scenario} ${kind}`, tally);
      const first = finders.get(attack)?.get(rule);
      if (first === undefined) continue;
      tally.found++;
      times.push(first.decided_at - first_ms);
    }
  }
  const found_by_kind = [...kinds.values()].filter(({ found }) => found > 0).sort((a, b) => b.found - a.found);
  const [most] = found_by_kind;
  const precision = detections === 0 ? null : right / detections;
  return {
    rule,
    detections,
    right,
    precision,
    confidence,
    claims_too_much: precision !== null && confidence !== null && confidence > precision,
    recall: most === undefined ? null : most.found / most.attacks,
    found_by_kind,
    detections_per_entity: entities.size === 0 ? null : detections / entities.size,
    wrong_per_million: background_events === 0 ? 0 : ((detections - right) * 1e6) / background_events,
    p50_ms: percentile(times, 0.5),
    p95_ms: percentile(times, 0.95),
  };
}

function isLoudMistake({ is_right, severity }: JudgedDetection): boolean {
  return !is_right && (severity === 'high' || severity === 'critical');
}

function earliest(detections: readonly JudgedDetection[]): JudgedDetection | null {
  return detections.reduce<JudgedDetection | null>(
    (first, one) => (first === null || one.decided_at < first.decided_at ? one : first),
    null,
  );
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
