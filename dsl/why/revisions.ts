import type { Detection } from '../../engine/index.ts';
import type { WhyRevision } from './answer.ts';

/** What became of detections after they fired, in the order in which it was decided. */
export class Revisions {
  readonly all: WhyRevision[] = [];
  readonly #severities = new Map<string, Detection['severity']>();

  /** Whether the detection is a further revision, which is no firing; it is kept then. */
  take(detection: Detection): boolean {
    const { decided_at: at_ms, id, revision, severity } = detection;
    const before = this.#severities.get(id);
    this.#severities.set(id, severity);
    if (revision === 1) return false;
    this.all.push({ at_ms, id, revision, did: whatDid(detection, before), severity });
    return true;
  }
}

function whatDid({ status, severity }: Detection, before: Detection['severity'] | undefined): WhyRevision['did'] {
  if (status === 'closed') return 'closed';
  if (severity !== before) return 'escalated';
  return status === 'open' ? 'opened again' : 'updated';
}
