import type { ExpectedDetection, Policy, SimulationRule, Told, WindowRule } from './case.ts';
import type { Row } from './naive-oracle.ts';

/** Whether a row has in this column what the rule's parameter asks; a tenant may have another value of it (TUNE). */
export function isEnough({ least, tunes = [] }: Policy, { tenant, fields }: Row, column: string): boolean {
  if (least === undefined) return true;
  const own = tunes.find((tune) => tune.tenant === tenant)?.least ?? least;
  const number = fields[column];
  return typeof number === 'number' && number >= own;
}

/** Detections as the head and the EVIDENCE of their rules say them. */
export function around(
  rules: readonly SimulationRule[],
  detections: readonly ExpectedDetection[],
): ExpectedDetection[] {
  return detections.map((detection) => {
    const rule = rules.find(({ name }) => name === detection.rule) as Policy & WindowRule;
    const { evidence, severity, title, told } = rule;
    const keys = (rule.group_by ?? []).map((name, i) => [name, detection.key[i]] as const);
    const columns: Record<string, unknown> = { ...Object.fromEntries(keys), ...detection.values };
    const written = (name: string) => String(columns[name] ?? 'NULL');
    return {
      ...detection,
      ...(evidence === undefined ? {} : { evidence: detection.evidence.slice(-evidence) }),
      ...(severity === undefined ? {} : { severity: rated(columns[severity.on], severity.over) }),
      ...(told === undefined ? {} : { told: toldOf(told, detection, columns) }),
      ...(title === undefined ? {} : { title: title.replaceAll(/\{(\w+)\}/g, (_, name) => written(name)) }),
    };
  });
}

/** Nothing is recommended for a suppressed detection or on nothing, nor WHILE OPEN for a closed one. */
function toldOf(
  { confidence, attack, who, responses, while_open }: Told,
  { suppressed, status }: ExpectedDetection,
  columns: Record<string, unknown>,
) {
  const id = who === undefined ? null : (columns[who] ?? null);
  const isIdle = suppressed || id === null || (while_open && status === 'closed');
  const entity = who === undefined ? null : { type: 'account', id };
  const on = { [who ?? '']: id };
  return {
    confidence,
    attack,
    entity,
    recommended: isIdle ? [] : responses.map((response) => ({ response, on, while_open })),
  };
}

function rated(value: unknown, over: number): string {
  if (value === null || value === undefined) return 'low';
  return (value as number) > over ? 'high' : 'medium';
}
