import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deskOf, newFolder, start, token } from './api-world.ts';

const rule = (name: string) => `CREATE RULE ${name} SEVERITY low AS
SELECT account_id FROM events WHERE event_type = '${name}' CLOSE AFTER 10 MINUTES QUIET;\n`;
const tests = (...names: string[]) =>
  names
    .map((name) => {
      const event = `{ event_type: ${name}, account_id: a }`;
      return `- test: ${name} fires\n  events: [{ event: ${event} }]\n  expect: [{ rule: ${name} }]\n`;
    })
    .join('');

const files = {
  'rules/own/alone.rule.sql': rule('alone'),
  'rules/own/alone.test.yaml': tests('alone'),
  'rules/own/pair.rule.sql': `${rule('first')}\n-- The second of two.\n${rule('second')}`,
  'rules/own/pair.test.yaml': tests('first', 'second'),
};

async function startWith(context: TestContext, given: Readonly<Record<string, string>> = files) {
  const folder = newFolder(context);
  for (const [path, text] of Object.entries(given)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { url } = await start(context, {}, folder, (world) => {
    world.rules = deskOf(folder);
  });
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { items: Item[] } };
  };
  return { ask, folder, text: (path: string) => readFileSync(join(folder, path), 'utf8') };
}

type Item = Readonly<Record<string, unknown>>;

test('a rule goes with its file and tests; the answer has what brings it back; its versions and the audit say who and why', async (context) => {
  const { ask, folder, text } = await startWith(context);
  const { body: before } = await ask('GET', 'rules/alone');
  const gone = await ask('DELETE', `rules/alone?replaces=${before.plan_hash}&because=too%20loud`);
  // This desk makes nothing take over: that waits for a start, and the list says so.
  assert.equal(gone.status, 202, JSON.stringify(gone.body));
  const { file, path, tests: own, live, open_alerts, needs } = gone.body;
  assert.deepEqual(
    { file, path, live, open_alerts },
    { file: 'removed', path: 'rules/own/alone.rule.sql', live: false, open_alerts: 0 },
  );
  assert.match(String(needs), /restart/);
  assert.equal(gone.body.text, files['rules/own/alone.rule.sql']);
  assert.deepEqual(own, { path: 'rules/own/alone.test.yaml', text: files['rules/own/alone.test.yaml'] });
  for (const one of ['rule.sql', 'test.yaml']) assert.equal(existsSync(join(folder, `rules/own/alone.${one}`)), false);
  const listed = (await ask('GET', 'rules')).body.items.find(({ name }) => name === 'alone');
  assert.equal((listed?.pending as Item | undefined)?.removes, true);
  const [latest] = (await ask('GET', 'rules/alone/versions')).body.items;
  assert.deepEqual(
    [latest.how, latest.by, latest.because, latest.plan_hash],
    ['remove', 'owner', 'too loud', before.plan_hash],
  );
  const audit = (await ask('GET', 'audit?action=rule.remove')).body.items;
  assert.deepEqual(
    [audit[0].target, audit[0].outcome, (audit[0].details as Item).because],
    ['alone', 'done', 'too loud'],
  );
  const names = () =>
    deskOf(folder)
      .list()
      .map((one) => (one as Item).name);
  assert.deepEqual(names(), ['first', 'second']);
  const back = await ask('PUT', 'rules/alone', { text: gone.body.text, tests: (own as Item).text, pack: 'own' });
  assert.equal(back.status, 202, JSON.stringify(back.body));
  assert.deepEqual(names(), ['alone', 'first', 'second']);
  assert.equal(text('rules/own/alone.test.yaml'), files['rules/own/alone.test.yaml']);
});

test('a rule that went and came back on disk is a version again', async (context) => {
  const { ask, folder } = await startWith(context);
  await ask('DELETE', 'rules/alone');
  writeFileSync(join(folder, 'rules/own/alone.rule.sql'), files['rules/own/alone.rule.sql']);
  const versions = deskOf(folder).versions('alone');
  assert.deepEqual(
    versions.map(({ how }) => how),
    ['start', 'remove', 'start'],
  );
});

