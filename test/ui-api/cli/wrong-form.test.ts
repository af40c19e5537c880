import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failures, hasProgram, weir, workFolder } from './spawn-weir.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');
const lines = failures('mara', 4, start_ms);
const events = lines.trim().split('\n');
const pretty = events.map((event) => JSON.stringify(JSON.parse(event), null, 2)).join('\n');
const ecs = events.map((event, i) => {
  const { timestamp } = JSON.parse(event);
  const fields = { event: { action: 'login' }, user: { name: 'mara' }, event_id: `e${i}`, auth: { result: 'fail' } };
  return JSON.stringify({ '@timestamp': new Date(timestamp).toISOString(), ...fields });
});

interface Form {
  readonly content: string | Buffer;
  readonly said: RegExp;
}

const header = 'event_id,timestamp,platform,event_type,account_id,note\n';
const rows = events.map((_, i) => `e${i},2026-03-01T10:00:0${i}Z,web,login,mara,"a, ""b"""\n`).join('');

const forms: Readonly<Record<string, Form>> = {
  'objects.json': { content: pretty, said: /this JSON is written over several/ },
  'one wide.json': {
    content: JSON.stringify({ a: 1, events: [] }, null, 2),
    said: /this JSON is written over several/,
  },
  'list.json': {
    content: JSON.stringify(
      events.map((event) => JSON.parse(event)),
      null,
      2,
    ),
    said: /an array over several/,
  },
  'elements.json': { content: `[\n${events.join(',\n')}\n]\n`, said: /an array over several/ },
  'compact.json': { content: `[${events.join(',')}]\n`, said: /this one is an array of them/ },
  "it's.csv": { content: `\ufeff${header}${rows}`, said: /looks like CSV/ },
  'semicolons.csv': {
    content: (header + rows.replaceAll(/"[^\n]*/g, 'x')).replaceAll(',', ';'),
    said: /looks like CSV/,
  },
  'tabs.tsv': { content: (header + rows.replaceAll(/"[^\n]*/g, 'x')).replaceAll(',', '\t'), said: /looks like CSV/ },
  'returns.ndjson': { content: lines.replaceAll('\n', '\r'), said: /CR alone/ },
  'ecs.ndjson': { content: `${ecs.join('\n')}\n`, said: /missing: timestamp, platform, event_type, account_id/ },
  'old.ndjson': { content: execFileSync('gzip', ['-c'], { input: lines }), said: /is compressed \(gzip\)/ },
  'windows.ndjson': { content: Buffer.from(`\ufeff${lines}`, 'utf16le'), said: /is text in UTF-16/ },
};

const commandOf = (stderr: string) => /hint: .*?`(.*?)(?: \| weir [^`]*)?`/.exec(stderr)?.[1] as string;

test('a file of another form is called by its name, and the command that is printed makes events of it', async (context) => {
  const folder = workFolder(context);
  for (const [name, { content, said }] of Object.entries(forms)) {
    writeFileSync(join(folder, name), content);
    const wrong = await weir(context, folder, ['backtest', 'rules', '--from', name]);
    assert.match(wrong.stderr, said, name);
    assert.doesNotMatch(wrong.stderr, /sshd/, name);
    assert.equal(wrong.code, /error:/.test(wrong.stderr) ? 2 : 0);
    const command = commandOf(wrong.stderr);
    if (!hasProgram(context, command.split(' ', 1)[0])) continue;
    const made = execFileSync('sh', ['-c', command], { cwd: folder });
    writeFileSync(join(folder, 'made'), made);
    if (name === 'one wide.json') {
      assert.equal(made.toString(), '{"a":1,"events":[]}\n');
      continue;
    }
    const args = ['backtest', 'rules', '--from', 'made', '--summary', 'summary.json'];
    const right = await weir(context, folder, args);
    const { accepted } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    assert.equal(accepted, 4, `${name}: ${right.stderr}`);
  }
});

test('ingest and check --seen say the same of such a file', async (context) => {
  const folder = workFolder(context);
  const some = ['objects.json', 'compact.json', "it's.csv", 'ecs.ndjson', 'old.ndjson'];
  for (const [name, { content, said }] of Object.entries(forms).filter(([name]) => some.includes(name))) {
    writeFileSync(join(folder, name), content);
    const seen = await weir(context, folder, ['check', 'rules', '--seen', name]);
    assert.match(seen.stderr, said, name);
    // Without a Weir that runs nobody knows which fields are missing.
    if (name.startsWith('ecs')) continue;
    const { stderr } = await weir(context, folder, ['ingest', name], { WEIR_PORT: '1' });
    assert.match(stderr, said, name);
  }
});

test('what looks like another form and is none is not called so', async (context) => {
  const texts = [
    '[2026-03-01 10:00:00] one\n[2026-03-01 10:00:01] two\n',
    'Mar  1 10:00:00 host sshd[7]: Failed password, again, for root\n'.repeat(3),
    `${lines}{\n`,
    `${lines}a,b\n1,2\n`,
    '{"a":1,\n',
  ];
  const folder = workFolder(context);
  for (const text of texts) {
    writeFileSync(join(folder, 'x'), text);
    const { stderr } = await weir(context, folder, ['backtest', 'rules', '--from', 'x']);
    if (text.startsWith('{"a"')) assert.match(stderr, /written over several/);
    else assert.doesNotMatch(stderr, /jq|csv|tr '/i, text);
  }
});
