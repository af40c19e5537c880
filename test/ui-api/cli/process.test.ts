import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failures, SpawnedWeir, shell, weir, workFolder } from './spawn-weir.ts';

const control = '\u001b';
const commands = ['check', 'test', 'backtest', 'run', 'ingest', 'explain', 'functions', 'why', 'fmt', 'sql'];

test('--help of every command has examples and ends with 0', async (context) => {
  const folder = workFolder(context);
  for (const command of commands) {
    const { code, stdout, stderr } = await weir(context, folder, [command, '--help']);
    assert.doesNotMatch(stdout, /WEIR_[A-Z_]+[a-z]/, 'a setting and what it is are two words');
    assert.equal(code, 0, command);
    assert.match(stdout, /Examples:\n/, command);
    assert.equal(stderr, '');
  }
});

test('wrong use ends with 2, says what was meant, and shows no stack trace', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': '' });
  symlinkSync('gone', join(folder, 'dangling'));
  const cases: [string[], RegExp][] = [
    [['chekc'], /unknown command 'chekc'\n\(Did you mean check\?\)\n {2}all commands: weir --help\n$/],
    // What other tools call it.
    [
      ['lint', 'rules', '--strict'],
      /unknown command 'lint'\n\(Did you mean check\?\)\n {2}all commands: weir --help\n$/,
    ],
    [['start'], /unknown command 'start'\n\(Did you mean run\?\)/],
    [['nosuch'], /unknown command 'nosuch'\n {2}all commands: weir --help\n$/],
    [['token', 'nosuch'], /unknown command 'nosuch'\n.*\n {2}all of it: weir token --help\n$/],
    [['backtest', 'rules', '--form', 'x'], /unknown option '--form'[\s\S]*--from/],
    [['backtest', 'rules'], /--from/],
    [['backtest'], /--from/],
    [
      ['sweep'],
      /missing required argument 'rule'\n {2}for example: weir sweep account_guessing .*\n {2}all of it: weir sweep --help/,
    ],
    [['token', 'create'], /for example: weir token create web-1 .*\n {2}all of it: weir token create --help/],
    [['backtest', 'rules', '--from', 'nothing.log'], /nothing\.log does not exist\n {2}hint: give a file/],
    [['backtest', 'rules', '--from', 'rules'], /rules is a folder/],
    [
      ['backtest', 'rules', '--from', 'events.ndjson', '--as', 'sshx'],
      /no format sshx\n {2}hint: did you mean sshd \(syslog lines of OpenSSH: [^)]+\)\? `weir backtest --help` lists all \d+ formats\n$/,
    ],
    [['ingest', 'events.ndjson', '--as', 'splunk'], /no format splunk\n {2}hint: `weir backtest --help` lists all/],
    [['backtest', 'rules', '--from', 'events.ndjson', '--year', '2017'], /--year says nothing about the format json/],
    [
      ['backtest', 'rules', '--from', 'events.ndjson', '--since', 'monday'],
      /'monday' is invalid\. A time is 2026-03-30T15:00:00Z .*, or how long ago: 7d, 12h,/,
    ],
    [['backtest', 'rules', '--from', 'events.ndjson', '--format', 'xml'], /Allowed choices are table, json, ndjson/],
    [
      ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'none/s.json'],
      /--summary none\/s\.json cannot be written: ENOENT[\s\S]*hint: give --summary a file/,
    ],
    ...['--dead-letters', '--tables', '--out'].map((flag): [string[], RegExp] => [
      ['backtest', 'rules', '--from', 'events.ndjson', flag, 'rules'],
      new RegExp(
        `^error: ${flag} rules cannot be written: EISDIR.*\\n {2}hint: give ${flag} a file in a folder that is `,
      ),
    ]),
    [['backtest', 'rules', 'events.ndjson'], /hint: for example: weir backtest rules --from events\.ndjson; /],
    [['why', 'guessing'], /hint: for example: weir why guessing --at acct_902 --from log; all of it: weir why --help/],
    [['why', 'guessing', '--from', 'events.ndjson'], /hint: for example: weir why guessing --at acct_902@09:13 /],
    [['simulate', 'passwordspray'], /hint: did you mean password-spray\? `weir simulate --list` says what there is\n$/],
    [['simulate', 'nosuch'], /hint: there are: password-spray, .*, all\n$/],
    [['ingest', 'events.ndjson', '--partition', ''], /^error: "" cannot name a partition\n/],
    [['reproduce', '123', '--data', 'nowhere'], /there is no data folder \S*nowhere\n {2}hint: start `weir run` first/],
    [
      ['ingest', 'events.ndjson', '--data', 'events.ndjson'],
      /setting --data: events\.ndjson is a file, and .* a folder/,
    ],
    [
      ['backtest', '--from', 'log', '--as', 'sshd'],
      /--as says something about a file.*\n {2}hint: leave --as away, or give --from a file/,
    ],
    [['backtest', '--from', 'log', '--as-of', '2026-01-01'], /--as-of says something about a file/],
    [
      ['backtest', '--from', 'events.ndjson', '--since', '7d', '--until', '8d'],
      /--until \S+ is not after --since \S+: /,
    ],
    [['ingest', 'nosuch'], /nosuch does not exist\n {2}hint: give a file of events, or - for the standard input/],
    [['ingest', 'dangling'], /dangling is a link to \S*gone, which does not exist\n {2}hint: mend the link/],
    [['backtest', 'rulez', '--from', 'events.ndjson'], /rulez does not exist/],
    [['backtest', 'rules', '--from', 'log'], /there is no log in/],
    [['run', '--host', '0.0.0.0'], /setting --host: 0\.0\.0\.0 can be reached.*--allow-remote/],
    ...(
      [
        ['run --port 99999', 'from 0 to 65535'],
        ['run --port x', 'from 0 to 65535'],
        ['run --workers 0', 'from 1 to 64'],
        ['run --workers 65', 'from 1 to 64'],
        ['run --checkpoint-seconds 0', 'from 1 to 86400'],
        ['backtest --from log --threads 0', 'from 1 to 256'],
        ['score --threads 2.5', 'from 1 to 256'],
        ['score --seeds 0', 'of at least 1'],
      ] as const
    ).map(([line, range]): [string[], RegExp] => {
      const args = line.split(' ');
      return [args, new RegExp(`argument '${args.at(-1)}' is invalid\\. It must be a whole number ${range}\\.\n`)];
    }),
    [['sql'], /give one statement/],
    [['sql', 'SELECT 1', '--file', 'x'], /give one statement/],
    [['sql', 'SELECT {a:String}', '--param', 'a'], /name=value/],
    [['sql', 'SELECT 1'], /the store is switched off \(WEIR_STORE=off\)/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await weir(context, folder, args);
    assert.equal(code, 2, `${args.join(' ')}\n${stderr}`);
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.equal(stdout, '');
  }
});

