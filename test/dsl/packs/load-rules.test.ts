import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRuleFiles } from '../../../dsl/packs/load-rules.ts';
import { memoryReader } from './memory-reader.ts';

const rule = (name: string, from: string) => `CREATE RULE ${name} AS SELECT platform FROM ${from};`;
const files = {
  'rules/README.md': '',
  'rules/streams/events.stream.sql': 'CREATE STREAM events;',
  'rules/auth/pack.yaml': 'title: Accounts\nowner: me\ndescription: about accounts\n',
  'rules/auth/a.rule.sql': rule('a', 'events'),
  'rules/auth/a.test.yaml': '[]',
  'rules/auth/b.rule.sql': rule('b', 'logins'),
  'rules/auth/c.rule.sql': `CREATE VIEW failures AS SELECT platform FROM events;\n${rule('c', 'failures')}`,
  'rules/auth/d.rule.sql': rule('d', 'failures'),
  'rules/auth/logins.view.sql': 'CREATE VIEW logins AS SELECT platform FROM events;',
  'rules/social/s.rule.sql': rule('s', 'events'),
  'elsewhere/e.rule.sql': rule('e', 'events'),
  'numbers/per_hour.table.sql': 'CREATE TABLE per_hour AS SELECT platform FROM events WINDOW TUMBLING 1 HOUR;',
  'numbers/n.rule.sql': rule('n', 'per_hour'),
  'empty/notes.txt': '',
  'empty/sigma.yml': 'title: x\ndetection:\n  selection:\n    a: b\n  condition: selection\n',
  'locked/x.rule.sql': 'UNREADABLE',
};
const load = (...paths: string[]) => loadRuleFiles(memoryReader(files), paths);
const roles = (...paths: string[]) => load(...paths).rules.map(({ path, role }) => `${role} ${path}`);
const hints = (...paths: string[]) => load(...paths).problems.map(({ message, hints }) => [message, ...hints]);

test('the rules root: streams first, every pack, all of it asked for', () => {
  const { rules, tests, packs, problems } = load('rules');
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rules.map(({ path, role }) => [path, role]),
    [
      ['rules/streams/events.stream.sql', 'asked'],
      ['rules/auth/a.rule.sql', 'asked'],
      ['rules/auth/b.rule.sql', 'asked'],
      ['rules/auth/c.rule.sql', 'asked'],
      ['rules/auth/d.rule.sql', 'asked'],
      ['rules/auth/logins.view.sql', 'asked'],
      ['rules/social/s.rule.sql', 'asked'],
    ],
  );
  assert.deepEqual(
    tests.map(({ path }) => path),
    ['rules/auth/a.test.yaml'],
  );
  assert.deepEqual(packs, [
    { path: 'rules/auth/pack.yaml', name: 'auth', title: 'Accounts', owner: 'me', description: 'about accounts' },
  ]);
});

test('a pack folder brings the stream of the folder above; however it is written', () => {
  const expected = ['needed rules/streams/events.stream.sql', 'asked rules/social/s.rule.sql'];
  for (const path of ['rules/social', './rules/social/', 'rules/social//']) assert.deepEqual(roles(path), expected);
});

test('a rule file brings its test, the stream, and the views it reads', () => {
  assert.deepEqual(roles('rules/auth/a.rule.sql'), [
    'needed rules/streams/events.stream.sql',
    'asked rules/auth/a.rule.sql',
  ]);
  assert.equal(load('rules/auth/a.rule.sql').tests.length, 1);
  assert.deepEqual(roles('rules/auth/b.rule.sql'), [
    'needed rules/streams/events.stream.sql',
    'asked rules/auth/b.rule.sql',
    'needed rules/auth/logins.view.sql',
  ]);
  // A view that stands in another rule's file: the file comes along, its rule was not asked for.
  assert.deepEqual(roles('rules/auth/d.rule.sql'), [
    'needed rules/streams/events.stream.sql',
    'needed rules/auth/c.rule.sql',
    'asked rules/auth/d.rule.sql',
  ]);
});

test('a test file brings its rule; the same file twice is one', () => {
  assert.deepEqual(roles('rules/auth/a.test.yaml'), roles('rules/auth/a.rule.sql'));
  assert.equal(load('rules/auth', 'rules/auth/a.rule.sql', 'rules').rules.length, load('rules').rules.length);
});

test('a rule brings the functions that it calls, and those that they call, of its folder and of functions/ upwards', () => {
  const texts = {
    'rules/functions/is_tool.function.sql':
      "CREATE FUNCTION is_tool(x string) RETURNS bool AS is_bot(x) OR x LIKE 'curl/%';",
    'rules/functions/unread.function.sql': 'CREATE FUNCTION unread(x string) RETURNS string AS x;',
    'rules/auth/is_bot.function.sql': "CREATE FUNCTION is_bot(x string) RETURNS bool AS x LIKE '%bot%';",
    'rules/auth/t.rule.sql': 'CREATE RULE t AS SELECT platform FROM events WHERE Is_Tool(platform);',
  };
  const { rules } = loadRuleFiles(memoryReader(texts), ['rules/auth/t.rule.sql']);
  const loaded = rules.map(({ path, role }) => `${role} ${path}`);
  assert.deepEqual(loaded, [
    'needed rules/auth/is_bot.function.sql',
    'asked rules/auth/t.rule.sql',
    'needed rules/functions/is_tool.function.sql',
  ]);
});

