import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildProgram, compile } from '../../dsl/index.ts';
import type { BlindRecord } from '../../ui-api/live/blind-watch.ts';
import { atEnd } from '../at-end.ts';
import { TestWeir } from './test-weir.ts';

const start_ms = Date.parse('2026-01-05T10:00:00Z');
const text =
  "CREATE RULE failing AS SELECT account_id FROM events WHERE event_type = 'login' AND auth.result = 'fail';";

test('law 7: a sender that leaves a field out that a rule reads makes a live Weir say that it is blind, until the field is back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-field-'));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  const { plan } = compile([{ path: 'failing.rule.sql', text }]);
  assert.ok(plan);
  const weir = new TestWeir(buildProgram(plan), folder, start_ms);
  await weir.start();
  atEnd(t, () => weir.stop());
  let sent = 0;
  const send = async (count: number, every_ms: number, more: object): Promise<void> => {
    for (let i = 0; i < count; i++) {
      weir.pass(every_ms);
      const event = {
        event_id: `e${sent++}`,
        timestamp: weir.now_ms,
        platform: 'web',
        event_type: 'login',
        account_id: 'a',
      };
      await weir.post([JSON.stringify({ ...event, ...more })], 'p0');
    }
  };
  const open = () => weir.weir.status().blind.map(({ cause, source }) => `${cause} ${source}`);
  await send(110, 1000, { auth: { result: 'success' } });
  const last_seen = new Date(weir.now_ms).toISOString();
  await send(20, 30_000, { auth: { method: 'password' } });
  assert.deepEqual(open(), [], 'ten minutes are no quarter of an hour');
  await send(12, 30_000, { auth: { method: 'password' } });
  assert.deepEqual(open(), ['field web login: auth.result']);
  await send(1, 1000, { auth: { result: 'success' } });
  const back = new Date(weir.now_ms).toISOString();
  assert.deepEqual(open(), []);
  await weir.stop();
  const records = readFileSync(join(weir.data, 'blind.ndjson'), 'utf8').trim().split('\n');
  assert.deepEqual(
    records
      .map((line) => JSON.parse(line) as BlindRecord)
      .filter(({ cause }) => cause === 'field')
      .map(({ status, start, end }) => [status, start, end]),
    [
      ['open', last_seen, null],
      ['closed', last_seen, back],
    ],
  );
});
