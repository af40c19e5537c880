import type { Detection, DetectionPlace, PlacedItem, Program } from '../../engine/index.ts';
import { type ShownDetection, shownOf } from './shown-detection.ts';

/**
 * Detections on their way to another thread: a list for each member. Objects would take longer to be copied than their rules
 * take to be judged, because each says the names of its members again.
 */
export type PackedDetections = { readonly [Member in keyof Unpacked]: readonly Unpacked[Member][] };

interface Unpacked extends DetectionPlace {
  /** That of the part. */
  readonly operator: number;
  readonly tenant: string;
  readonly key: Detection['key'];
  readonly decided_at: number;
  readonly revision: number;
  readonly status: Detection['status'];
  readonly suppressed_by: string | null;
  readonly record: string | null;
}

/** A detection of another thread, in its place. */
export type PlacedDetection = PlacedItem & ShownDetection;

export function packed(program: Program, detections: readonly Detection[]): PackedDetections {
  const shown = detections.map((detection) => shownOf(program, detection));
  const places = detections.map(({ place }) => {
    if (place === undefined) throw new Error('a detection for another thread has no place');
    return place;
  });
  return {
    operator: detections.map(({ operator }) => operator),
    tenant: shown.map(({ tenant }) => tenant),
    key: shown.map(({ key }) => key),
    decided_at: shown.map(({ decided_at }) => decided_at),
    revision: shown.map(({ revision }) => revision),
    status: shown.map(({ status }) => status),
    suppressed_by: shown.map(({ suppressed_by }) => suppressed_by),
    record: shown.map(({ record }) => (record === null ? null : JSON.stringify(record))),
    at_end: places.map(({ at_end }) => at_end),
    seq: places.map(({ seq }) => seq),
    event_id: places.map(({ event_id }) => event_id),
    event_tenant: places.map(({ event_tenant }) => event_tenant),
  };
}

/** @param operators by operator of the part, its rule: name, and number among the rules of the whole program */
export function unpacked(
  from: PackedDetections,
  operators: readonly { readonly rule: string; readonly rule_number: number }[],
): PlacedDetection[] {
  return from.operator.map((operator, i) => ({
    ...operators[operator],
    tenant: from.tenant[i],
    key: from.key[i],
    decided_at: from.decided_at[i],
    revision: from.revision[i],
    status: from.status[i],
    suppressed_by: from.suppressed_by[i],
    record: from.record[i],
    place: {
      at_end: from.at_end[i],
      seq: from.seq[i],
      event_id: from.event_id[i],
      event_tenant: from.event_tenant[i],
    },
  }));
}
