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

export interface RuleScore {
  readonly rule: string;
  readonly detections: number;
  readonly right: number;
  /** Share of its detections that are right; null without any. */
  readonly precision: number | null;
  /** What the rule says of itself (CONFIDENCE). */
  readonly confidence: number | null;
  readonly claims_too_much: boolean;
  /** Share of the attacks that it found, of those in scenarios where it found any. */
  readonly recall: number | null;
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

/** Figures of many runs. */
export function scoreRuns(program: Program, demands: readonly Demand[], runs: readonly JudgedRun[]): ScoreResult {
  const rules = program.operators.filter(({ kind, metadata }) => kind === 'rule' && metadata.mode !== 'signal');
  const background_events = runs.reduce((sum, run) => sum + run.background_events, 0);
  // A tuned rule has an operator for each of its TUNEs.
  const confidences = new Map(rules.map(({ name, metadata }) => [name, metadata.confidence]));
  return {
    scenarios: demands.map((demand) =>
      scoreScenario(
        demand,
        runs.filter(({ scenario }) => scenario === demand.name),
      ),
    ),
    rules: [...confidences].map(([rule, confidence]) => scoreRule(rule, confidence, runs, background_events)),
    background_events,
  };
}

function scoreScenario(demand: Demand, runs: readonly JudgedRun[]): ScenarioScore {
  const { found_within_ms, least_confidence, needs } = demand;
  const times: number[] = [];
  const firsts = new Map<string, number>();
  const counts = { found: 0, in_time: 0, takeovers: 0, takeovers_found: 0 };
  for (const run of runs) {
    for (const [attack, { first_ms }] of run.attacks) {
      const finders = run.detections.filter(({ is_right, attacks }) => is_right && attacks.includes(attack));
      if (isTakeover(attack)) {
        counts.takeovers++;
        if (finders.length > 0) counts.takeovers_found++;
        continue;
      }
      const first = earliest(finders);
      if (first !== null) {
        counts.found++;
        firsts.set(first.rule, (firsts.get(first.rule) ?? 0) + 1);
      }
      const sure = earliest(finders.filter(({ confidence }) => (confidence ?? 0) >= least_confidence));
      const taken_ms = sure === null ? Number.POSITIVE_INFINITY : sure.decided_at - first_ms;
      times.push(taken_ms);
      if (taken_ms <= (found_within_ms ?? Number.POSITIVE_INFINITY)) counts.in_time++;
    }
  }
  const loud_mistakes = runs.reduce((sum, run) => sum + run.detections.filter(isLoudMistake).length, 0);
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
  runs: readonly JudgedRun[],
  background_events: number,
): RuleScore {
  const entities = new Set<string>();
  const times: number[] = [];
  let detections = 0;
  let right = 0;
  let attacks = 0;
  let found = 0;
  const fitting = new Set<string>();
  for (const run of runs)
    if (run.detections.some((one) => one.rule === rule && one.is_right)) fitting.add(run.scenario);
  for (const run of runs) {
    const own = run.detections.filter((one) => one.rule === rule);
    for (const one of own) entities.add(`${run.scenario} ${run.seed} ${one.entity}`);
    detections += own.length;
    right += own.filter(({ is_right }) => is_right).length;
    if (!fitting.has(run.scenario)) continue;
    for (const [attack, { first_ms }] of run.attacks) {
      const first = earliest(own.filter((one) => one.is_right && one.attacks.includes(attack)));
      attacks++;
      if (first === null) continue;
      found++;
      times.push(first.decided_at - first_ms);
    }
  }
  const precision = detections === 0 ? null : right / detections;
  return {
    rule,
    detections,
    right,
    precision,
    confidence,
    claims_too_much: precision !== null && confidence !== null && confidence > precision,
    recall: attacks === 0 ? null : found / attacks,
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
