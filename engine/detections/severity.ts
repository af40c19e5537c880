import type { Severity } from '../program.ts';

/** From the least to the greatest. */
export const severities: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** The place of a severity in their order. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}
