import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { type Detection, Engine, type LogEntry, lookupContent, SortedRun } from '../../../engine/index.ts';

const { plan } = compile([
  {
    path: 'lookups.rule.sql',
    text: `CREATE STREAM events ("type" string, ip ip) LATENESS 100 MILLISECONDS MAX AHEAD 1 DAYS;
CREATE LOOKUP nets (net cidr PRIMARY KEY) WITH (source = 'nets.csv');
CREATE RULE outside AS SELECT ip FROM events WHERE ip NOT IN LOOKUP nets;
CREATE RULE minute AS SELECT count(*) AS n FROM events WHERE ip IN LOOKUP nets
WINDOW TUMBLING 1 SECONDS EMIT AT END;`,
  },
]);
assert.ok(plan !== null);
const program = buildProgram(plan);
const utf8 = new TextEncoder();

function event(timestamp: number, event_id: string, ip: string): LogEntry {
  const bytes = utf8.encode(JSON.stringify({ timestamp, event_id, tenant_id: 'T', type: 'A', ip }));
  return { kind: 'record', record: { partition: 'p', position: 0, received_at: 0, bytes } };
}

function nets(from_ms: number, ...networks: string[]): Extract<LogEntry, { kind: 'lookup' }> {
  const { name, version, bytes } = lookupContent(
    'nets',
    [{ name: 'net', type: 'cidr' }],
    networks.map((network) => [network]),
  );
  return { kind: 'lookup', name, from_ms, version, bytes };
}

const home = '10.0.0.1';
const away = '192.0.2.1';
const first = nets(Number.NEGATIVE_INFINITY, '10.0.0.0/8');
/** At load W is 400: the event of 500 stands in the log already, and is judged by the rows that act at its time. */
const second = nets(450, '192.0.2.0/24');
const history: LogEntry[] = [
  first,
  event(400, 'a', away),
  event(500, 'b', away),
  second,
  event(449, 'c', away),
  event(450, 'd', home),
  event(3000, 'z', home),
];

const brief = (detections: readonly Detection[]) =>
  detections.map(({ rule, evidence, decided_at }) => `${rule} ${decided_at} ${evidence.join()}`);
const expected = ['outside 400 a', 'outside 449 c', 'outside 450 d', 'minute 999 b', 'outside 3000 z'];

function live(restartAt: number): Detection[] {
  let engine = new Engine(program);
  const detections: Detection[] = [];
  history.forEach((entry, position) => {
    if (position === restartAt) engine = Engine.restore(program, structuredClone(engine.snapshot()));
    engine.apply(position, entry);
    detections.push(...engine.advance().detections);
  });
  engine.apply(history.length, { kind: 'end' });
  return [...detections, ...engine.advance().detections];
}

test('S13 S1 a lookup version acts from its recorded stream time; live, restarted anywhere and sorted are the same', () => {
  for (let restartAt = -1; restartAt <= history.length; restartAt++) {
    assert.deepEqual(brief(live(restartAt)), expected, `restarted at ${restartAt}`);
  }
  const run = new SortedRun(program);
  for (const entry of history) {
    if (entry.kind === 'record') run.add(entry.record);
    else if (entry.kind === 'lookup') run.activate(entry);
  }
  assert.deepEqual(brief([...run.finish()].flat()), expected);
});

test('law 8: a detection names the versions that acted between its first event and its decision', () => {
  const versions = new Map(live(-1).map(({ evidence, lookups }) => [evidence[0], lookups]));
  assert.deepEqual(versions.get('a'), [{ name: 'nets', versions: [first.version] }]);
  assert.deepEqual(versions.get('d'), [{ name: 'nets', versions: [second.version] }]);
});

test('S13 before its first version nothing is in a lookup and nothing is not in it', () => {
  const engine = new Engine(program);
  const entries: LogEntry[] = [event(400, 'a', away), event(500, 'b', home), { kind: 'end' }];
  entries.forEach((entry, position) => {
    engine.apply(position, entry);
  });
  assert.deepEqual(brief(engine.advance().detections), []);
  assert.deepEqual([...engine.lookup_versions], [['nets', null]]);
});

test('NULL in the key is neither in a lookup nor not in it', () => {
  const engine = new Engine(program);
  const bytes = utf8.encode(JSON.stringify({ timestamp: 400, event_id: 'n', tenant_id: 'T', type: 'A' }));
  engine.apply(0, first);
  engine.apply(1, { kind: 'record', record: { partition: 'p', position: 0, received_at: 0, bytes } });
  engine.apply(2, { kind: 'end' });
  assert.deepEqual(brief(engine.advance().detections), []);
});
