import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SegmentLog } from '../../../connectors/index.ts';
import { compile, loadRuleFiles } from '../../../dsl/index.ts';
import type { LogEntry } from '../../../engine/index.ts';
import { diskReader } from '../../../ui-api/cli/rules.ts';
import { RunDesk } from '../../../ui-api/runs/run-desk.ts';
import type { RunRecord } from '../../../ui-api/runs/run-record.ts';
import { atEnd } from '../../at-end.ts';
import { codeOf, type Started, start, token } from './api-world.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');
const rule = `CREATE RULE fails SEVERITY low AS
SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';\n`;

/** A log of so many failed logins, each of another account, that has ended. */
async function writeLog(directory: string, events: number): Promise<void> {
  const log = await SegmentLog.open({ directory });
  const entries = Array.from({ length: events }, (_, i): LogEntry => {
    const event = {
      event_id: `e${i}`,
      timestamp: start_ms + i,
      platform: 'x',
      event_type: 'login',
      account_id: `a${i}`,
    };
    const bytes = Buffer.from(JSON.stringify({ ...event, auth: { result: 'fail' } }));
    return { kind: 'record', record: { partition: 'p', position: i, received_at: start_ms + i, bytes } };
  });
  await log.append([...entries, { kind: 'end' }]);
  await log.close();
}

async function startWithRuns(
  context: TestContext,
  most_running = 1,
  most_kept = 50,
): Promise<Started & { readonly desk: RunDesk }> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-runs-'));
  mkdirSync(join(folder, 'rules/streams'), { recursive: true });
  writeFileSync(join(folder, 'rules/streams/events.stream.sql'), 'CREATE STREAM events LATENESS 1 SECONDS;\n');
  writeFileSync(join(folder, 'rules/fails.rule.sql'), rule);
  await writeLog(join(folder, 'log'), 20);
  const desk = deskOf(folder, most_running, most_kept);
  atEnd(context, async () => {
    await desk.stop();
    rmSync(folder, { recursive: true });
  });
  const started = await start(context, {}, folder, (world) => {
    world.runs = desk;
  });
  return { ...started, desk };
}

function deskOf(folder: string, most_running: number, most_kept = 50): RunDesk {
  const loaded = loadRuleFiles(diskReader(folder), ['rules']);
  const { plan } = compile(loaded.rules);
  assert.ok(plan !== null);
  const files = { folder, paths: ['rules'], plan, loaded };
  return new RunDesk({
    folder: join(folder, 'runs'),
    data: folder,
    history: join(folder, 'runs.ndjson'),
    version: '0',
    files: () => files,
    now_ms: () => start_ms,
    most_running,
    most_kept,
  });
}

const headers = { authorization: `Bearer ${token}` };
const startRun = (url: string, body: unknown) =>
  fetch(`${url}/v1/runs`, { method: 'POST', headers, body: JSON.stringify(body) });

async function ended(url: string, id: string): Promise<RunRecord> {
  for (;;) {
    const run = (await (await fetch(`${url}/v1/runs/${id}`, { headers })).json()) as RunRecord;
    if (run.ended_at !== null) return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a run is what weir backtest --from log finds, of the rules and of a candidate; with progress and summary', async (context) => {
  const { url, get, world } = await startWithRuns(context, 2);
  const candidate = {
    name: 'first_ones',
    text: rule.replace('RULE fails', 'RULE first_ones').replace(';', " AND account_id LIKE 'a1%';"),
  };
  const answers = [await startRun(url, {}), await startRun(url, { candidate, until: '2026-03-01T10:00:00.015Z' })];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [202, 202],
  );
  const [all, tried] = (await Promise.all(answers.map((answer) => answer.json()))) as RunRecord[];
  const done = await ended(url, all.id);
  assert.equal(done.state, 'done', done.error ?? '');
  assert.deepEqual(done.progress, { step: 'events', read: 21, of: 21 });
  assert.equal((done.summary as { accepted: number }).accepted, 20);
  assert.deepEqual(Object.keys(done.plan_hashes), ['fails']);
  const found = async (id: string, query = '') =>
    (await (await get(`/v1/runs/${id}/detections${query}`)).json()) as {
      items: { rule: string; key: object }[];
      next_cursor: string | null;
    };
  assert.equal((await found(all.id)).items.length, 20);
  const page = await found(all.id, '?limit=7');
  assert.equal(page.items.length, 7);
  assert.equal((await found(all.id, `?cursor=${page.next_cursor}`)).items.length, 13);
  assert.equal((await ended(url, tried.id)).state, 'done');
  const rules = (await found(tried.id)).items.map((record) => record.rule);
  assert.deepEqual(rules, new Array(6).fill('first_ones'), 'a1 and a10 to a14');
  const listed = (await (await get('/v1/runs')).json()) as { items: RunRecord[] };
  assert.deepEqual(
    listed.items.map(({ id }) => id),
    [tried.id, all.id],
  );
  const audit = readFileSync(join(world.folder, 'audit.ndjson'), 'utf8');
  assert.equal(audit.split('run.start').length - 1, 2);
});

