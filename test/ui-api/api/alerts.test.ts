import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, start } from './api-world.ts';

const alert = (id: string, more: object = {}) => ({
  ...{ schema_version: 'v1', id, revision: 1, timing: 'final', status: 'open', rule: 'guessing', severity: 'high' },
  ...{ tenant_id: 'default', entity: { type: 'account', id: 'acct_1' }, decided_at: '2026-03-01T10:00:00.000Z' },
  ...more,
});

test('alerts: each filter, of one tenant unless asked, without suppressed ones and those of shadow rules', async (context) => {
  const { world, get } = await start(context);
  world.detections.append(
    alert('a'),
    alert('b', { rule: 'spray', severity: 'low' }),
    alert('c', { tenant_id: 'shop' }),
    alert('d', { status: 'suppressed' }),
    alert('e', { provenance: { rule_mode: 'shadow' } }),
    alert('f', { entity: { type: 'address', id: '203.0.113.9' }, severity: 'critical' }),
    alert('g', { decided_at: '2026-03-02T00:00:00.000Z' }),
    alert('a', { revision: 2, status: 'closed' }),
  );
  const ids = async (query: string) => {
    const answer = await get(`/v1/alerts?${query}`);
    assert.equal(answer.status, 200, query);
    const { items } = (await answer.json()) as { items: { id: string }[] };
    return items.map(({ id }) => id).join('');
  };
  assert.equal(await ids(''), 'agfb');
  assert.equal(await ids('revisions=all'), 'agfba');
  assert.equal(await ids('status=open'), 'gfb', 'a is closed now');
  assert.equal(await ids('rule=spray'), 'b');
  assert.equal(await ids('severity=low,critical'), 'fb');
  assert.equal(await ids('tenant=shop'), 'c');
  assert.equal(await ids('tenant=*'), 'agfcb');
  assert.equal(await ids('status=suppressed'), 'd');
  assert.equal(await ids('status=closed'), 'a');
  assert.equal(await ids('entity=203.0.113.9'), 'f');
  assert.equal(await ids('entity=account:acct_1&until=2026-03-02T00:00:00Z'), 'ab');
  assert.equal(await ids('since=1772409600000'), 'g');
  assert.equal(await ids("rule=' OR 1=1 --"), '');
  assert.equal(await codeOf(await get('/v1/alerts/c')), 'not_found', 'it is of another tenant');
  assert.equal((await get('/v1/alerts/c?tenant=shop')).status, 200);
  assert.equal((await get('/v1/alerts/c?tenant=*')).status, 200);
  const one = (await (await get('/v1/alerts/a')).json()) as { items: { revision: number }[] };
  assert.deepEqual(
    one.items.map(({ revision }) => revision),
    [1, 2],
  );
  assert.equal(await codeOf(await get('/v1/alerts/guessing')), 'not_found');
  for (const wrong of ['severity=worst', 'since=yesterday', 'limit=0', 'limit=1001', 'cursor=nonsense', 'rule=']) {
    const answer = await get(`/v1/alerts?${wrong}`);
    assert.equal(answer.status, 400, wrong);
    assert.match(await codeOf(answer), /^bad_(parameter|cursor)$/);
  }
});

test('pages of alerts: the cursors lead through all of them, once each', async (context) => {
  const { world, get } = await start(context);
  for (let i = 0; i < 23; i++) world.detections.append(alert(`d${i}`));
  const seen: string[] = [];
  let query = 'limit=5';
  for (;;) {
    const page = (await (await get(`/v1/alerts?${query}`)).json()) as {
      items: { id: string }[];
      next_cursor: string | null;
    };
    seen.push(...page.items.map(({ id }) => id));
    if (page.next_cursor === null) break;
    world.detections.append(alert('new'));
    query = `limit=5&cursor=${page.next_cursor}`;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 23 }, (_, i) => `d${22 - i}`),
  );
});

test('searches go on four at a time; more of them are asked to wait, and take no place for ever', async (context) => {
  const { world, get } = await start(context);
  for (let i = 0; i < 3000; i++) world.detections.append(alert(`d${i}`));
  const answers = await Promise.all(Array.from({ length: 12 }, () => get('/v1/alerts/d7')));
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.every((status) => status === 200 || status === 429));
  assert.ok(statuses.filter((status) => status === 200).length >= 4);
  for (const answer of answers) {
    if (answer.status === 429) assert.equal(answer.headers.get('retry-after'), '1');
    await answer.body?.cancel();
  }
  assert.equal((await get('/v1/alerts/d7')).status, 200);
});
