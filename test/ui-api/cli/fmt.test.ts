import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addFmtCommand } from '../../../ui-api/cli/fmt.ts';
import { ruleFolder } from './rule-folder.ts';
import { runCli } from './run-cli.ts';

const untidy = 'create view v as\n   select account_id from events; -- all\n';
const tidy = 'CREATE VIEW v AS\nSELECT account_id FROM events; -- all\n';

test('--check says which file is not in style and changes nothing; without it the file is rewritten, once', async (context) => {
  const folder = ruleFolder(context, { 'a.view.sql': untidy, 'b.view.sql': tidy.replace(' v ', ' w ') });
  const read = () => readFileSync(join(folder, 'a.view.sql'), 'utf8');
  const checked = await runCli(addFmtCommand, folder, 'fmt', '--check', 'a.view.sql', 'b.view.sql');
  assert.deepEqual([checked.code, checked.stdout], [1, 'not in style  a.view.sql\n2 files, 1 not in style\n']);
  const json = await runCli(addFmtCommand, folder, 'fmt', '--check', 'a.view.sql', '--format', 'json');
  assert.deepEqual([json.code, JSON.parse(json.stdout)[0].status], [1, 'not_in_style']);
  assert.equal(read(), untidy);
  const written = await runCli(addFmtCommand, folder, 'fmt', 'a.view.sql', 'b.view.sql');
  assert.deepEqual([written.code, written.stdout], [0, 'formatted  a.view.sql\n2 files, 1 formatted\n']);
  assert.equal(read(), tidy);
  const again = await runCli(addFmtCommand, folder, 'fmt', '--check', 'a.view.sql', '--format', 'ndjson');
  assert.deepEqual([again.code, JSON.parse(again.stdout).status], [0, 'unchanged']);
});

test('--stdout leaves the file alone; a file that does not parse stays, with its error', async (context) => {
  const wrong = 'CREATE VIEW AS SELECT account_id FROM events;\n';
  const folder = ruleFolder(context, { 'a.view.sql': untidy, 'wrong.view.sql': wrong });
  const shown = await runCli(addFmtCommand, folder, 'fmt', '--stdout', 'a.view.sql');
  assert.deepEqual([shown.code, shown.stdout], [0, tidy]);
  assert.equal(readFileSync(join(folder, 'a.view.sql'), 'utf8'), untidy);
  const failed = await runCli(addFmtCommand, folder, 'fmt', 'wrong.view.sql');
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /error\[W\d{4}\][\s\S]*wrong\.view\.sql:1:/);
  assert.equal(readFileSync(join(folder, 'wrong.view.sql'), 'utf8'), wrong);
  const both = await runCli(addFmtCommand, folder, 'fmt', '--check', '--stdout', 'a.view.sql');
  assert.equal(both.code, 2);
  const none = await runCli(addFmtCommand, folder, 'fmt', 'none.rule.sql');
  assert.equal(none.code, 2);
});

test('the file of a table is found in its pack and formatted like every other', async (context) => {
  const table = 'create table per_hour as\nselect account_id, count(*) as n from events\n';
  const rest = 'group by account_id\nwindow tumbling 1 hour;\n';
  const folder = ruleFolder(context, { 'pack/per_hour.table.sql': table + rest });
  const written = await runCli(addFmtCommand, folder, 'fmt', 'pack');
  assert.deepEqual([written.code, written.stdout], [0, 'formatted  pack/per_hour.table.sql\n1 file, 1 formatted\n']);
  assert.match(readFileSync(join(folder, 'pack/per_hour.table.sql'), 'utf8'), /^CREATE TABLE per_hour AS\nSELECT /);
});
