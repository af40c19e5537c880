import type { Around, Policy, Told } from './case.ts';

/** What stands behind a rule's name: TITLE, SEVERITY, MODE, PARAM. */
export function headText({ title, severity, mode, least, told }: Around & Pick<Policy, 'least'>): string {
  const parts = [
    title === undefined ? '' : ` TITLE '${title}'`,
    severity === undefined
      ? ''
      : ` SEVERITY CASE WHEN "${severity.on}" > ${severity.over} THEN high WHEN "${severity.on}" IS NULL THEN low END`,
    told === undefined ? '' : toldText(told),
    mode === undefined ? '' : ` MODE ${mode}`,
    least === undefined ? '' : ` PARAM least int = ${least}`,
  ];
  return parts.join('');
}

function toldText({ confidence, attack }: Told): string {
  const texts = " DESCRIPTION 'of a case' RUNBOOK 'none' TAGS 'drawn', 'random' REFERENCES 'S6'";
  const techniques = attack.length === 0 ? '' : ` ATTACK ${attack.map((one) => `'${one}'`).join(', ')}`;
  return ` CONFIDENCE ${confidence}${techniques}${texts}`;
}

/** ENTITY and RESPOND. */
export function aboutLines({ told }: Around): string[] {
  if (told?.who === undefined) return [];
  const { who, responses, while_open } = told;
  const respond = `RESPOND ${responses.join(', ')} ON "${who}"${while_open ? ' WHILE OPEN' : ''}`;
  return [`ENTITY account "${who}"`, ...(responses.length === 0 ? [] : [respond])];
}

export function suppressText({ by, for: time }: { by: readonly string[]; for: number }): string {
  return `SUPPRESS BY ${by.length > 0 ? by.map((name) => `"${name}"`).join(', ') : '()'} FOR ${time} MILLISECONDS`;
}

/** The footer of a rule without a window. */
export function policyLines(rule: Policy): string[] {
  const { suppress, risk, evidence } = rule;
  const lines = [...aboutLines(rule), ...(suppress === undefined ? [] : [suppressText(suppress)])];
  if (risk !== undefined) {
    const score = typeof risk.score === 'string' ? `"${risk.score}"` : risk.score;
    lines.push(`RISK ${score} ON account "${risk.on}" HALF LIFE ${risk.half} MILLISECONDS`);
  }
  return evidence === undefined ? lines : [...lines, `EVIDENCE ${evidence}`];
}
