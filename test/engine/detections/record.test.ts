import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  coreOf,
  type Detection,
  type OperatorSpec,
  type Program,
  toRecord,
  type Value,
  type ValueType,
} from '../../../engine/index.ts';
import { doorProgram } from '../door/harness.ts';

function output(name: string, type: ValueType) {
  return { name, type, evaluate: (): Value => null };
}

const operator: OperatorSpec = {
  ...{ name: 'guessing', kind: 'rule', depth: 0, input: 0, output_stream: -1, plan_hash: 'p1', where: [], key: [0] },
  key_names: ['k1'],
  window: { kind: 'sliding', size_ms: 600_000 },
  ...{
    aggregates: [],
    having: null,
    having_reads: [],
    bounds: [],
    bounds_are_exact: false,
    row_columns: [],
    suppress: null,
  },
  outputs: [output('k1', 'string'), output('failures', 'int'), output('since', 'timestamp'), output('names', 'array')],
  evidence_limit: 20,
  metadata: {
    title: ['Guessing ', { from: 'key', index: 0 }, ': ', { from: 'output', index: 1 }],
    ...{ severity: 'high', confidence: 0.8, attack: ['T1110'], tags: [], references: [] },
    ...{ description: null, runbook: null, entity: { type: 'account', id: { from: 'key', index: 0 } } },
  },
};
const program: Program = { ...doorProgram(), operators: [operator] };

const detection: Detection = {
  ...{ operator: 0, rule: 'guessing', plan_hash: 'p1', id: 'id1', anchor_id: 'anchor1', tenant: 'T', key: ['mara'] },
  ...{
    anchor: { timestamp: 1_600_000, id: 'e9' },
    window: { start: 1_000_000, end: 1_600_000 },
    decided_at: 1_600_000,
  },
  ...{ first_event_at: 1_100_250, last_event_at: 1_600_000, values: ['mara', 12, 1_100_250, ['a', 'b']] },
  ...{
    evidence: ['e1', 'e9'],
    evidence_total: 12,
    suppressed_by: null,
    severity: 'high',
    risk: null,
    revision: 1,
    status: 'open',
  },
};

test('the record has every field of records.md in its order, and superseded_by of S5, with times in UTC', () => {
  const record = toRecord(program, detection, { mode: 'live', detected_at: 1_700_000, provenance: { source: 'http' } });
  assert.equal(
    JSON.stringify(record),
    JSON.stringify({
      ...{ schema_version: 'v1', id: 'id1', anchor_id: 'anchor1', revision: 1, timing: 'final', status: 'open' },
      ...{ rule: 'guessing', plan_hash: 'p1', title: 'Guessing mara: 12', severity: 'high', confidence: 0.8 },
      ...{ attack: ['T1110'], tenant_id: 'T', entity: { type: 'account', id: 'mara' }, key: { k1: 'mara' } },
      window: { start: '1970-01-01T00:16:40.000Z', end: '1970-01-01T00:26:40.000Z' },
      ...{ decided_at: '1970-01-01T00:26:40.000Z', first_event_at: '1970-01-01T00:18:20.250Z' },
      ...{ last_event_at: '1970-01-01T00:26:40.000Z', detected_at: '1970-01-01T00:28:20.000Z' },
      values: { k1: 'mara', failures: 12, since: '1970-01-01T00:18:20.250Z', names: ['a', 'b'] },
      reason:
        'failures 12, since 1970-01-01T00:18:20.250Z, names a, b for k1 mara within 10 minutes up to 1970-01-01T00:26:40.000Z',
      ...{ evidence: { ids: ['e1', 'e9'], total: 12 }, related: [], risk: null, recommended: [], dedup_key: null },
      ...{
        suppressed_by: null,
        superseded_by: null,
        correlation_id: null,
        anomaly: null,
        provenance: { mode: 'live', source: 'http' },
      },
    }),
  );
});

