import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { failures, weir, workFolder } from './spawn-weir.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');

/** Beside the rule of the folder: one whose detections have a life, one in shadow and a signal. */
const lives = `CREATE RULE heavy SEVERITY low AS
SELECT account_id, count(*) AS failures, top(account_id, 2) AS names FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING failures >= 3
ESCALATE WHEN failures >= 5 TO high
UPDATE AT END
CLOSE AFTER 10 MINUTES QUIET
RISK failures ON account account_id HALF LIFE 1 DAY;
CREATE RULE tried MODE shadow AS SELECT account_id FROM events WHERE event_type = 'login'
SUPPRESS BY account_id FOR 1 DAY;
CREATE RULE counted MODE signal AS SELECT account_id FROM events WHERE event_type = 'login'
SUPPRESS BY account_id FOR 1 DAY;
`;

test('revisions in NDJSON, in the table and in the summary; a signal is counted and not shown', async (context) => {
  const files = { 'events.ndjson': failures('mara', 6, start_ms), 'rules/auth/heavy.rule.sql': lives };
  const folder = workFolder(context, files);
  const args = ['backtest', 'rules', '--from', 'events.ndjson', '--summary', 'summary.json'];
  const { code, stdout, stderr } = await weir(context, folder, args);
  assert.equal(code, 0, stderr);
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const heavy = records.filter(({ rule }) => rule === 'heavy');
  assert.deepEqual(
    heavy.map(({ revision, status, severity, values, risk }) => [
      revision,
      status,
      severity,
      values.failures,
      risk.score,
    ]),
    [
      [1, 'open', 'low', 3, 3],
      [2, 'updated', 'high', 5, 3],
      [3, 'updated', 'high', 6, 3],
      [4, 'closed', 'high', 6, 3],
    ],
  );
  assert.equal(new Set(heavy.map(({ id }) => id)).size, 1);
  const open = records.filter(({ status }) => status === 'open').map(({ rule }) => rule);
  assert.deepEqual(open.toSorted(), ['guessing', 'heavy', 'tried']);
  assert.equal(records.find(({ rule }) => rule === 'tried')?.provenance.rule_mode, 'shadow');
  const { rules } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  assert.deepEqual([rules.heavy.detections, rules.heavy.revisions, rules.counted.detections], [1, 3, 1]);
  const table = await weir(context, folder, [...args, '--format', 'table']);
  assert.match(table.stdout, /high +heavy +mara +updated: failures 5, names mara 5/);
  assert.match(table.stdout, /high +heavy +mara +closed: failures 6/);
  assert.match(table.stdout, /tried +shadow: account_id mara/);
  assert.doesNotMatch(table.stdout, /tenant/);
  const event = (tenant_id: string) =>
    JSON.stringify({
      timestamp: start_ms,
      event_id: tenant_id,
      tenant_id,
      platform: 'x',
      account_id: 'ann',
      event_type: 'logout',
    });
  const tenants = workFolder(context, {
    'events.ndjson': ['one', 'two'].map((tenant) => `${event(tenant)}\n`).join(''),
    'r.rule.sql': "CREATE RULE away AS SELECT account_id FROM events WHERE event_type = 'logout';",
  });
  const of = await weir(context, tenants, ['backtest', 'r.rule.sql', '--from', 'events.ndjson', '--format', 'table']);
  assert.match(
    of.stdout,
    /when +severity +rule +tenant +key +what\n[\s\S]*away +one +account_id ann[\s\S]*away +two +account_id ann/,
    of.stderr,
  );
});
