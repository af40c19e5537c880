import type { Detection, Program } from '../../../engine/index.ts';
import { anchorForm } from '../../simulation/anchor-form.ts';
import type { ExpectedDetection } from '../../simulation/case.ts';

/** A detection in the form of the pinned cases. Outputs are the key's columns first, then the aggregates. */
export function expectedForm(detection: Detection, program: Program): ExpectedDetection {
  const { outputs, key } = program.operators[detection.operator];
  const aliases = outputs.slice(key?.length ?? 0).map((output) => output.name);
  const values = detection.values.slice(key?.length ?? 0);
  const { anchor, window } = detection;
  return {
    rule: detection.rule,
    tenant: detection.tenant,
    key: [...detection.key] as string[],
    anchor: anchorForm(anchor),
    decided_at: detection.decided_at,
    window: window === null ? null : [window.start, window.end],
    values: Object.fromEntries(aliases.map((alias, i) => [alias, values[i]])),
    evidence: [...detection.evidence],
    total: detection.evidence_total,
    suppressed: detection.suppressed_by !== null,
  };
}