test('S6 the core does not hold status, time of detection, title or provenance', () => {
  const live = toRecord(program, detection, { mode: 'live', detected_at: 5 });
  const suppressed = toRecord(
    program,
    { ...detection, suppressed_by: 'id0', status: 'suppressed' },
    { mode: 'backtest' },
  );
  assert.equal(suppressed.status, 'suppressed');
  assert.equal(coreOf(live), coreOf(suppressed));
  assert.notEqual(coreOf(live), coreOf(toRecord(program, { ...detection, evidence_total: 13 }, { mode: 'live' })));
  assert.deepEqual(Object.keys(JSON.parse(coreOf(live))), [
    ...['id', 'rule', 'plan_hash', 'tenant_id', 'key', 'window', 'decided_at', 'values', 'evidence', 'anomaly'],
  ]);
});

test('S6 a rule that is rated anew keeps its detections: severity, title and confidence are no part of the core', () => {
  const rated = {
    ...operator,
    metadata: { ...operator.metadata, severity: 'critical', title: ['other'], confidence: 1 },
  };
  const again = toRecord(
    { ...program, operators: [rated as OperatorSpec] },
    { ...detection, severity: 'critical' },
    { mode: 'backtest' },
  );
  const first = toRecord(program, detection, { mode: 'live', detected_at: 5 });
  assert.notDeepEqual([again.severity, again.title], [first.severity, first.title]);
  assert.equal(again.id, first.id);
  assert.equal(coreOf(again), coreOf(first));
});

test('integers beyond 2^53 are texts, floats stay numbers, what JSON has no number for is null', () => {
  const outputs = ['int', 'float', 'float', 'array'].map((type, i) => output(`v${i}`, type as ValueType));
  const values = [2 ** 60, 2 ** 60, Number.NaN, [2 ** 54, null]];
  const record = toRecord(
    { ...program, operators: [{ ...operator, outputs }] },
    { ...detection, values },
    { mode: 'live' },
  );
  const written = JSON.stringify(record.values);
  assert.equal(
    written,
    '{"v0":"1152921504606846976","v1":1152921504606847000,"v2":null,"v3":["18014398509481984",null]}',
  );
});

test('columns may have the names of object properties', () => {
  const outputs = [output('__proto__', 'string'), output('constructor', 'string')];
  const own = { ...program, operators: [{ ...operator, outputs }] };
  const record = toRecord(own, { ...detection, values: ['a', 'b'] }, { mode: 'live' });
  assert.equal(JSON.stringify(record.values), '{"__proto__":"a","constructor":"b"}');
});

test('title and reason: hostile texts lose control characters and length, NULL is said, no title is the rule name', () => {
  const hostile = { ...detection, key: [`\u001b[2Jmara\n${'x'.repeat(500)}`], values: [null, null, null, null] };
  const record = toRecord(program, hostile, { mode: 'live' });
  assert.match(record.title, /^Guessing {2}\[2Jmara x+…: NULL$/);
  assert.doesNotMatch(record.title + record.reason, /\p{Cc}/u);
  assert.ok(record.reason.length < 400);
  const untitled = { ...operator, metadata: { ...operator.metadata, title: [] } };
  assert.equal(toRecord({ ...program, operators: [untitled] }, detection, { mode: 'live' }).title, 'guessing');
});

test('the reason of a rule without window or key says when; an aligned window is named by its edges', () => {
  const metadata = { ...operator.metadata, title: [], entity: null };
  const single = { ...operator, window: null, key: null, metadata };
  const of = (spec: OperatorSpec, part: Partial<Detection>) =>
    toRecord({ ...program, operators: [spec] }, { ...detection, ...part }, { mode: 'live' }).reason;
  assert.match(of(single, { window: null, key: [], values: ['m', 1, null, null] }), / at 1970-01-01T00:26:40.000Z$/);
  const tumbling: OperatorSpec = { ...operator, window: { kind: 'tumbling', size_ms: 600_000, decided: 'end' } };
  assert.match(of(tumbling, {}), / from 1970-01-01T00:16:40.000Z to before 1970-01-01T00:26:40.000Z$/);
});
