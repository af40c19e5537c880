import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failures, SpawnedWeir, weir, workFolder } from './spawn-weir.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');

interface Summary {
  read: number;
  accepted: number;
  duplicate: number;
  late: number;
  rejected: number;
  would_be_late: number;
  lines: number;
  skipped: number;
  lines_of_several: number;
  events_of_several: number;
  after_until: number;
  undecided: number | null;
  first_event: string | null;
  last_event: string | null;
  received_at: string;
  rules: Record<string, { detections: number; events: number; keys: number; null_key: number; history: string }>;
}

const readSummary = (folder: string): Summary => JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
const recordsOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const garbage = '{"timestamp": 1}\nnope\n\n{"a":1,"a":2}\n';

test('law 3: in a pipe NDJSON; counters add up; what was rejected is named, counted and kept', async (context) => {
  const repeated = failures('mara', 1, start_ms);
  const text = failures('mara', 4, start_ms) + repeated + garbage + failures('ivo', 2, start_ms + 5000, 'i');
  const folder = workFolder(context, { 'events.ndjson': text });
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json', '--dead-letters', 'dead'];
  const { code, stdout, stderr } = await weir(context, folder, args);
  assert.equal(code, 0, stderr);
  const records = recordsOf(stdout);
  assert.equal(records.length, 1);
  assert.equal(records[0].title, 'Guessing on mara');
  assert.equal(records[0].detected_at, null);
  assert.deepEqual(records[0].provenance, { mode: 'backtest' });
  const summary = readSummary(folder);
  const { read, accepted, duplicate, late, rejected } = summary;
  assert.deepEqual(
    { read, accepted, duplicate, late, rejected },
    { read: 10, accepted: 6, duplicate: 1, late: 0, rejected: 3 },
  );
  assert.equal(summary.skipped, 1);
  assert.equal(summary.rules.guessing.detections, 1);
  assert.equal(summary.rules.guessing.keys, 1);
  assert.equal(summary.rules.guessing.events, 6);
  assert.equal(summary.rules.guessing.null_key, 0);
  assert.equal(summary.rules.guessing.history, 'warm');
  assert.match(stderr, /guessing +1/);
  assert.match(stderr, /rejected events\.ndjson:7: /);
  const dead = recordsOf(readFileSync(join(folder, 'dead'), 'utf8'));
  assert.deepEqual(
    dead.map(({ position }) => position),
    [6, 7, 9],
  );
  assert.equal(Buffer.from(String(dead[1].bytes), 'base64').toString(), 'nope');
});

test('a line that stands for several events is counted, so that lines and events add up', async (context) => {
  const failed = 'Failed password for mara from 192.0.2.1 port 22 ssh2';
  const at = (second: number) => `Mar 27 13:06:5${second} host sshd[1291]:`;
  const text = [
    `${at(0)} ${failed}`,
    `${at(1)} message repeated 4 times: [ ${failed}]`,
    `${at(2)} message repeated 2 times: [ ${failed}]`,
    `${at(3)} message repeated 1 times: [ ${failed}]`,
    `${at(4)} Server listening on 0.0.0.0 port 22.`,
    'Mar 27 13:06:55 host CRON[7]: pam_unix(cron:session): session opened for user root',
  ];
  const folder = workFolder(context, { 'auth.log': `${text.join('\n')}\n` });
  const sshd = ['auth.log', '--as', 'sshd', '--year', '2026'];
  const args = ['backtest', 'rules', '--from', ...sshd, '--summary', 'summary.json'];
  const { code, stderr } = await weir(context, folder, args);
  assert.equal(code, 0, stderr);
  const figures = '(skipped: 1 no event, 1 other program; 2 lines stand for 6 events)';
  assert.ok(stderr.includes(`  8 events of 6 lines ${figures} · accepted 8 · `), stderr);
  const { lines, skipped, lines_of_several, events_of_several, read } = readSummary(folder);
  assert.deepEqual([lines_of_several, events_of_several], [2, 6]);
  assert.equal(lines - skipped - lines_of_several + events_of_several, read);
  const stored = await weir(context, folder, ['ingest', ...sshd]);
  assert.match(stored.stderr, /\n {2}skipped: 1 no event, 1 other program; 2 lines stand for 6 events\n/);
});