test('of a file with several rules one is taken out, when no test of it is left; the others stay as they were', async (context) => {
  const { ask, text } = await startWith(context);
  const tested = await ask('DELETE', 'rules/second');
  assert.deepEqual([tested.status, tested.body.code], [422, 'rule_refused']);
  assert.match(JSON.stringify(tested.body.details), /second/);
  assert.equal(text('rules/own/pair.rule.sql'), files['rules/own/pair.rule.sql']);
  const first = { text: files['rules/own/pair.rule.sql'], tests: tests('first') };
  assert.equal((await ask('PUT', 'rules/first', first)).status, 202);
  const gone = await ask('DELETE', 'rules/second');
  assert.deepEqual([gone.status, gone.body.file, gone.body.tests], [202, 'rewritten', null]);
  assert.equal(text('rules/own/pair.rule.sql'), rule('first'));
  assert.equal(text('rules/own/pair.test.yaml'), tests('first'));
});

test('refused, and nothing changes: what others need, another version, the last rule, no such rule, no audit', async (context) => {
  const named = { 'rules/own/pair.test.yaml': tests('first', 'second', 'alone') };
  const { ask, text } = await startWith(context, { ...files, ...named });
  const needed = await ask('DELETE', 'rules/alone');
  assert.deepEqual([needed.status, needed.body.code], [422, 'rule_refused']);
  assert.match(JSON.stringify(needed.body.details), /pair\.test\.yaml/);
  assert.equal((await ask('DELETE', 'rules/alone?replaces=0123456789abcdef')).body.code, 'conflict');
  assert.equal((await ask('DELETE', 'rules/nothing')).status, 404);
  assert.equal((await ask('DELETE', 'rules/..%2f..%2fetc')).status, 404);
  assert.equal((await ask('DELETE', 'rules/alone?unknown=1')).status, 400);
  assert.equal(text('rules/own/alone.rule.sql'), files['rules/own/alone.rule.sql']);
  const audit = (await ask('GET', 'audit?action=rule.remove')).body.items;
  assert.deepEqual(
    audit.map(({ outcome }) => outcome),
    ['refused: rule_refused'],
  );
  const last = await startWith(context, {
    'rules/alone.rule.sql': rule('alone'),
    'rules/alone.test.yaml': tests('alone'),
  });
  const refused = await last.ask('DELETE', 'rules/alone');
  assert.deepEqual([refused.status, refused.body.code], [422, 'rule_refused']);
  assert.equal(existsSync(join(last.folder, 'rules/alone.test.yaml')), true);
});

test('an exception that names the rule is of no use without it, and the answer says so', async (context) => {
  const quiet = "CREATE EXCEPTION quiet FOR alone MUTE WHERE account_id = 'x' BECAUSE 'a test';\n";
  const { ask } = await startWith(context, { ...files, 'rules/own/quiet.rule.sql': quiet });
  const gone = await ask('DELETE', 'rules/alone');
  assert.equal(gone.status, 202);
  assert.match(JSON.stringify(gone.body.warnings), /the exception quiet names `alone`, and no such rule is loaded/);
});

test('without an audit nothing is removed', async (context) => {
  const { ask, folder } = await startWith(context);
  mkdirSync(join(folder, 'audit.ndjson'));
  assert.equal((await ask('DELETE', 'rules/alone')).body.code, 'audit_failed');
  assert.equal(existsSync(join(folder, 'rules/own/alone.rule.sql')), true);
});

test('where the open alerts cannot be counted nothing is removed', async (context) => {
  const { ask, folder } = await startWith(context);
  rmSync(join(folder, 'detections.ndjson'));
  const refused = await ask('DELETE', 'rules/alone');
  assert.ok(refused.status >= 500, `${refused.status}`);
  assert.equal((await ask('DELETE', 'rules/nothing')).status, 404, 'for what is not there nothing is counted');
  assert.ok(existsSync(join(folder, 'rules/own/alone.rule.sql')));
  writeFileSync(join(folder, 'detections.ndjson'), '');
  assert.equal((await ask('DELETE', 'rules/alone')).status, 202);
});
