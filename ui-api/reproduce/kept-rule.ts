import { compile, type FileReader, loadRuleFiles, type ProgramPlan, type SourceFile } from '../../dsl/index.ts';
import type { RuleVersions } from '../deploy/rule-versions.ts';

/** A rule with the plan that a detection was made with. */
export interface KeptRule {
  /** Of the rule and of what it may read; no other rule. */
  readonly plan: ProgramPlan;
  /** now: as it stands on disk. kept: as Weir kept it when it ran; the rule on disk is another one, or gone. */
  readonly version: 'now' | 'kept';
  /** Since when it ran so, of a kept one. */
  readonly at: string | null;
}

/** Why there is none; `now` is the plan hash of the rule on disk, null: none is there. */
export interface NoRule {
  readonly now: string | null;
  /** A kept version is there, and this Weir reads another plan out of it, or none. */
  readonly is_other_weir: boolean;
}

/**
 * The rule as it was when it had this plan: on disk, if it still has it (texts, titles and severities may have changed),
 * else of what Weir kept at each start and deployment.
 */
export function findRule(
  rule: string,
  plan_hash: string,
  reader: FileReader,
  paths: readonly string[],
  versions: RuleVersions,
): KeptRule | NoRule {
  const loaded = loadRuleFiles(reader, paths);
  const now = loaded.problems.length > 0 ? null : compile(loaded.rules).plan;
  if (hasPlan(now, rule, plan_hash)) return { plan: onlyRule(now, rule), version: 'now', at: null };
  const kept = versions.programWith(rule, plan_hash);
  const files: readonly SourceFile[] = kept?.files ?? [];
  const then = kept === null ? null : compile(files).plan;
  if (kept !== null && hasPlan(then, rule, plan_hash)) {
    return { plan: onlyRule(then, rule), version: 'kept', at: kept.at };
  }
  const on_disk = (now as ProgramPlan | null)?.operators.find(({ name }) => name === rule)?.hash ?? null;
  return { now: on_disk, is_other_weir: kept !== null };
}

/** A tuned rule has a plan for each tenant that it is tuned for. */
function hasPlan(plan: ProgramPlan | null, rule: string, plan_hash: string): plan is ProgramPlan {
  return plan?.operators.some(({ name, hash }) => name === rule && hash === plan_hash) === true;
}

function onlyRule(plan: ProgramPlan, rule: string): ProgramPlan {
  return { ...plan, operators: plan.operators.filter(({ kind, name }) => kind !== 'rule' || name === rule) };
}
