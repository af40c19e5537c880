import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorsOf } from '../../../connectors/index.ts';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import type { LogEntry, Snapshot } from '../../../engine/index.ts';
import { LogHistory } from '../../../ui-api/cli/log-history.ts';
import { declaredRules, programOf, randomLog, settings } from '../../integration/column-world.ts';

const text = `
CREATE LOOKUP corp (net cidr PRIMARY KEY, reason string) WITH (source = 'corp.csv');
CREATE RULE outside AS SELECT account_id FROM events WHERE actor.ip NOT IN LOOKUP corp;
CREATE RULE followed AS SELECT account_id FROM events AS e WHERE event_type = 'login' AND actor.ip NOT IN LOOKUP corp
  AND EXISTS (SELECT * FROM events AS s WHERE s.account_id = e.account_id AND s.event_type = 'logout' WITHIN 1 MINUTE);
CREATE RULE tags AS SELECT account_id FROM events CROSS JOIN UNNEST(details.tags::array) AS t(x) WHERE x = 'bot';`;

function record(position: number, event: object): { position: number; entry: LogEntry } {
  const bytes = new TextEncoder().encode(JSON.stringify({ platform: 'p', account_id: 'a', ...event }));
  return { position, entry: { kind: 'record', record: { partition: 'p', position, received_at: 2_000_000, bytes } } };
}

test('what a log says of itself does not depend on joins, EXISTS, UNNEST and lookups of the rules that ask', async () => {
  const file = { path: 'r.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan, renderDiagnostics(diagnostics, [file], { color: false }));
  async function* log(_until?: number) {
    yield record(0, {
      timestamp: 1_000_000,
      event_type: 'login',
      actor: { ip: '10.1.1.1' },
      details: { tags: ['bot'] },
    });
    yield record(1, { timestamp: 1_001_000, event_type: 'logout' });
    yield record(2, { event_type: 'logout' });
    yield record(3, { timestamp: 1_100_000, event_type: 'login' });
  }
  const history = await LogHistory.read((until) => cursorsOf(log(until)), buildProgram(plan));
  assert.equal(history.end_position, 4);
  assert.equal(history.watermark_ms, 1_100_000 - 5_000);
  assert.deepEqual(
    [0, 1, 2, 3].map((position) => history.of(position)),
    ['accepted', 'accepted', 'rejected', undefined],
  );
});

test('S4 S3 a log that was written with another LATENESS: its verdicts stand, W never falls, and what lacks a verdict gets a restart’s', async () => {
  const later = { path: 'r.rule.sql', text: `CREATE STREAM events LATENESS 1 MINUTE;${text}` };
  const { plan } = compile([later]);
  assert.ok(plan);
  const event = (id: string, timestamp: number) => ({ event_id: id, timestamp, event_type: 'login' });
  const verdict = (
    position: number,
    of: number,
    verdict: 'accepted' | 'late',
  ): { position: number; entry: LogEntry } => {
    return { position, entry: { kind: 'verdict', position: of, verdict, detail: '' } };
  };
  // With LATENESS 1 SECONDS the second record was late. Weir was killed before it had judged the last two.
  const entries = [
    record(0, event('one', 1_000_000)),
    record(1, event('late', 990_000)),
    verdict(2, 1, 'late'),
    record(3, event('two', 1_010_000)),
    verdict(4, 0, 'accepted'),
    record(5, event('late', 1_002_000)),
    record(6, event('behind', 999_000)),
  ];
  async function* log(until = entries.length) {
    yield* entries.slice(0, until);
  }
  const history = await LogHistory.read((until) => cursorsOf(log(until)), buildProgram(plan));
  assert.equal(history.watermark_ms, 1_000_001, 'the first event had been released');
  assert.deepEqual(
    [0, 1, 3, 5, 6].map((position) => history.of(position)),
    ['accepted', 'late', undefined, undefined, 'late'],
    'a late record wins no id: the second one of its id is none of its duplicates; what W has passed is late',
  );
});

test('S3 S4 a state of the door that was kept at the end of a segment goes on as if all before it had been read', async () => {
  let kept = 0;
  let told = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const entries = randomLog(seed, 150, { without_id: seed % 2 === 0 ? 0.05 : 0, restarts: seed % 3 === 0 });
    const read = (until = entries.length, from = 0) => {
      async function* each() {
        for (let position = from; position < until; position++) yield { position, entry: entries[position] };
      }
      return cursorsOf(each(), 7);
    };
    for (const stream of settings) {
      const program = programOf(stream, declaredRules);
      const all = await LogHistory.read(read, program);
      for (const end of [40, 90, 140]) {
        const first = await LogHistory.read(read, program, { from: 0, state: null, ends: [end] });
        if (first.state === null) continue;
        assert.equal(first.judged_end, end);
        const known = { from: end, state: { position: end, snapshot: structuredClone(first.state) } };
        const ends = [end + 20];
        const resumed = await LogHistory.read(read, program, { ...known, ends });
        assert.equal(resumed.watermark_ms, all.watermark_ms, `seed ${seed}, ${stream}, ${end}`);
        assert.equal(resumed.end_position, all.end_position);
        for (let position = end; position < entries.length; position++) {
          assert.equal(resumed.of(position), all.of(position), `seed ${seed}, ${stream}, ${end}: ${position}`);
        }
        const later = await LogHistory.read(read, program, { from: 0, state: null, ends });
        assert.deepEqual(partsOf(resumed.state), partsOf(later.state), `seed ${seed}, ${stream}, ${end}`);
        kept++;
        told += entries.filter(({ kind }, at) => at >= end && kind === 'record').length;
      }
    }
  }
  assert.ok(kept > 50 && told > 1000, `${kept} states, ${told} records behind them`);
});

/** Of a state what does not depend on where its rows lie. */
function partsOf(state: Snapshot | null): unknown {
  const door = (state as { door: { watermark: unknown; waiting: Float64Array; rows: { count: number } } } | null)?.door;
  return door === undefined ? null : { watermark: door.watermark, waiting: door.waiting, rows: door.rows.count };
}

test('a state of another version of Weir, or of other settings, is not gone on from: all is read', async () => {
  const entries = randomLog(1, 150, { without_id: 0, restarts: false });
  const read = (until = entries.length, from = 0) => {
    async function* each() {
      for (let position = from; position < until; position++) yield { position, entry: entries[position] };
    }
    return cursorsOf(each());
  };
  const [program, other] = settings.map((stream) => programOf(stream));
  const all = await LogHistory.read(read, other);
  const { state } = await LogHistory.read(read, program, { from: 0, state: null, ends: [90] });
  assert.ok(state !== null);
  for (const snapshot of [state, { ...(state as object), layout: 0 } as Snapshot]) {
    const again = await LogHistory.read(read, other, { from: 90, state: { position: 90, snapshot }, ends: [] });
    assert.equal(again.watermark_ms, all.watermark_ms);
    assert.equal(again.first_position, 0);
  }
});
