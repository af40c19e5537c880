import type { Detection } from '../detection.ts';
import type { OperatorSpec, Program, Reference, RuleMetadata } from '../program.ts';
import { columnShape } from '../route/column-values.ts';
import type { Value, ValueType } from '../value.ts';
import { isoTime, type JsonPart, toJson, toText } from './json-value.ts';
import { reasonOf } from './reason.ts';

/** What only the publisher knows: which kind of run it was, when, and from what. */
export interface Publication {
  readonly mode: 'live' | 'backtest' | 'replay';
  /** Clock time of the publication, epoch milliseconds; absent where it would make equal runs differ. */
  readonly detected_at?: number | null;
  /** What this record tells of the detection; absent: that it is final, for the first time. */
  readonly news?: News;
  /** More for `provenance`: source, offset ranges, watermark, engine version. */
  readonly provenance?: Readonly<Record<string, JsonPart>>;
}

/** What a record tells of a detection (S5). */
export interface News {
  /** early: left on arrival. final: W has passed what decides it. withdrawn: it did not become final. */
  readonly kind: 'early' | 'final' | 'withdrawn';
  /**
   * 1: first told so, or told so before. 2: final with another core than the early one had, or withdrawn. More: a further
   * revision of what became final so.
   */
  readonly revision: number;
  /** Withdrawn: the final detection of the same rule and key that took its place, if one did in the same step. */
  readonly superseded_by: string | null;
}

/** The published detection record, its fields in the order of records.md. Parts that Weir does not fill yet are empty. */
export interface DetectionRecord {
  readonly schema_version: 'v1';
  readonly id: string;
  readonly anchor_id: string;
  readonly revision: number;
  readonly timing: 'early' | 'final';
  readonly status: 'open' | 'updated' | 'closed' | 'suppressed' | 'withdrawn';
  readonly rule: string;
  readonly plan_hash: string;
  readonly title: string;
  readonly severity: RuleMetadata['severity'];
  readonly confidence: number | null;
  readonly attack: readonly string[];
  readonly tenant_id: string;
  readonly entity: { readonly type: string; readonly id: JsonPart } | null;
  /** By column name. */
  readonly key: Readonly<Record<string, JsonPart>>;
  readonly window: { readonly start: string; readonly end: string } | null;
  readonly decided_at: string;
  readonly first_event_at: string;
  readonly last_event_at: string;
  readonly detected_at: string | null;
  /** By the name of the selected column. */
  readonly values: Readonly<Record<string, JsonPart>>;
  readonly reason: string;
  readonly evidence: { readonly ids: readonly string[]; readonly total: number };
  readonly related: readonly string[];
  readonly risk: { readonly entity: DetectionRecord['entity']; readonly added: number; readonly score: number } | null;
  readonly recommended: readonly Recommendation[];
  readonly dedup_key: string | null;
  readonly suppressed_by: string | null;
  readonly superseded_by: string | null;
  readonly correlation_id: string | null;
  readonly anomaly: null;
  readonly provenance: Readonly<Record<string, JsonPart>>;
}

/** RESPOND: what to do, and the column and value that it is to be done on. */
export interface Recommendation {
  readonly response: string;
  readonly on: Readonly<Record<string, JsonPart>>;
  readonly while_open: boolean;
}

/** A named value of a detection with the type that says how it is written. */
export interface NamedValue {
  readonly name: string;
  readonly type: ValueType;
  readonly value: Value;
}

