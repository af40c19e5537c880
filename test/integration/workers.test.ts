import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ruleFolder } from '../ui-api/cli/rule-folder.ts';
import { WeirProcess } from './weir-process.ts';

const one = `CREATE RULE many AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 1 MINUTE HAVING n >= 3;\n`;

test('fewer threads than were asked for: the start says how many judge, and why not more', async (t) => {
  const folder = ruleFolder(t, { 'rules/many.rule.sql': one });
  const weir = await WeirProcess.start([join(folder, 'rules')], join(folder, 'var'), ['--workers', '64']);
  try {
    assert.equal(((await weir.status()) as unknown as { workers: number }).workers, 2);
  } finally {
    assert.equal(await weir.end('SIGINT'), 0, weir.stderr);
  }
  assert.match(weir.stderr, /note: 2 threads judge the rules, of 64 that were asked for \(workers\): rules that share/);
});

/** Starts a Weir with threads in this process whose log cannot take the rows of a lookup, and says what that threw. */
const failing = (folder: string, root: string): string => `
import { compose } from '${root}ui-api/compose.ts';
import { readConfig } from '${root}ui-api/config.ts';
import { loadProgram, lookupFiles } from '${root}ui-api/cli/rules.ts';
import { nodeFiles, SegmentLog } from '${root}connectors/index.ts';
const folder = ${JSON.stringify(folder)};
const config = readConfig({ flags: { data: folder + '/var', port: 0, workers: 3, rules: ['rules'] }, environment: { WEIR_STORE: 'off' }, folder });
const silent = { line() {}, write() {}, is_terminal: false, paint: {}, width: 80 };
const shell = { folder, environment: {}, stderr: silent, stdout: silent, now_ms: Date.now };
const loaded = loadProgram(config.rules, shell, 'recorded');
let begun = false;
SegmentLog.prototype.append = async () => { begun = true; throw new Error('the disk is full'); };
await compose({
  config, program: loaded.program, version: '0.0.0', clock: { now_ms: Date.now, monotonic_ms: () => performance.now() },
  rules: { folder, paths: config.rules, plan: loaded.plan, loaded: loaded.loaded },
  lookups: lookupFiles(loaded.plan, shell), report() {}, replaying() {},
}).catch((error) => process.stdout.write(begun + ' ' + error.message + '\\n'));
`;

test('a start that fails when its threads have begun ends them: the process does not hang', (t) => {
  const rules = `CREATE LOOKUP vips (account_id string PRIMARY KEY) WITH (source = 'vips.csv');
CREATE RULE vip AS SELECT account_id FROM events WHERE account_id IN LOOKUP vips;\n${one}`;
  const event = JSON.stringify({ timestamp: Date.now(), platform: 'x', event_type: 'login', account_id: 'a' });
  const files = { 'rules/a.rule.sql': rules, 'rules/vips.csv': 'account_id\na\n', 'e.ndjson': `${event}\n` };
  const folder = ruleFolder(t, files);
  const root = new URL('../../', import.meta.url).href;
  const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
  execFileSync(process.execPath, [entry, 'ingest', 'e.ndjson'], { cwd: folder, stdio: 'ignore' });
  // In a file: threads take over the arguments of the process, and have no --eval.
  const script = join(folder, 'failing.mjs');
  writeFileSync(script, failing(folder, root));
  // It is ended by the time where threads keep it alive.
  const said = execFileSync(process.execPath, [script], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  assert.equal(said, 'true the disk is full\n');
});