test('what came to nothing is told: failed casts of details, and casts and arithmetic of rules', async (context) => {
  const rule = `CREATE RULE numbers AS SELECT account_id FROM events
    WHERE account_id::int > 5 OR details.n::int > 5 OR net.asn * 9007199254740991 > 5;`;
  const text = [
    ['x', 'y', 2],
    ['7', '8', 1],
    ['z', '9', 0],
  ]
    .map(([account_id, n, asn], i) => {
      const event = {
        timestamp: start_ms + i,
        platform: 'p',
        event_type: 't',
        account_id,
        net: { asn },
        details: { n },
      };
      return `${JSON.stringify(event)}\n`;
    })
    .join('');
  const folder = workFolder(context, { 'events.ndjson': text, 'mine/numbers.rule.sql': rule });
  const args = ['backtest', 'mine', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const { code, stderr } = await weir(context, folder, args);
  assert.equal(code, 0, stderr);
  const { failed_casts, failed_values } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  assert.deepEqual(failed_casts, { 'details.n': 1 });
  assert.deepEqual(failed_values, { numbers: { 'account_id::int': 2, 'net.asn * 9007199254740991': 1 } });
  assert.match(stderr, /^ {2}details\.n: 1 value could not be read as its type, and counted as NULL$/m);
  assert.match(
    stderr,
    /^ {2}numbers: account_id::int had no result 2 times \(a failed cast or an overflow\), which is NULL$/m,
  );
});

test('two runs give identical bytes; --out takes the records, and the pipe gets nothing', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 5, start_ms) });
  const args = ['backtest', 'rules', '--from', 'events.ndjson'];
  const first = await weir(context, folder, args);
  const second = await weir(context, folder, [...args, '--out', 'out.ndjson']);
  assert.equal(second.stdout, '');
  assert.equal(readFileSync(join(folder, 'out.ndjson'), 'utf8'), first.stdout);
  assert.notEqual(first.stdout, '');
});

test('--format json is one document, --format table is for people', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 5, start_ms) });
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--utc', '--format'];
  const json = JSON.parse((await weir(context, folder, [...args, 'json'])).stdout);
  assert.equal(json.detections.length, 1);
  assert.equal(json.summary.accepted, 5);
  const { stdout } = await weir(context, folder, [...args, 'table']);
  assert.match(stdout, /when +severity +rule +key +what\n +01 Mar 10:00:02 +medium +guessing +mara +failures 3\n$/);
});

test('a hostile account name cannot control the terminal', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('\u001b[2J\u202e', 3, start_ms) });
  const { stdout } = await weir(context, folder, ['backtest', 'rules', '--from', 'events.ndjson', '--format', 'table']);
  assert.match(stdout, /\\u\{1b\}\[2J\\u\{202e\}/);
  assert.equal(stdout.includes('\u001b') || stdout.includes('\u202e'), false);
});

test('S4 a file is sorted whole; --as-arrived takes it through the live door', async (context) => {
  const lines = failures('mara', 6, start_ms).trimEnd().split('\n');
  const text = `${[lines[0], lines[5], lines[1], lines[2], lines[3], lines[4]].join('\n')}\n`;
  const folder = workFolder(context, { 'events.ndjson': text });
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const sorted = await weir(context, folder, args);
  assert.equal(recordsOf(sorted.stdout)[0].decided_at, '2026-03-01T10:00:02.000Z');
  assert.deepEqual([readSummary(folder).late, readSummary(folder).would_be_late], [0, 3]);
  const arrived = await weir(context, folder, [...args, '--as-arrived']);
  assert.equal(recordsOf(arrived.stdout)[0].decided_at, '2026-03-01T10:00:05.000Z');
  assert.equal(readSummary(folder).late, 3);
});

