import type { ExpectedDetection, Policy, SimulationRule, WindowRule } from './case.ts';
import type { Row } from './naive-oracle.ts';

/** Whether a row has what the rule's parameter asks of `x`, or of a view's `s`; a tenant may have another value of it (TUNE). */
export function isEnough({ least, tunes = [] }: Policy, { tenant, fields }: Row): boolean {
  if (least === undefined) return true;
  const own = tunes.find((tune) => tune.tenant === tenant)?.least ?? least;
  const number = fields.x === undefined ? fields.s : fields.x;
  return typeof number === 'number' && number >= own;
}

/** Detections as the head and the EVIDENCE of their rules say them. */
export function around(
  rules: readonly SimulationRule[],
  detections: readonly ExpectedDetection[],
): ExpectedDetection[] {
  return detections.map((detection) => {
    const rule = rules.find(({ name }) => name === detection.rule) as Policy & WindowRule;
    const { evidence, severity, title } = rule;
    const keys = (rule.group_by ?? []).map((name, i) => [name, detection.key[i]] as const);
    const columns: Record<string, unknown> = { ...Object.fromEntries(keys), ...detection.values };
    const written = (name: string) => String(columns[name] ?? 'NULL');
    return {
      ...detection,
      ...(evidence === undefined ? {} : { evidence: detection.evidence.slice(-evidence) }),
      ...(severity === undefined ? {} : { severity: rated(columns[severity.on], severity.over) }),
      ...(title === undefined ? {} : { title: title.replaceAll(/\{(\w+)\}/g, (_, name) => written(name)) }),
    };
  });
}

function rated(value: unknown, over: number): string {
  if (value === null || value === undefined) return 'low';
  return (value as number) > over ? 'high' : 'medium';
}
