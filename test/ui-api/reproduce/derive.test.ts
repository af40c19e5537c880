import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorsOf } from '../../../connectors/index.ts';
import { buildProgram } from '../../../dsl/build/index.ts';
import { compile } from '../../../dsl/index.ts';
import type { LogEntry } from '../../../engine/index.ts';
import { derive } from '../../../ui-api/reproduce/derive.ts';

const text = `CREATE RULE tries AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING n >= 3;`;
const { plan } = compile([{ path: 'tries.rule.sql', text }]);
assert.ok(plan);
const program = buildProgram(plan);
const start_ms = Date.UTC(2026, 0, 5);
const minute_ms = 60_000;

const entries: { position: number; entry: LogEntry }[] = [0, 1, 2, 3, 20, 21, 22, 60].map((minute, position) => {
  const event = {
    ...{ event_id: `e${position}`, timestamp: start_ms + minute * minute_ms },
    ...{ platform: 'inhouse', event_type: 'login', account_id: 'mara' },
  };
  const record = {
    ...{ partition: 'http', position, received_at: start_ms + minute * minute_ms },
    bytes: new TextEncoder().encode(JSON.stringify(event)),
  };
  return { position, entry: { kind: 'record', record } };
});

/** What the history from a position on gives for the detection decided at a minute. */
async function from(position: number, minute: number) {
  const read = async function* (until = Number.POSITIVE_INFINITY) {
    for (const one of entries) if (one.position >= position && one.position < until) yield one;
  };
  const decided_ms = start_ms + minute * minute_ms;
  const asked = { id: '', since_ms: decided_ms, until_ms: decided_ms + 1, is_early: false };
  const { records, ...rest } = await derive(program, asked, 'tries', (until) => cursorsOf(read(until)));
  assert.deepEqual(records, []);
  return rest;
}

test('a history that was cut says whether the rule remembers what is gone', async () => {
  const whole = await from(0, 22);
  assert.deepEqual([whole.begins_at, whole.coverage, whole.events], [0, 'warm', 8]);
  const enough = await from(2, 22);
  assert.deepEqual([enough.begins_at, enough.coverage], [2, 'warm'], 'ten minutes before are there');
  const cut = await from(5, 22);
  assert.deepEqual([cut.begins_at, cut.coverage], [5, 'partial']);
  assert.deepEqual(cut.notes, []);
});