test('what the machine cannot do ends with 3, and says which setting to look at', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': '' });
  for (const [args, expected] of [
    [
      ['run', '--port', '0', '--allow-remote', '--host', '203.0.113.1'],
      /this machine has no such address: check --host/,
    ],
    [
      ['run', '--port', '0', '--allow-remote', '--host', 'nohost.invalid'],
      /nobody knows a host of that name: check --/,
    ],
    [
      ['ingest', 'events.ndjson', '--data', 'events.ndjson/x'],
      /ENOTDIR.*\n {2}hint: a part of that path is a file: name/,
    ],
    // Node's own recursive mkdir never ends there.
    ...(['run', 'ingest events.ndjson'] as const).map(
      (command) =>
        [[...command.split(' '), '--data', '/proc/nothing/x'], /ENOENT.*mkdir '\/proc\/nothing'\n {2}hint: /] as const,
    ),
  ] as const) {
    const { code, stderr } = await weir(context, folder, args);
    assert.equal(code, 3, `${args.join(' ')}\n${stderr}`);
    assert.match(stderr, expected);
  }
});

test('a rule in a file that is not loaded is named by whatever runs rules', async (context) => {
  const folder = workFolder(context, {
    'rules/auth/other.sql': 'CREATE RULE other AS SELECT account_id FROM events;',
    'rules/auth/guessing.test.yaml': '- test: quiet\n  events: []\n  expect: none\n',
    'events.ndjson': failures('a', 3, 0),
  });
  const warning =
    /warning\[W0407\]: rules\/auth\/other\.sql is not loaded: its name does not end with \.rule\.sql\n {2}= name it rules\/auth\/other\.rule\.sql; /;
  for (const args of [['test'], ['backtest', '--from', 'events.ndjson']]) {
    const { code, stderr } = await weir(context, folder, args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, warning);
  }
  const checked = await weir(context, folder, ['check']);
  assert.match(checked.stdout, warning);
  assert.match(checked.stdout, /1 rule, 0 errors, 1 warning\n/);
  const run = new SpawnedWeir(context, folder, ['run', '--port', '0']);
  await run.prints(warning);
  await run.prints(/http:/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended()).code, 0);
});

