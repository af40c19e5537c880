import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';
import { loadLookups } from '../../../dsl/packs/load-lookups.ts';
import { loadRuleFiles } from '../../../dsl/packs/load-rules.ts';
import { runTestFile } from '../../../dsl/packs/rule-test.ts';
import { memoryReader } from './memory-reader.ts';

const lookup = (name: string) =>
  `CREATE LOOKUP ${name} (net cidr PRIMARY KEY, reason string) WITH (source = '${name}.csv');`;
const files = {
  'rules/lookups/nets.lookup.sql': lookup('nets'),
  'rules/lookups/nets.csv': 'net,reason\n10.0.0.0/8,office\n',
  'rules/lookups/unread.lookup.sql': lookup('unread'),
  'rules/auth/own.lookup.sql': lookup('own'),
  'rules/auth/own.csv': 'net,reason\n192.0.2.0/24,lab\nfoo,bar\n',
  'rules/auth/a.rule.sql':
    'CREATE RULE a AS SELECT actor.ip AS ip FROM events WHERE actor.ip IN LOOKUP nets OR actor.ip IN LOOKUP own;',
};

function load(path: string, changes: Record<string, string> = {}) {
  const reader = memoryReader({ ...files, ...changes });
  const loaded = loadRuleFiles(reader, [path]);
  const { plan, diagnostics } = compile(loaded.rules);
  assert.ok(plan, JSON.stringify(diagnostics));
  return { rules: loaded.rules, plan, lookups: loadLookups(reader, plan) };
}

test('a rule file brings the lookups that it reads: of its folder, and of lookups/ upwards; each has its file there', () => {
  const { rules, lookups } = load('rules/auth/a.rule.sql');
  assert.deepEqual(
    rules.map(({ path, role }) => `${role} ${path}`),
    ['asked rules/auth/a.rule.sql', 'needed rules/auth/own.lookup.sql', 'needed rules/lookups/nets.lookup.sql'],
  );
  assert.deepEqual(
    lookups.contents.map(({ name, rows }) => `${name} ${rows}`),
    ['nets 1', 'own 1'],
  );
  assert.deepEqual([...lookups.bad_rows], [['own', 1]]);
});

test('a lookup without its file, or with one that cannot be read, is an error that says where it is looked for', () => {
  const { lookups } = load('rules', { 'rules/auth/own.csv': 'UNREADABLE' });
  assert.deepEqual(
    lookups.diagnostics.map(({ severity, message, hints }) => [severity, message, ...hints]),
    [
      ['error', 'cannot read rules/auth/own.csv: permission denied', 'check that the file may be read and is UTF-8'],
      [
        'error',
        'the lookup unread has no file unread.csv',
        'put it beside rules/lookups/unread.lookup.sql, or into a folder lookups/ there or above',
      ],
    ],
  );
});

const yaml = (given: string) => `- test: t
  ${given}
  events:
    - { event: { event_type: login, account_id: x, actor: { ip: 10.1.1.1 } } }
    - { at: 1s, event: { event_type: login, account_id: x, actor: { ip: 192.0.2.7 } } }
  expect:
    - { rule: a, ip: 10.1.1.1 }`;

function run(given: string, changes: Record<string, string> = {}): string[] {
  const { plan, lookups } = load('rules/auth/a.rule.sql', changes);
  const file = { path: 'rules/auth/a.test.yaml', text: yaml(given) };
  const { tests, problems } = runTestFile(file, plan, () => ({ plan, diagnostics: [] }), '', lookups.contents);
  const [result] = tests;
  if (result === undefined) return problems.map(({ message }) => message);
  return [...result.problems.map(({ message }) => message), result.passed ? 'passed' : 'failed'];
}

test('rule tests: `given: lookups` are the rows, else those of the file; every way of running gives the same', () => {
  assert.deepEqual(run('given: { lookups: { own: [ { net: 10.1.1.1 } ], nets: [] } }'), ['passed']);
  assert.deepEqual(run('given: {}'), ['failed'], 'the file of own has 192.0.2.0/24');
  assert.deepEqual(run('given: {}', { 'rules/auth/own.csv': 'net,reason\n' }), ['passed']);
});

test('rule tests: wrong rows are problems of the test', () => {
  assert.deepEqual(run('given: { lookups: { owm: [] } }'), ['there is no lookup `owm`', 'failed']);
  assert.deepEqual(run('given: { lookups: { own: [ { net: x, raeson: y } ] } }'), [
    'own has no column `raeson`',
    'net: `x` is no cidr',
    'failed',
  ]);
  assert.deepEqual(run('given: { lookups: { own: [ 7 ] } }'), ['a row of own is a map of keys, not 7']);
  assert.deepEqual(run('given: {}', { 'rules/auth/own.csv': '' }), [
    'the lookup own has no rows: its file own.csv cannot be used',
    'failed',
  ]);
});