test('S2 the first and the last accepted event are told, also of a file as it arrived', async (context) => {
  const event = (id: string, seconds: number) => failures(id, 1, start_ms + seconds * 1000, id);
  // What is late or rejected is none of them, and the one of 40 s gives way to one of its id that is earlier.
  const moved = event('d', 40) + event('d', 39.5);
  const text = `${event('a', 5) + event('b', 4.5) + event('c', 0) + moved}{"timestamp":1}\n`;
  const folder = workFolder(context, { 'events.ndjson': text, 'none.ndjson': '' });
  const args = ['backtest', 'rules', '--as-arrived', '--summary', 'summary.json', '--from'];
  const { stderr } = await weir(context, folder, [...args, 'events.ndjson']);
  const { accepted, duplicate, late, rejected, first_event, last_event } = readSummary(folder);
  assert.deepEqual({ accepted, duplicate, late, rejected }, { accepted: 3, duplicate: 1, late: 1, rejected: 1 });
  assert.deepEqual([first_event, last_event], ['2026-03-01T10:00:04.500Z', '2026-03-01T10:00:39.500Z']);
  assert.match(stderr, /^ {2}35 s in /m);
  await weir(context, folder, [...args, 'none.ndjson']);
  assert.deepEqual([readSummary(folder).first_event, readSummary(folder).last_event], [null, null]);
});

test('S14 --since says whether the history before it is long enough, --until ends the run', async (context) => {
  const text =
    failures('mara', 3, start_ms) +
    failures('ivo', 3, start_ms + 120_000, 'i') +
    failures('z', 3, start_ms + 300_000, 'z');
  const folder = workFolder(context, { 'events.ndjson': text });
  const run = (since: string) =>
    weir(context, folder, [
      ...['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json'],
      ...['--since', since, '--until', '2026-03-01T10:04:00Z'],
    ]);
  const { stdout } = await run('2026-03-01T10:02:00Z');
  assert.deepEqual(
    recordsOf(stdout).map(({ title }) => title),
    ['Guessing on ivo'],
  );
  assert.equal(readSummary(folder).rules.guessing.history, 'warm');
  assert.equal(readSummary(folder).after_until, 3);
  await run('2026-03-01T10:00:30Z');
  assert.equal(readSummary(folder).rules.guessing.history, 'partial');
});

test('--as-arrived counts what lies after --until as a sorted backtest does, whatever the order and the number', async (context) => {
  // Out of order by up to 960 ms, and LATENESS is 1 s.
  const at = (i: number) => failures(`a${i}`, 1, start_ms + i * 40, `e${i}-`);
  const lines = Array.from({ length: 5000 }, (_, i) => at(i + ((i % 7) - 3) * 4));
  const twice = [at(10_000), at(10_000)];
  const folder = workFolder(context, { 'events.ndjson': [...lines.slice(20), ...twice].join('') });
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const counted = async (...more: string[]) => {
    const { code, stderr } = await weir(context, folder, [...args, ...more]);
    assert.equal(code, 0, stderr);
    const { accepted, after_until, late, undecided } = readSummary(folder);
    assert.equal(late, 0);
    // What closing everything at --until would give, the live door is not asked.
    const isSaid = !more.includes('--until') || !more.includes('--as-arrived');
    assert.equal(typeof undecided, isSaid ? 'number' : 'object');
    assert.equal(stderr.includes('not yet decided'), isSaid && more.includes('--until'), stderr);
    return [accepted, after_until];
  };
  const until = ['--until', new Date(start_ms + 3333 * 40).toISOString()];
  const sorted = await counted(...until);
  assert.ok(sorted[1] > 1600 && sorted[1] < 1700, String(sorted));
  assert.deepEqual(await counted(...until, '--as-arrived'), sorted);
  assert.equal((await counted('--as-arrived'))[1], 0, 'without --until nothing is after it');
  const all = ['--until', new Date(start_ms).toISOString(), '--as-arrived'];
  assert.deepEqual(await counted(...all), [sorted[0], sorted[0]]);
});

