import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Shell } from '../../../ui-api/cli/command.ts';
import { deployedRules, loadProgram } from '../../../ui-api/cli/rules.ts';

test('a deployed rule has the text of its file, whatever its name has and whatever comments say', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-deployed-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const ruleOf = (name: string) => `CREATE RULE ${name} SEVERITY low AS SELECT account_id FROM events;\n`;
  const files = {
    'a.rule.sql': `-- not CREATE RULE second, which stands elsewhere\n${ruleOf('"a(b.*"')}`,
    'b.rule.sql': ruleOf('second'),
    'events.stream.sql': 'CREATE STREAM events LATENESS 5 SECONDS;\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const stderr = { line: () => undefined, paint: { enabled: false } };
  const deployed = deployedRules(loadProgram(['.'], { folder, stderr } as unknown as Shell));
  const places = deployed.map(({ name, path, text }) => [name, path.replace(/^\.\//, ''), text]);
  assert.deepEqual(places, [
    ['a(b.*', 'a.rule.sql', files['a.rule.sql']],
    ['second', 'b.rule.sql', files['b.rule.sql']],
  ]);
});