test('without a streams folder there is no stream, and that is no problem', () => {
  assert.deepEqual(roles('elsewhere'), ['asked elsewhere/e.rule.sql']);
  assert.deepEqual(load('elsewhere').problems, []);
});

test('a path that does not exist: the nearest name, or what is there', () => {
  assert.deepEqual(hints('rules/aut'), [['rules/aut does not exist', 'did you mean rules/auth?']]);
  assert.deepEqual(hints('rules/zzz'), [['rules/zzz does not exist', 'rules has auth, social, streams']]);
  assert.match(String(hints('nowhere/at/all')), /give a rule file, a pack folder or the rules root/);
});

test('a folder without rules, a file that is none, a file that cannot be read', () => {
  assert.match(String(hints('empty')), /no rules in empty/);
  assert.match(String(hints('empty/notes.txt')), /is no rule file/);
  // A rule of another language that is named goes to the compiler, which says what it is.
  const foreign = load('empty/sigma.yml');
  assert.deepEqual([foreign.problems, foreign.rules.map(({ path }) => path)], [[], ['empty/sigma.yml']]);
  assert.match(String(hints('locked')), /cannot read locked\/x.rule.sql: permission denied/);
});

test('files of SQL that nothing is loaded by are named, with the name that they need', () => {
  const reader = memoryReader({
    'p/a.rule.sql': rule('a', 'events'),
    'p/b.sql': rule('b', 'events'),
    'p/deep/c.rules.sql': rule('c', 'events'),
    'p/d.SQL': `-- what failed\n${'create view d AS SELECT platform FROM events;'}`,
    'p/e.sql': "TUNE a WHERE tenant_id = 'x' SET n = 1 BECAUSE 'y';",
    'p/f.sql': 'SELECT 1',
    'p/g.sql': 'UNREADABLE',
    'p/.hidden/h.sql': '',
    'p/notes.txt': '',
    'q/b.sql': rule('b', 'events'),
  });
  const { unloaded, problems } = loadRuleFiles(reader, ['p']);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    unloaded.map(({ code, severity, message, hints }) => [code, severity, message, ...hints]),
    [
      ['b.sql', 'b.rule.sql'],
      ['d.SQL', 'd.view.sql'],
      ['deep/c.rules.sql', 'deep/c.rule.sql'],
      ['e.sql', 'e.tune.sql'],
      ['f.sql', 'f.rule.sql'],
      ['g.sql', 'g.rule.sql'],
    ].map(([name, right]) => [
      'W0407',
      'warning',
      `p/${name} is not loaded: its name does not end with ${/\.\w+\.sql$/.exec(right)?.[0]}`,
      `name it p/${right}; what is no rule belongs in another folder`,
    ]),
  );
  // Named, it is what was asked for.
  assert.deepEqual(loadRuleFiles(reader, ['p/b.sql']).unloaded, []);
  assert.equal(loadRuleFiles(reader, ['p', 'p/b.sql']).unloaded.length, 5);
  const [{ message, hints }] = loadRuleFiles(reader, ['q']).problems;
  assert.deepEqual([message, ...hints], ['no rules in q', 'q/b.sql is not loaded: name it q/b.rule.sql']);
});

test('a folder with rules of another system alone says how to be told what to write', () => {
  const reader = memoryReader({
    'sigma/win/logon.yml': 'logsource:',
    'other/notes.md': '',
    'p/a.sql': '',
    'p/b.yml': '',
  });
  const hintOf = (path: string) => loadRuleFiles(reader, [path]).problems[0]?.hints[0] ?? '';
  assert.match(hintOf('sigma'), /; give sigma\/win\/logon\.yml itself to be told how what is in it is written here$/);
  assert.match(hintOf('.'), /^p\/a\.sql is not loaded/);
  assert.match(hintOf('other'), /in <name>\.test\.yaml$/);
});

test('a pack.yaml with an unknown key says which keys there are', () => {
  const reader = memoryReader({ 'p/pack.yaml': 'title: x\nowners: y\n', 'p/a.rule.sql': '' });
  const [problem] = loadRuleFiles(reader, ['p']).problems;
  assert.equal(problem?.message, 'a pack description has no key `owners`');
  assert.equal(problem?.label, 'did you mean `owner`?');
});

test('the file of a table is found in its pack, and comes along with what reads it', () => {
  assert.deepEqual(roles('numbers'), ['asked numbers/n.rule.sql', 'asked numbers/per_hour.table.sql']);
  assert.deepEqual(roles('numbers/n.rule.sql'), ['asked numbers/n.rule.sql', 'needed numbers/per_hour.table.sql']);
});