test('S3 a file counts as received at the start of the run, or --as-of: what is later than MAX_AHEAD is rejected', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 3, start_ms) });
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const before_ms = Date.now();
  assert.equal(recordsOf((await weir(context, folder, args)).stdout).length, 1);
  const { received_at } = readSummary(folder);
  assert.ok(Date.parse(received_at) >= before_ms && Date.parse(received_at) <= Date.now(), received_at);
  const as_of = '2026-03-01T09:55:01.000Z';
  const { stdout, stderr } = await weir(context, folder, [...args, '--as-of', as_of]);
  assert.equal(stdout, '');
  const { accepted, rejected, ...recorded } = readSummary(folder);
  assert.deepEqual([accepted, rejected, recorded.received_at], [2, 1, as_of]);
  assert.match(stderr, /rejected events\.ndjson:3: /);
});

test('lines from a pipe', async (context) => {
  const folder = workFolder(context);
  const run = new SpawnedWeir(context, folder, ['backtest', 'rules', '--from', '-']);
  run.child.stdin.end(failures('mara', 3, start_ms));
  const { code, stdout } = await run.ended();
  assert.equal(code, 0);
  assert.equal(recordsOf(stdout).length, 1);
});

test('where everything is rejected for one cause, the summary says what to do', async (context) => {
  const line = 'Mar  1 10:00:00 host sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n';
  const folder = workFolder(context, { 'auth.log': line.repeat(3) });
  const args = ['backtest', 'rules', '--from', 'auth.log'];
  assert.match((await weir(context, folder, args)).stderr, /hint: .*--as sshd/);
  assert.match(
    (await weir(context, folder, [...args, '--as', 'sshd', '--year', '2099'])).stderr,
    /hint: .*--time-zone/,
  );
  assert.doesNotMatch((await weir(context, folder, [...args, '--as', 'sshd', '--year', '2020'])).stderr, /hint:/);
});

