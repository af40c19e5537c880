import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deskOf, newFolder, type Started, start, token } from './api-world.ts';

const fails = (least: number) => `CREATE RULE fails SEVERITY low AS
SELECT account_id, count(*) AS n FROM events WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING n >= ${least};\n`;

const tests = (times: number) => `- test: so many fire
  events: [{ every: 1s, times: ${times}, event: { event_type: login, result: fail, account_id: a } }]
  expect: [{ rule: fails, account_id: a, n: ${times} }]
`;

/** An API over a folder with one rule in it. */
async function startWithRules(context: TestContext): Promise<Started & { readonly folder: string }> {
  const folder = newFolder(context);
  mkdirSync(join(folder, 'rules/streams'), { recursive: true });
  mkdirSync(join(folder, 'rules/auth'));
  writeFileSync(join(folder, 'rules/streams/events.stream.sql'), 'CREATE STREAM events LATENESS 1 SECONDS;\n');
  writeFileSync(join(folder, 'rules/auth/fails.rule.sql'), fails(3));
  writeFileSync(join(folder, 'rules/auth/fails.test.yaml'), tests(3));
  const started = await start(context, {}, folder, (world) => {
    world.rules = deskOf(folder);
  });
  return { ...started, folder };
}

test('tests in a file that ends in .yml stay there: a deployment writes no second file of tests beside it', async (context) => {
  const { url, folder } = await startWithRules(context);
  renameSync(join(folder, 'rules/auth/fails.test.yaml'), join(folder, 'rules/auth/fails.test.yml'));
  const { status, body } = await ask(url, 'PUT', '/v1/rules/fails', { text: fails(4), tests: tests(4) });
  assert.equal(status, 202, JSON.stringify(body));
  assert.equal(readFileSync(join(folder, 'rules/auth/fails.test.yml'), 'utf8'), tests(4));
  assert.equal(existsSync(join(folder, 'rules/auth/fails.test.yaml')), false);
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { items: Record<string, unknown>[] };
}

async function ask(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

test('rules: the list, one with text, plan and tests, its versions', async (context) => {
  const { url } = await startWithRules(context);
  const { body } = await ask(url, 'GET', '/v1/rules');
  assert.deepEqual(
    body.items.map(({ name, path, severity, pending }) => ({ name, path, severity, pending })),
    [{ name: 'fails', path: 'rules/auth/fails.rule.sql', severity: 'low', pending: null }],
  );
  const one = await ask(url, 'GET', '/v1/rules/fails');
  assert.equal(one.body.text, fails(3));
  assert.match(String(one.body.plan), /having/);
  assert.deepEqual(one.body.tests, { path: 'rules/auth/fails.test.yaml', text: tests(3) });
  const versions = await ask(url, 'GET', '/v1/rules/fails/versions');
  assert.deepEqual(
    versions.body.items.map(({ how, by, text }) => ({ how, by, text })),
    [{ how: 'start', by: null, text: fails(3) }],
  );
  for (const path of [
    '/v1/rules/none',
    '/v1/rules/none/versions',
    '/v1/rules/..%2f..%2fetc%2fpasswd',
    '/v1/rules/%00',
  ]) {
    assert.deepEqual([(await ask(url, 'GET', path)).status], [404], path);
  }
});

test('deploy: the gate lets a rule through that compiles and passes its tests; it is pending until the next start', async (context) => {
  const { url, folder } = await startWithRules(context);
  const before = await ask(url, 'GET', '/v1/rules/fails');
  const checked = await ask(url, 'POST', '/v1/rules/fails/check', { text: fails(4), tests: tests(4) });
  assert.equal(checked.status, 200, JSON.stringify(checked.body));
  assert.equal(readFileSync(join(folder, 'rules/auth/fails.rule.sql'), 'utf8'), fails(3), 'a check changes nothing');
  const change = { text: fails(4), tests: tests(4), because: 'too loud', replaces: before.body.plan_hash };
  const deployed = await ask(url, 'PUT', '/v1/rules/fails', change);
  assert.equal(deployed.status, 202, JSON.stringify(deployed.body));
  assert.equal(deployed.body.live, false);
  assert.match(String(deployed.body.needs), /restart/);
  assert.equal(deployed.body.plan_hash, checked.body.plan_hash);
  assert.equal(readFileSync(join(folder, 'rules/auth/fails.rule.sql'), 'utf8'), fails(4));
  assert.equal(readFileSync(join(folder, 'rules/auth/fails.test.yaml'), 'utf8'), tests(4));
  const [listed] = (await ask(url, 'GET', '/v1/rules')).body.items;
  assert.deepEqual(listed.pending, { plan_hash: deployed.body.plan_hash, at: '1970-01-01T00:00:00.000Z', by: 'owner' });
  assert.deepEqual((await ask(url, 'PUT', '/v1/rules/fails', change)).body.code, 'conflict', 'it replaced another one');
  const restarted = deskOf(folder);
  assert.deepEqual(
    restarted.list().map((rule) => (rule as { pending: unknown }).pending),
    [null],
  );
  assert.deepEqual(
    restarted.versions('fails').map(({ how, because }) => `${how} ${because}`),
    ['deploy too loud', 'start null'],
  );
  const audit = (await ask(url, 'GET', '/v1/audit?action=rule.deploy')).body.items;
  assert.deepEqual(
    audit.map(({ target, outcome }) => `${target} ${outcome}`),
    ['fails done'],
  );
});

test('deploy refuses: a text that does not compile, another rule, no test, failing tests, a rule that it breaks', async (context) => {
  const { url, folder } = await startWithRules(context);
  const fresh = fails(5).replace('RULE fails', 'RULE fresh');
  const cases: [string, object, number, string, RegExp][] = [
    ['fails', { text: fails(3).replace('account_id,', 'acount_id,') }, 422, 'rule_refused', /"did you mean|acount_id/],
    ['fails', { text: fresh }, 422, 'rule_refused', /declares no rule named fails/],
    ['fails', { text: fails(4) }, 422, 'tests_failed', /expected/],
    ['fresh', { text: fresh }, 422, 'no_tests', /no test of fresh in rules\/fresh\.test\.yaml/],
    ['fresh', { text: fresh, tests: '' }, 422, 'no_tests', /The rule has no test/],
    ['fresh', { text: `${fresh}${fresh.replace('fresh', 'other')}` }, 422, 'rule_refused', /declares other too/],
    ['fresh', { text: fresh, tests: '- test: x\n  events: 1\n' }, 422, 'rule_refused', /events/],
    ['fresh', { text: fresh, pack: '../up' }, 400, 'bad_body', /pack/],
    ['..%2fup', { text: fresh }, 400, 'bad_parameter', /cannot be deployed as/],
    ['fresh', { text: fresh, unknown: 1 }, 400, 'bad_body', /unknown/],
    ['fresh', { text: 'x'.repeat(4000) }, 422, 'rule_refused', /./],
    ['fresh', { text: '' }, 400, 'bad_body', /text/],
  ];
  for (const [name, body, status, code, why] of cases) {
    const answer = await ask(url, 'PUT', `/v1/rules/${name}`, body);
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body).slice(0, 500));
    assert.match(JSON.stringify(answer.body), why);
  }
  for (const body of ['', '{', 'null', '[]', '"x"', '\u00ff', `{"text":${'['.repeat(2000)}`]) {
    assert.equal((await ask(url, 'PUT', '/v1/rules/fails', body)).body.code, 'bad_body', body.slice(0, 20));
  }
  const bare = await ask(url, 'PUT', '/v1/rules/fails', fails(4));
  assert.deepEqual([bare.status, bare.body.code], [400, 'bad_body']);
  assert.match(
    String(bare.body.hint),
    /^the text of a rule stands in a JSON object, \{"text": "CREATE RULE …"\}: `jq -Rs/,
  );
  assert.equal(readFileSync(join(folder, 'rules/auth/fails.rule.sql'), 'utf8'), fails(3));
  assert.equal(existsSync(join(folder, 'rules/fresh.rule.sql')), false);
  const audit = (await ask(url, 'GET', '/v1/audit?action=rule.deploy&limit=1000')).body.items;
  assert.ok(audit.every(({ outcome }) => String(outcome).startsWith('refused: ')));
  assert.equal(audit.length, 8, 'what came to the gate and was refused is in the audit');
});

test('alerts of a rule that never was are told from those of a rule without any', async (context) => {
  const { url } = await startWithRules(context);
  const none = await ask(url, 'GET', '/v1/alerts?rule=fails');
  assert.deepEqual([none.status, none.body.items], [200, []]);
  const wrong = await ask(url, 'GET', '/v1/alerts?rule=fials');
  assert.deepEqual([wrong.status, wrong.body.code], [404, 'not_found']);
  assert.match(String(wrong.body.detail), /^no rule is named "fials", or ever was/);
  assert.equal(wrong.body.hint, 'did you mean fails? GET /v1/rules lists those that run');
  const far = await ask(url, 'GET', '/v1/alerts?rule=zzzzzzzzzzzz&revisions=all');
  assert.deepEqual([far.status, far.body.hint], [404, 'GET /v1/rules lists those that run']);
});

test('who sends a rule without a test is told one, and that is what it needs', async (context) => {
  const { url } = await startWithRules(context);
  const text = "CREATE RULE logins AS SELECT account_id FROM events WHERE event_type = 'login';";
  const refused = await ask(url, 'PUT', '/v1/rules/logins', { text });
  assert.deepEqual([refused.status, refused.body.title], [422, 'The rule has no test']);
  const [, written] = /such as (".*?[^\\]"); rules\/README/.exec(String(refused.body.hint)) ?? [];
  const deployed = await ask(url, 'PUT', '/v1/rules/logins', { text, tests: JSON.parse(written) });
  assert.deepEqual([deployed.status, deployed.body.tests], [202, 1], JSON.stringify(deployed.body));
});

test('a new rule goes into its pack, never through a link that leads out; without an audit nothing is deployed', async (context) => {
  const { url, folder } = await startWithRules(context);
  const text = fails(5).replace('RULE fails', 'RULE fresh');
  const fresh = { text, tests: tests(5).replace('rule: fails', 'rule: fresh'), pack: 'mine' };
  mkdirSync(join(folder, 'outside'));
  symlinkSync(join(folder, 'outside'), join(folder, 'rules/mine'));
  assert.equal((await ask(url, 'PUT', '/v1/rules/fresh', fresh)).body.code, 'conflict');
  mkdirSync(join(folder, 'audit.ndjson'));
  assert.equal((await ask(url, 'PUT', '/v1/rules/fresh', { ...fresh, pack: 'own' })).body.code, 'audit_failed');
  assert.equal(existsSync(join(folder, 'rules/own')), false);
});

test('a deployed rule stands in its pack, for the next start', async (context) => {
  const { url, folder } = await startWithRules(context);
  const text = fails(5).replace('RULE fails', 'RULE fresh');
  const fresh = { text, tests: tests(5).replace('rule: fails', 'rule: fresh'), pack: 'mine' };
  const answer = await ask(url, 'PUT', '/v1/rules/fresh', fresh);
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  assert.equal(answer.body.path, 'rules/mine/fresh.rule.sql');
  assert.deepEqual(
    deskOf(folder)
      .list()
      .map((rule) => (rule as { name: string }).name)
      .sort(),
    ['fails', 'fresh'],
  );
  if (process.getuid?.() === 0) return;
  chmodSync(join(folder, 'rules/auth'), 0o500);
  assert.equal((await ask(url, 'PUT', '/v1/rules/fails', { text: fails(4), tests: tests(4) })).body.code, 'conflict');
  chmodSync(join(folder, 'rules/auth'), 0o700);
});

test('a text without a rule that runs from the same file is refused; a folder of rules may be a link', async (context) => {
  const { url, folder } = await startWithRules(context);
  renameSync(join(folder, 'rules'), join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'rules'));
  const fresh = fails(5).replace('RULE fails', 'RULE fresh');
  const given = { text: fresh, tests: tests(5).replace('rule: fails', 'rule: fresh'), pack: 'mine' };
  assert.equal((await ask(url, 'PUT', '/v1/rules/fresh', given)).status, 202);
  assert.equal(existsSync(join(folder, 'elsewhere/mine/fresh.rule.sql')), true);
  const two = `${fails(3)}${fails(9).replace('RULE fails', 'RULE other')}`;
  writeFileSync(join(folder, 'rules/auth/fails.rule.sql'), two);
  const started = await start(context, {}, folder, (world) => {
    world.rules = deskOf(folder);
  });
  const alone = await ask(started.url, 'PUT', '/v1/rules/fails', { text: fails(4), tests: tests(4) });
  assert.equal(alone.body.code, 'rule_refused');
  assert.match(JSON.stringify(alone.body), /also holds other, and the text does not/);
  assert.equal(readFileSync(join(folder, 'rules/auth/fails.rule.sql'), 'utf8'), two);
  const whole = { text: two.replace('n >= 3', 'n >= 4'), tests: tests(4) };
  assert.equal((await ask(started.url, 'PUT', '/v1/rules/fails', whole)).status, 202);
});

test('a rule that was written on disk since the start is deployed where it stands; what is in the way is told', async (context) => {
  const { url, folder } = await startWithRules(context);
  const written = fails(5).replace('RULE fails', 'RULE written');
  const given = { text: written, tests: tests(5).replace('rule: fails', 'rule: written') };
  mkdirSync(join(folder, 'rules/mine'));
  const path = join(folder, 'rules/mine/own_name.rule.sql');
  writeFileSync(path, `-- CREATE RULE fails is another one\n${written}`);
  const elsewhere = await ask(url, 'PUT', '/v1/rules/written', { ...given, pack: 'other' });
  assert.equal(elsewhere.status, 409);
  assert.match(JSON.stringify(elsewhere.body), /stands in rules\/mine\/own_name\.rule\.sql already.*leave `pack` away/);
  const taken = await ask(url, 'PUT', '/v1/rules/written', given);
  assert.equal(taken.status, 202, JSON.stringify(taken.body));
  assert.equal(taken.body.path, 'rules/mine/own_name.rule.sql');
  assert.equal(readFileSync(path, 'utf8'), written);
  const other = fails(6).replace('RULE fails', 'RULE another');
  writeFileSync(path, `${written}${other}`);
  const alone = await ask(url, 'PUT', '/v1/rules/written', given);
  assert.match(JSON.stringify(alone.body), /also holds another, and the text does not/);
  writeFileSync(join(folder, 'rules/fresh.rule.sql'), other.replace('RULE another', 'RULE third'));
  const fresh = { text: fails(5).replace('RULE fails', 'RULE fresh'), tests: given.tests.replace('written', 'fresh') };
  const inTheWay = await ask(url, 'PUT', '/v1/rules/fresh', fresh);
  assert.equal(inTheWay.status, 409);
  assert.match(
    JSON.stringify(inTheWay.body),
    /fresh\.rule\.sql is there, and declares third, and not fresh.*another `pack`/,
  );
  writeFileSync(join(folder, 'rules/fresh.rule.sql'), written);
  const twice = await ask(url, 'PUT', '/v1/rules/written', given);
  assert.match(JSON.stringify(twice.body), /stands in .*fresh.* and .*own_name.*remove it from all of them but one/);
});
