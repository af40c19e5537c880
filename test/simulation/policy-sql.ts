import type { Around, Policy } from './case.ts';

/** What stands behind a rule's name: TITLE, SEVERITY, MODE, PARAM. */
export function headText({ title, severity, mode, least }: Around & Pick<Policy, 'least'>): string {
  const parts = [
    title === undefined ? '' : ` TITLE '${title}'`,
    severity === undefined
      ? ''
      : ` SEVERITY CASE WHEN "${severity.on}" > ${severity.over} THEN high WHEN "${severity.on}" IS NULL THEN low END`,
    mode === undefined ? '' : ` MODE ${mode}`,
    least === undefined ? '' : ` PARAM least int = ${least}`,
  ];
  return parts.join('');
}

export function suppressText({ by, for: time }: { by: readonly string[]; for: number }): string {
  return `SUPPRESS BY ${by.length > 0 ? by.map((name) => `"${name}"`).join(', ') : '()'} FOR ${time} MILLISECONDS`;
}

/** The footer of a rule without a window. */
export function policyLines({ suppress, risk, evidence }: Policy): string[] {
  const lines = suppress === undefined ? [] : [suppressText(suppress)];
  if (risk !== undefined) {
    const score = typeof risk.score === 'string' ? `"${risk.score}"` : risk.score;
    lines.push(`RISK ${score} ON account "${risk.on}" HALF LIFE ${risk.half} MILLISECONDS`);
  }
  return evidence === undefined ? lines : [...lines, `EVIDENCE ${evidence}`];
}
