/** RISK said once more, without any code of the product: every score is added up again from all that came before. */
import type { ExpectedDetection, SimulationRule, SingleRule } from './case.ts';

export interface ExpectedRisk {
  entity: unknown;
  added: number;
  score: number;
}

/** What each detection, in total order, adds to its entity and what the score is with it; null without RISK. */
export function oracleRisk(
  rules: readonly SimulationRule[],
  detections: readonly ExpectedDetection[],
): (ExpectedRisk | null)[] {
  let all: { entity: string; time: number; added: number; half: number }[] = [];
  const before = new Map<string, ExpectedRisk | null>();
  return detections.map((detection) => {
    const name = JSON.stringify([detection.rule, detection.tenant, detection.key, detection.anchor]);
    // A further revision adds nothing, but the first that is not suppressed does.
    const known = before.get(name);
    if ((detection.revision ?? 1) > 1 && known !== undefined) return known;
    const made = riskOf(detection);
    if (!detection.suppressed) before.set(name, made);
    return made;
  });

  function riskOf(detection: ExpectedDetection): ExpectedRisk | null {
    const rule = rules.find(({ name }) => name === detection.rule);
    if (rule === undefined || rule.kind === 'sequence') return null;
    const { risk, mode } = rule as Pick<SingleRule, 'risk' | 'mode'>;
    if (risk === undefined) return null;
    const id = rule.kind === 'window' ? detection.key[0] : detection.values[risk.on];
    if (id === null) return null;
    const entity = JSON.stringify([detection.tenant, id]);
    const now = detection.decided_at;
    const scoreNow = () =>
      all
        .filter((one) => one.entity === entity)
        .reduce((sum, { added, time, half }) => sum + added * 0.5 ** ((now - time) / half), 0);
    // Less than a thousandth is nothing.
    if (scoreNow() < 0.001) all = all.filter((one) => one.entity !== entity);
    const value = typeof risk.score === 'number' ? risk.score : detection.values[risk.score];
    const added = mode !== 'shadow' && !detection.suppressed && typeof value === 'number' && value > 0 ? value : 0;
    all.push({ entity, time: now, added, half: risk.half });
    // Sums of powers are not exact: half a thousandth is found at twelve digits.
    const thousandths = Math.round(Number((scoreNow() * 1000).toPrecision(12)));
    return { entity: { type: 'account', id }, added, score: thousandths / 1000 };
  }
}
