import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from '../../at-end.ts';

/** A small pack: a rule with a view, its test with one test that passes and one that fails. */
export const smallPack = {
  'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 5 SECONDS;\n',
  'rules/auth/guess.rule.sql': `CREATE VIEW failed AS SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail';

CREATE RULE guess SEVERITY low AS
SELECT account_id, count(*) AS failures
FROM failed
GROUP BY account_id
WINDOW SLIDING 1 MINUTES
HAVING failures >= 3;
`,
  'rules/auth/guess.test.yaml': `- test: three fire
  events: [{ every: 10s, times: 3, event: { event_type: login, result: fail, account_id: a } }]
  expect: [{ rule: guess, at: 20s, failures: 3 }]
- test: two fire
  events: [{ every: 10s, times: 2, event: { event_type: login, result: fail, account_id: a } }]
  expect: [{ rule: guess, at: 10s, failures: 2 }]
`,
} as const;

/** Writes files below a temporary folder that goes with the test; a null text leaves the file out. */
export function ruleFolder(context: TestContext, files: Readonly<Record<string, string | null>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