test('exceptions: what they ignore and mute is counted; more than half is a warning, nothing is told', async (context) => {
  const exception = (name: string, action: string, where: string, valid = '') =>
    `CREATE EXCEPTION ${name} FOR guessing ${action} WHERE ${where}${valid} BECAUSE 'a test';\n`;
  const folder = workFolder(context, {
    'events.ndjson':
      failures('mara', 4, start_ms) +
      failures('ivo', 3, start_ms + 5000, 'i') +
      failures('red', 3, start_ms + 20_000, 'r') +
      failures('red', 3, start_ms + 200_000, 's'),
    'rules/exceptions/all.exception.sql':
      exception('pentest', 'IGNORE', "account_id = 'red'", ` VALID TO '${new Date(start_ms + 60_000).toISOString()}'`) +
      exception('known', 'MUTE', "account_id IN ('ivo', 'red')") +
      exception('idle', 'IGNORE', "platform = 'nowhere'"),
  });
  const args = ['backtest', 'rules/auth/guessing.rule.sql', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const { stdout, stderr } = await weir(context, folder, args);
  assert.deepEqual(
    recordsOf(stdout).map(({ key, status, suppressed_by }) => [
      (key as { account_id: string }).account_id,
      status,
      suppressed_by,
    ]),
    [
      ['mara', 'open', null],
      ['ivo', 'suppressed', 'exception:known'],
      ['red', 'suppressed', 'exception:known'],
    ],
  );
  assert.match(stderr, / {2}exception pentest: 3 of 13 events kept from guessing\n/);
  assert.match(stderr, /warning: exception known: 2 of 3 detections of guessing muted: more than half/);
  assert.match(stderr, /exception idle: matched no event of guessing/);
  const { exceptions } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  assert.deepEqual(exceptions[0], { exception: 'pentest', rule: 'guessing', action: 'ignore', matched: 3, of: 13 });
});

test('exceptions of rules over EXISTS and JOIN are counted by the rows of the side that they are asked of', async (context) => {
  const folder = workFolder(context, {
    'events.ndjson': failures('mara', 4, start_ms) + failures('red', 3, start_ms + 20_000, 'r'),
    'own/joined.rule.sql': `CREATE RULE seen_twice AS SELECT account_id, count(*) AS n FROM events AS e
      WHERE event_type = 'login' AND EXISTS (SELECT 1 FROM events AS s WHERE s.account_id = e.account_id WITHIN (BEFORE 1 MINUTE))
      GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n >= 2;
      CREATE RULE pairs AS SELECT e.account_id AS a, count(*) AS n FROM events AS e
      JOIN events AS s WITHIN (BEFORE 1 MINUTE) ON s.account_id = e.account_id
      WHERE e.event_type = 'login' AND e.timestamp <> s.timestamp GROUP BY e.account_id WINDOW SLIDING 5 MINUTES HAVING n >= 2;
      CREATE EXCEPTION red FOR seen_twice IGNORE WHERE account_id = 'red' BECAUSE 'a test';
      CREATE EXCEPTION red_pairs FOR pairs IGNORE WHERE s.account_id = 'red' BECAUSE 'a test';
      CREATE EXCEPTION idle FOR pairs IGNORE WHERE e.platform = 'nowhere' BECAUSE 'a test';\n`,
  });
  const args = ['backtest', 'own', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const { stdout, stderr } = await weir(context, folder, args);
  assert.deepEqual(new Set(recordsOf(stdout).map(({ rule }) => rule)), new Set(['seen_twice', 'pairs']));
  assert.match(stderr, /exception red: 3 of 7 events kept from seen_twice/);
  assert.match(stderr, /exception red_pairs: 3 of 7 events kept from pairs/);
  assert.match(stderr, /exception idle: matched no event of pairs/);
  const explained = await weir(context, folder, ['explain', 'pairs', 'own']);
  assert.match(explained.stdout, /where e\.timestamp <> s\.timestamp/);
});

test('rows of tables are in the summary, and so is how many records were rejected besides those that are shown', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': failures('mara', 4, start_ms) + 'nope\n'.repeat(5) });
  const table =
    'CREATE TABLE per_minute AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 MINUTE;\n';
  writeFileSync(join(folder, 'rules/auth/per_minute.table.sql'), table);
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json', '--utc'];
  const { stderr } = await weir(context, folder, args);
  const { tables } = readSummary(folder) as unknown as { tables: Record<string, { rows: number; keys: number }> };
  assert.deepEqual(Object.keys(tables), ['per_minute']);
  assert.ok(tables.per_minute.rows >= 1);
  assert.equal(tables.per_minute.keys, 1);
  assert.match(stderr, /table +rows +keys +from +to\n +per_minute +\d+ +1 /);
  assert.match(stderr, /\.\.\. and 2 more rejected: --dead-letters FILE writes them all\n/);
  const kept = await weir(context, folder, [...args, '--dead-letters', 'dead.ndjson']);
  assert.match(kept.stderr, /\.\.\. and 2 more rejected: dead\.ndjson has them all\n/);
});

test('a file without an event says nothing of the rules, and that is said', async (context) => {
  const folder = workFolder(context, { 'events.ndjson': '' });
  const { code, stderr } = await weir(context, folder, ['backtest', '--from', 'events.ndjson']);
  assert.equal(code, 0);
  assert.match(stderr, /the file has no events: this says nothing of the rules/);
  assert.doesNotMatch(stderr, /would have said/);
});