/** The published form of a final detection of the program: times in UTC with milliseconds, keys in records.md's order. */
export function toRecord(program: Program, detection: Detection, publication: Publication): DetectionRecord {
  const operator = program.operators[detection.operator];
  const key = keyOf(program, operator, detection.key);
  const values = operator.outputs.map(({ name, type }, i) => ({ name, type, value: detection.values[i] ?? null }));
  const { metadata } = operator;
  const place = (reference: Reference): NamedValue => (reference.from === 'key' ? key : values)[reference.index];
  const { window } = detection;
  const detected_at = publication.detected_at ?? null;
  const news = publication.news ?? { kind: 'final', revision: 1, superseded_by: null };
  return {
    schema_version: 'v1',
    id: detection.id,
    anchor_id: detection.anchor_id,
    // News say 1 of a rule without EMIT EARLY.
    revision: Math.max(news.revision, detection.revision),
    timing: news.kind === 'early' ? 'early' : 'final',
    status: news.kind === 'withdrawn' ? 'withdrawn' : detection.status,
    rule: detection.rule,
    plan_hash: detection.plan_hash,
    title: titleOf(metadata, place) || detection.rule,
    severity: detection.severity,
    confidence: metadata.confidence,
    attack: metadata.attack,
    tenant_id: detection.tenant,
    entity: metadata.entity === null ? null : entityOf(metadata.entity.type, place(metadata.entity.id)),
    key: named(key),
    window: window === null ? null : { start: isoTime(window.start), end: isoTime(window.end) },
    decided_at: isoTime(detection.decided_at),
    first_event_at: isoTime(detection.first_event_at),
    last_event_at: isoTime(detection.last_event_at),
    detected_at: detected_at === null ? null : isoTime(detected_at),
    values: named(values),
    reason: reasonOf(operator, detection, key, values),
    evidence: { ids: detection.evidence, total: detection.evidence_total },
    related: [],
    risk: riskOf(operator, detection, place),
    recommended: recommendedOf(metadata, detection, place),
    dedup_key: null,
    suppressed_by: detection.suppressed_by,
    superseded_by: news.superseded_by,
    correlation_id: null,
    anomaly: null,
    provenance: {
      mode: publication.mode,
      ...(metadata.mode === undefined ? {} : { rule_mode: metadata.mode }),
      ...lookupsOf(detection),
      ...publication.provenance,
    },
  };
}

/**
 * The core of a record (semantics.md S6) as text: what must be equal between runs, byte for byte. Severity and title are
 * not in it, as they are not in the plan hash (S7): another rating of a rule makes no new detections.
 */
export function coreOf(record: DetectionRecord): string {
  const { id, rule, plan_hash, tenant_id, key, window, decided_at, values, evidence, anomaly } = record;
  return JSON.stringify({ id, rule, plan_hash, tenant_id, key, window, decided_at, values, evidence, anomaly });
}

/** `lookups` of the provenance: the versions (content hashes) by name, only where the rule reads lookups. */
function lookupsOf({ lookups }: Detection): { readonly lookups?: Readonly<Record<string, JsonPart>> } {
  return lookups === undefined
    ? {}
    : { lookups: Object.fromEntries(lookups.map(({ name, versions }) => [name, versions])) };
}

/** The parts of a key with their names. */
export function keyOf(program: Program, operator: OperatorSpec, key: readonly Value[]): NamedValue[] {
  const stream = program.streams[operator.input];
  // Rows with the columns of a table beside them are what they were.
  let { join } = stream;
  while (join?.as_of) join = program.streams[join.left.stream].join;
  if (operator.key === null && join !== undefined) {
    const left = program.streams[join.left.stream];
    return key.map((value, i) => {
      return { name: join.key_names[i], type: columnShape(left, join.left.key[i]).type, value };
    });
  }
  const columns = operator.key ?? [];
  return key.map((value, i) => {
    return { name: operator.key_names[i], type: columnShape(stream, columns[i]).type, value };
  });
}

function titleOf(metadata: RuleMetadata, place: (reference: Reference) => NamedValue): string {
  return metadata.title.map((part) => (typeof part === 'string' ? part : toText(place(part)))).join('');
}

/** Nothing of a suppressed detection (the one that suppresses it has recommended it), nor WHILE OPEN of a closed one. */
function recommendedOf(
  { respond }: RuleMetadata,
  { suppressed_by, status }: Detection,
  place: (reference: Reference) => NamedValue,
): readonly Recommendation[] {
  if (respond === undefined || suppressed_by !== null) return [];
  const { responses, column, on, while_open } = respond;
  if (while_open && status === 'closed') return [];
  const { type, value } = place(on);
  if (value === null) return [];
  return responses.map((response) => ({ response, on: named([{ name: column, type, value }]), while_open }));
}

function entityOf(type: string, { type: valueType, value }: NamedValue): DetectionRecord['entity'] {
  return { type, id: toJson(valueType, value) };
}

function riskOf(
  spec: OperatorSpec,
  { risk }: Detection,
  place: (reference: Reference) => NamedValue,
): DetectionRecord['risk'] {
  if (risk === null || spec.risk === undefined) return null;
  const { added, score } = risk;
  return { entity: entityOf(risk.entity.type, place(spec.risk.entity.id)), added, score };
}

/** Without a prototype: a column may have any name. */
export function named(values: readonly NamedValue[]): Readonly<Record<string, JsonPart>> {
  const object: Record<string, JsonPart> = Object.create(null);
  for (const { name, type, value } of values) object[name] = toJson(type, value);
  return object;
}