test('a rule that does not compile ends a backtest with 1 and its message', async (context) => {
  const folder = workFolder(context, {
    'rules/auth/wrong.rule.sql': "CREATE RULE wrong AS SELECT acount_id FROM events WHERE event_type = 'login';",
    'events.ndjson': failures('a', 3, 0),
  });
  const { code, stderr, stdout } = await weir(context, folder, ['backtest', 'rules', '--from', 'events.ndjson']);
  assert.equal(code, 1);
  assert.match(stderr, /acount_id[\s\S]*did you mean `?account_id/);
  assert.equal(stdout, '');
});

test('colour only where asked for in a pipe', async (context) => {
  const folder = workFolder(context);
  const args = ['backtest', 'rules', '--from', 'none'];
  assert.equal((await weir(context, folder, args)).stderr.includes(control), false);
  const forced = await weir(context, folder, args, { FORCE_COLOR: '1' });
  assert.ok(forced.stderr.includes(`${control}[31merror`));
  const refused = await weir(context, folder, args, { FORCE_COLOR: '1', NO_COLOR: '1' });
  assert.equal(refused.stderr.includes(control), false);
});

test('a reader that goes away ends a backtest without an error', (context) => {
  const events = Array.from({ length: 3000 }, (_, i) => failures(`a${i}`, 3, i * 10, `e${i}-`)).join('');
  const folder = workFolder(context, { 'events.ndjson': events });
  const text = shell(folder, '(weir backtest rules --from events.ndjson; echo "code $?" >&2) 2>err | head -1; cat err');
  assert.match(text, /^\{"schema_version"/);
  assert.match(text, /\ncode 0\n$/);
  assert.doesNotMatch(text, /EPIPE|error/);
});

test('a backtest whose reader goes away is not judged to its end, and not noted as a run', (context) => {
  const folder = workFolder(context, {
    'rules/auth/each.rule.sql': "CREATE RULE each AS SELECT account_id FROM events WHERE event_type = 'login';",
    'events.ndjson': failures('mara', 60_000, 0),
    'var/token': 'of a Weir that ran here\n',
  });
  const notes = () =>
    existsSync(join(folder, 'var/runs.ndjson')) ? readFileSync(join(folder, 'var/runs.ndjson')) : '';
  for (const way of ['', ' --as-arrived']) {
    const command = `weir backtest --from events.ndjson${way}`;
    const text = shell(folder, `(${command}; echo "code $?" >&2) 2>err | head -1; cat err`);
    assert.match(text, /^\{"schema_version".*\n/);
    assert.equal(text.replace(/^\{.*\n/, ''), 'code 0\n');
    assert.equal(String(notes()), '', 'what was not brought to its end is no run');
  }
  // What else was asked for is whole, whoever reads the detections.
  shell(folder, 'weir backtest --from events.ndjson --summary sum.json 2>/dev/null | head -1');
  assert.equal(JSON.parse(readFileSync(join(folder, 'sum.json'), 'utf8')).rules.each.detections, 60_000);
  assert.match(String(notes()), /"input":"events\.ndjson"/);
});

test('WEIR_DEBUG=1 shows where an error came from', async (context) => {
  const folder = workFolder(context);
  const { code, stderr } = await weir(context, folder, ['backtest', 'rules', '--from', 'none'], { WEIR_DEBUG: '1' });
  assert.equal(code, 2);
  assert.match(stderr, /\n {4}at /);
});

test('more threads than any machine has use for are refused, with the reason', async (context) => {
  const folder = workFolder(context);
  for (const command of ['backtest rules --from log', 'columns', 'score rules']) {
    const { code, stderr } = await weir(context, folder, [...command.split(' '), '--threads', '100000']);
    assert.equal(code, 2, command);
    assert.match(stderr, /'100000' is invalid\. It must be at most 256: each thread takes memory of its own/, command);
    // 256 are taken: what is wrong then is another thing, or nothing.
    const most = await weir(context, folder, [...command.split(' '), '--threads', '256', '--nothing']);
    assert.match(most.stderr, /unknown option '--nothing'/, command);
  }
});
