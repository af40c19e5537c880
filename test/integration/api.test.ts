import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../at-end.ts';
import { SseReader } from '../ui-api/api/sse-reader.ts';
import { WeirProcess } from './weir-process.ts';

const files: Readonly<Record<string, string>> = {
  'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;\n',
  'rules/fails.rule.sql': `CREATE RULE fails SEVERITY low AS
SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';\n`,
};

const event = (id: string, at_ms: number) =>
  JSON.stringify({
    ...{ event_id: id, timestamp: at_ms, platform: 'x', event_type: 'login', account_id: id, auth: { result: 'fail' } },
  });

test('a real Weir, killed and restarted: the stream goes on where its reader was, the outage is a blind interval, a run finds the same', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-api-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const data = join(folder, 'data');
  const rules = [join(folder, 'rules')];
  let weir = await WeirProcess.start(rules, data, ['--port', '0']);
  atEnd(context, () => weir.end('SIGKILL'));
  const token = readFileSync(join(data, 'token'), 'utf8').trim();
  const get = async (path: string) => {
    const answer = await fetch(weir.url + path, { headers: { authorization: `Bearer ${token}` } });
    return {
      status: answer.status,
      body: (await answer.json()) as Record<string, unknown> & { items: Record<string, unknown>[] },
    };
  };
  assert.deepEqual((await get('/v1/ready')).body, { status: 'ready', recovered: true, log_writable: true });
  const now_ms = Date.now();
  let reader = await SseReader.open(`${weir.url}/v1/alerts/stream`, token);
  await reader.until(() => reader.last_id !== '');
  assert.equal(
    await weir.post(
      ['a', 'b', 'c'].map((id, i) => event(id, now_ms - 5000 + i)),
      'p',
    ),
    200,
  );
  await reader.until(() => reader.events.length > 0);
  const seen = reader.events.map(({ data: record }) => (record.values as { account_id: string }).account_id);
  await reader.close();
  await weir.end('SIGKILL');
  // As if it had been down for an hour: its last sign of life was then.
  const state = join(data, 'blind-state.json');
  writeFileSync(state, JSON.stringify({ alive_ms: now_ms - 3_600_000, sources: {} }));
  weir = await WeirProcess.start(rules, data, ['--port', '0']);
  // Ahead of the clock, with an event behind it that lets W pass: however slow the machine, it is not late.
  const passing = event('z', Date.now() + 120_000).replace('"login"', '"logout"');
  assert.equal(await weir.post([event('d', Date.now() + 60_000), passing], 'p'), 200);
  reader = await SseReader.open(`${weir.url}/v1/alerts/stream`, token, reader.last_id);
  const accounts = () =>
    reader.events
      .filter(({ event: kind }) => kind === 'detection')
      .map(({ data: record }) => (record.values as { account_id: string }).account_id);
  await reader.until(() => accounts().includes('d') && reader.events.some(({ event: kind }) => kind === 'blind'));
  assert.deepEqual([...seen, ...accounts()], ['a', 'b', 'c', 'd']);
  const [down] = reader.events.filter(({ event: kind }) => kind === 'blind');
  assert.deepEqual([down.data.cause, down.data.start], ['down', new Date(now_ms - 3_600_000).toISOString()]);
  assert.deepEqual(
    (await get('/v1/blind')).body.items.map(({ id }) => id),
    [down.data.id],
  );
  await reader.close();
  const found = await get('/v1/events?id=d');
  assert.deepEqual(
    found.body.items.map(({ partition }) => partition),
    ['p'],
  );
  const listed = (await get('/v1/alerts')).body.items;
  assert.deepEqual(
    listed.map(({ values }) => (values as { account_id: string }).account_id),
    ['d', 'c', 'b', 'a'],
  );
  const started = await fetch(`${weir.url}/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: '{}',
  });
  const { id } = (await started.json()) as { id: string };
  for (let run = (await get(`/v1/runs/${id}`)).body; run.state !== 'done'; run = (await get(`/v1/runs/${id}`)).body) {
    assert.ok(run.state === 'queued' || run.state === 'running', String(run.error));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const again = (await get(`/v1/runs/${id}/detections`)).body.items;
  assert.deepEqual(
    again.map((record) => record.id).sort(),
    listed.map((record) => record.id).sort(),
    'the rule that backtests is the rule that runs',
  );
  assert.equal(await weir.end('SIGINT'), 0);
});
