import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { compile, type LoadedRules, loadRuleFiles, type ProgramPlan, runTestFile } from '../../dsl/index.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';

const root = new URL('../..', import.meta.url).pathname;
let loaded: LoadedRules;
let plan: ProgramPlan;

before(() => {
  // The shipped packs: a rule that a user adds beside them is not this test's.
  loaded = loadRuleFiles(diskReader(root), ['rules/auth', 'rules/platform', 'rules/social', 'rules/tenants']);
  const compilation = compile(loaded.rules);
  assert.deepEqual(compilation.diagnostics, [], 'shipped rules compile without errors and warnings');
  assert.ok(compilation.plan);
  plan = compilation.plan;
});

test('all packs are described and load without a problem', () => {
  assert.deepEqual(loaded.problems, []);
  assert.deepEqual(
    loaded.packs.map(({ name, owner }) => [name, owner]),
    [
      ['auth', 'detection engineering'],
      ['platform', 'detection engineering'],
      ['social', 'trust and safety'],
      ['tenants', 'detection engineering'],
    ],
  );
});

test('only the pack for several tenants needs tenants that share', () => {
  const stream = { path: 'events.stream.sql', text: 'CREATE STREAM events LATENESS 5 SECONDS;' };
  const alone = loaded.rules.filter(({ path }) => !/^rules\/(tenants|streams)\//.test(path));
  assert.deepEqual(compile([...alone, stream]).diagnostics, []);
  const all = loaded.rules.filter(({ path }) => !path.startsWith('rules/streams/'));
  assert.deepEqual(
    compile([...all, stream]).diagnostics.map(({ code }) => code),
    ['W0227'],
  );
});

test('every rule says what it is about: title, description, severity, confidence, technique, entity, suppression', () => {
  const rules = plan.operators.filter(({ kind }) => kind === 'rule');
  assert.equal(rules.length, 20);
  for (const { name, metadata, suppress, params, window } of rules) {
    assert.ok(metadata.title.length > 0 && metadata.description !== null && metadata.entity !== null, name);
    assert.ok(metadata.confidence !== null && suppress !== null, name);
    // What counts has a threshold; what joins two events may have none.
    assert.ok(window === null || params.length > 0, name);
    assert.ok(metadata.attack.length > 0 && metadata.attack.every((one) => /^T\d{4}(\.\d{3})?$/.test(one)), name);
  }
});

test('every rule has tests that fire, that stay quiet, at the edge of its window, and in disorder', () => {
  for (const { path } of loaded.rules.filter((file) => file.path.endsWith('.rule.sql'))) {
    const file = loaded.tests.find((one) => one.path === path.replace('.rule.sql', '.test.yaml'));
    assert.ok(file, `${path} has no test`);
    for (const sign of [
      /expect: none/,
      /rule: \w+/,
      /is inside the window/,
      /one millisecond more is outside/,
      /\blate: \d/,
    ]) {
      assert.match(file.text, sign, path);
    }
  }
});

test('every rule test passes, in every batch size, order of arrival and restart', () => {
  for (const file of loaded.tests) {
    const { tests, problems } = runTestFile(file, plan, (params) => compile(loaded.rules, { params }));
    assert.deepEqual(problems, []);
    const failed = tests.filter(({ passed }) => !passed);
    assert.deepEqual(
      failed.map(({ name, failures }) => [file.path, name, failures]),
      [],
    );
  }
});
