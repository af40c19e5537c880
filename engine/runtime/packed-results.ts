import type { Anchor, Detection, DetectionPlace } from '../detection.ts';
import type { Program } from '../program.ts';
import type { PlacedItem } from './place-order.ts';

/** A detection, as the whole program gives it, in its place in the total order. */
export interface PlacedFound extends PlacedItem {
  readonly detection: Detection;
}

/** What a detection has beside what its operator says; those with names of their own as lists, the others as they are. */
type Sent = Omit<Detection, 'rule' | 'plan_hash' | 'place' | 'anchor' | 'window'>;

/**
 * Detections on their way to another thread: a list for each member, because objects would say the names of their members
 * again for each, and take longer to be copied than to be found.
 */
export interface PackedDetections {
  readonly count: number;
  readonly members: { readonly [Member in keyof Sent]-?: readonly Sent[Member][] };
  /** Numbers, by detection: window's start and end (NaN: none), at_end, seq of the place. */
  readonly numbers: Float64Array;
  readonly anchors: readonly string[];
  readonly event_ids: readonly string[];
  readonly event_tenants: readonly string[];
}

const NUMBERS = 4;

export function packedDetections(detections: readonly Detection[]): PackedDetections {
  const numbers = new Float64Array(detections.length * NUMBERS);
  const places = detections.map(placeOf);
  detections.forEach(({ window }, i) => {
    numbers[i * NUMBERS] = window?.start ?? Number.NaN;
    numbers[i * NUMBERS + 1] = window?.end ?? Number.NaN;
    numbers[i * NUMBERS + 2] = places[i].at_end;
    numbers[i * NUMBERS + 3] = places[i].seq;
  });
  const all = <Member extends keyof Sent>(member: Member): Sent[Member][] => detections.map((one) => one[member]);
  return {
    count: detections.length,
    members: {
      ...{ operator: all('operator'), id: all('id'), anchor_id: all('anchor_id'), tenant: all('tenant') },
      ...{ key: all('key'), decided_at: all('decided_at'), values: all('values'), evidence: all('evidence') },
      ...{ first_event_at: all('first_event_at'), last_event_at: all('last_event_at') },
      ...{ evidence_total: all('evidence_total'), suppressed_by: all('suppressed_by'), severity: all('severity') },
      ...{ risk: all('risk'), lookups: all('lookups'), revision: all('revision'), status: all('status') },
    },
    numbers,
    anchors: detections.map(({ anchor }) => JSON.stringify(anchor)),
    event_ids: places.map(({ event_id }) => event_id),
    event_tenants: places.map(({ event_tenant }) => event_tenant),
  };
}

/**
 * @param program the whole one
 * @param operators by operator of the part, which it is there
 */
export function unpackedDetections(
  { count, members, numbers, anchors, event_ids, event_tenants }: PackedDetections,
  program: Program,
  operators: readonly number[],
): PlacedFound[] {
  return Array.from({ length: count }, (_, i): PlacedFound => {
    const operator = operators[members.operator[i]];
    const { name, plan_hash } = program.operators[operator];
    const [start, end, at_end, seq] = numbers.subarray(i * NUMBERS, (i + 1) * NUMBERS);
    const lookups = members.lookups[i];
    const detection: Detection = {
      operator,
      rule: name,
      plan_hash,
      id: members.id[i],
      anchor_id: members.anchor_id[i],
      tenant: members.tenant[i],
      key: members.key[i],
      anchor: JSON.parse(anchors[i]) as Anchor,
      window: Number.isNaN(start) ? null : { start, end },
      decided_at: members.decided_at[i],
      first_event_at: members.first_event_at[i],
      last_event_at: members.last_event_at[i],
      values: members.values[i],
      evidence: members.evidence[i],
      evidence_total: members.evidence_total[i],
      suppressed_by: members.suppressed_by[i],
      severity: members.severity[i],
      risk: members.risk[i],
      ...(lookups === undefined ? {} : { lookups }),
      revision: members.revision[i],
      status: members.status[i],
    };
    const place = { at_end, seq, event_id: event_ids[i], event_tenant: event_tenants[i] };
    return { detection, decided_at: detection.decided_at, place, rule_number: ruleNumber(program, operator) };
  });
}

/** A detection of a part in its place among those of the whole program. */
export function placed(found: Detection, program: Program, operators: readonly number[]): PlacedFound {
  const place = placeOf(found);
  const { place: _, ...own } = found;
  const operator = operators[own.operator];
  const rule_number = ruleNumber(program, operator);
  return { detection: { ...own, operator }, decided_at: own.decided_at, place, rule_number };
}

function placeOf({ place }: Detection): DetectionPlace {
  if (place === undefined) throw new Error('a detection of a part has no place');
  return place;
}

/** By program, by operator the first one of its rule. */
const rule_numbers = new WeakMap<Program, readonly number[]>();

function ruleNumber(program: Program, operator: number): number {
  let numbers = rule_numbers.get(program);
  if (numbers === undefined) {
    const first = new Map<string, number>();
    program.operators.forEach(({ name }, index) => {
      if (!first.has(name)) first.set(name, index);
    });
    numbers = program.operators.map(({ name }) => first.get(name) as number);
    rule_numbers.set(program, numbers);
  }
  return numbers[operator];
}