test('an alert is derived again by a run: equal, or what differs of it; what is no alert is refused', async (context) => {
  const { url, get, world } = await startWithRuns(context, 2);
  const backtest = (await (await startRun(url, { rules: ['fails'] })).json()) as RunRecord;
  assert.equal((await ended(url, backtest.id)).state, 'done');
  const found = (await (await get(`/v1/runs/${backtest.id}/detections?limit=2`)).json()) as {
    items: { id: string; values: object }[];
  };
  const [first, second] = found.items;
  // What was stored of the second one is not what the rule finds.
  world.detections.append(first, { ...second, values: { account_id: 'somebody else' } });
  const reproduce = (id: string) => fetch(`${url}/v1/alerts/${id}/reproduce`, { method: 'POST', headers });
  const outcomes: unknown[] = [];
  for (const { id } of [first, second]) {
    const answer = await reproduce(id);
    assert.equal(answer.status, 202);
    const run = await ended(url, ((await answer.json()) as RunRecord).id);
    assert.equal(run.state, 'done', run.error ?? '');
    assert.equal(run.parameters.reproduce, id);
    const { outcome, records } = run.summary as {
      outcome: string;
      records: { parts: { part: string; is_equal: boolean }[] }[];
    };
    const differing = records.flatMap(({ parts }) => parts.filter(({ is_equal }) => !is_equal).map(({ part }) => part));
    outcomes.push([outcome, differing]);
  }
  assert.deepEqual(outcomes, [
    ['equal', []],
    ['differs', ['values']],
  ]);
  assert.equal(await codeOf(await reproduce('none')), 'not_found');
  const audit = readFileSync(join(world.folder, 'audit.ndjson'), 'utf8');
  assert.match(audit, new RegExp(`"action":"run.start".*"reproduce":"${first.id}"`));
});

test('a run that fails says why; what is no run is refused; an id leads nowhere but to a run', async (context) => {
  const { url, get } = await startWithRuns(context);
  const broken = (await (
    await startRun(url, { candidate: { name: 'x', text: 'CREATE RULE x AS SELECT nothing FROM events;' } })
  ).json()) as RunRecord;
  const run = await ended(url, broken.id);
  assert.equal(run.state, 'failed');
  assert.match(run.error ?? '', /W0107[\s\S]*nothing/);
  for (const body of [
    ...[
      { rules: ['none'] },
      { rules: [] },
      { rules: ['fails'], candidate: { name: 'x', text: 'x' } },
      { rules: 'fails' },
    ],
    ...[
      { since: '' },
      { late: 'exclude' },
      { candidate: { name: '../x', text: 'x' } },
      { candidate: { name: 'x' } },
      { candidate: { name: 'x', text: 'CREATE RULE y AS SELECT account_id FROM events; -- CREATE RULE x' } },
      [],
      7,
    ],
  ]) {
    const answer = await startRun(url, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    await answer.body?.cancel();
  }
  for (const id of ['none', '..', '..%2f..%2flog', 'r00000000-000000', '%00']) {
    for (const path of [`/v1/runs/${id}`, `/v1/runs/${id}/detections`])
      assert.equal((await get(path)).status, 404, path);
  }
  const cancelled = await fetch(`${url}/v1/runs/${broken.id}/cancel`, { method: 'POST', headers });
  assert.equal(await codeOf(cancelled), 'conflict');
});

test('runs wait for room, are cancelled while they wait or run, and are interrupted by an end of Weir', async (context) => {
  const { url, desk, world } = await startWithRuns(context);
  const runs: RunRecord[] = [];
  for (let i = 0; i < 9; i++) runs.push((await (await startRun(url, {})).json()) as RunRecord);
  assert.deepEqual(
    runs.map(({ state }) => state),
    ['running', ...new Array(8).fill('queued')],
  );
  const refused = await startRun(url, {});
  assert.equal(refused.status, 429);
  assert.equal(await codeOf(refused), 'too_many_runs');
  const cancel = async (id: string) => (await fetch(`${url}/v1/runs/${id}/cancel`, { method: 'POST', headers })).status;
  assert.equal(await cancel(runs[8].id), 202);
  assert.equal(await cancel(runs[0].id), 202);
  assert.equal((await ended(url, runs[0].id)).state, 'cancelled');
  await desk.stop();
  const later = deskOf(world.folder, 1);
  const states = later
    .list()
    .map(({ state }) => state)
    .reverse();
  assert.deepEqual(states, ['cancelled', ...new Array(7).fill('interrupted'), 'cancelled']);
  await later.stop();
});

test('a run that was cancelled is kept until its process has ended, and lines that look like progress end nothing', async (context) => {
  const { url, desk } = await startWithRuns(context, 1, 1);
  const first = (await (await startRun(url, {})).json()) as RunRecord;
  assert.equal(desk.cancel(first.id), true);
  const text = 'CREATE RULE x AS SELECT nothing\n{"step":}\nFROM events;';
  // At once: the process that was told to end cannot have ended yet.
  const parameters = { rules: null, candidate: { name: 'x', text }, since: null, until: null, late_include: false };
  const second = desk.start(parameters, 'test', () => {});
  assert.deepEqual(
    desk.list().map(({ id, state }) => [id, state]),
    [
      [second.id, 'queued'],
      [first.id, 'cancelled'],
    ],
  );
  assert.equal((await ended(url, second.id)).state, 'failed');
  assert.deepEqual(
    desk.list().map(({ id }) => id),
    [second.id, first.id],
    'each record is one of a run',
  );
});
