import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../../dsl/compile.ts';
import { format } from '../../../dsl/format/format.ts';
import { parityCase } from '../../simulation/arbitrary.ts';
import { lookupToSql, rulesToSql } from '../../simulation/to-sql.ts';

const root = new URL('../../..', import.meta.url).pathname;
const sqlBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => path.endsWith('.sql'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

function formatted(text: string, path = 'x.rule.sql'): string {
  const { text: result, diagnostics } = format({ path, text });
  assert.notEqual(result, null, JSON.stringify(diagnostics));
  return result as string;
}

const commentsOf = (text: string) =>
  [...text.replace(/'(?:[^']|'')*'/g, "''").matchAll(/--[^\n]*/g)].map(([c]) => c.trimEnd());
const planOf = (text: string) => compile([{ path: 'x.rule.sql', text }]).plan?.hash;

test('the rules of this repository are in the house style', () => {
  for (const { path, text } of sqlBelow('rules')) assert.equal(formatted(text, path), text, path);
});

test('formatting twice is formatting once; plans and comments stay: rules, goldens, and squeezed on one line', () => {
  const files = [...sqlBelow('rules'), ...sqlBelow('test/golden')];
  let compared = 0;
  for (const { path, text } of files) {
    const once = format({ path, text }).text;
    if (once === null) continue;
    assert.equal(formatted(once, path), once, path);
    assert.deepEqual(commentsOf(once), commentsOf(text), path);
    assert.equal(planOf(once), planOf(text), path);
    const squeezed = text.replace(/^\s*--.*$/gm, '').replace(/\s+/g, ' ');
    const wide = format({ path, text: squeezed }).text;
    if (wide !== null) {
      assert.equal(formatted(wide, path), wide, path);
      assert.equal(planOf(wide), planOf(squeezed), path);
    }
    compared++;
  }
  assert.ok(compared > 30, String(compared));
});

test('random rules keep their plan hash, whatever white space is in them', () => {
  fc.assert(
    fc.property(parityCase, fc.constantFrom(' ', '\n', '\n\n\n  ', '\t'), ({ rules }, white) => {
      const text = [lookupToSql, ...rulesToSql(rules)].join('\n');
      const spaced = text.replace(/'(?:[^']|'')*'|\s+/g, (part) => (part.startsWith("'") ? part : white));
      const once = formatted(spaced);
      assert.equal(formatted(once), once);
      assert.equal(planOf(once), planOf(text));
    }),
    { numRuns: 100, seed: 7 },
  );
});

test('keywords, spaces, indentation, empty lines; comments stay where they are', () => {
  const written = `-- head
create rule   r title 'a  b'
      severity low
as
select account_id ,count( * ) as n -- how many
from events where event_type='login'   and  - 1 <amount


/* why */
group by account_id
window sliding 5 minutes having n>=3
   and n<9
suppress by account_id for 1 hour  ;   -- done`;
  assert.equal(
    formatted(written),
    `-- head
CREATE RULE r TITLE 'a  b'
  SEVERITY low
AS
SELECT account_id, count(*) AS n -- how many
FROM events WHERE event_type = 'login' AND -1 < amount

/* why */
GROUP BY account_id
WINDOW SLIDING 5 MINUTES HAVING n >= 3
  AND n < 9
SUPPRESS BY account_id FOR 1 HOUR;   -- done
`,
  );
});

test('a line over 120 columns is broken before its clauses, then before AND', () => {
  const long = `CREATE VIEW v AS SELECT account_id, platform FROM events WHERE event_type = 'login' AND result = 'fail' AND account_id = 'somebody' AND platform = 'github' AND actor.ip IS NOT NULL;`;
  assert.equal(
    formatted(long),
    `CREATE VIEW v AS
SELECT account_id, platform
FROM events
WHERE event_type = 'login' AND result = 'fail' AND account_id = 'somebody' AND platform = 'github' AND actor.ip IS NOT NULL;
`.replace(/(WHERE.*?'login') (AND.*?'fail') (AND.*?'somebody') (AND.*?'github') (AND)/, '$1\n  $2\n  $3\n  $4\n  $5'),
  );
});

test('names that look like keywords keep their case; a file that does not parse is left as it is', () => {
  const names = `CREATE RULE r SEVERITY low AS\nSELECT details.Order AS "Select",\n  window, Risk\nFROM events;\n`;
  assert.equal(formatted(names), names);
  const wrong = format({ path: 'x', text: 'CREATE RULE AS;' });
  assert.deepEqual([wrong.text, wrong.diagnostics.length > 0], [null, true]);
});

test('a function: its words in capitals, no space before its arguments, its expression further right', () => {
  const written = "create function Is_Tool (agent string,n int) returns bool as\nagent like 'curl/%'\nor n>3;";
  const right = "CREATE FUNCTION Is_Tool(agent string, n int) RETURNS bool AS\n  agent LIKE 'curl/%'\n  OR n > 3;\n";
  assert.equal(formatted(written), right);
});

test('the WITHIN of EXISTS begins a line of its SELECT, that of JOIN stays where it is', () => {
  const exists = `create rule r as select e.account_id from events as e where e.event_type = 'login' and not exists (select 1 from events as s where s.account_id = e.account_id within (before 1 hour, after 2 seconds)\n);`;
  assert.match(
    formatted(exists),
    /\n {2}AND NOT EXISTS \(SELECT 1.* WITHIN \(BEFORE 1 HOUR, AFTER 2 SECONDS\)\n {2}\);/,
  );
  const broken = exists.replace(' within', '\nwithin').replace('(select', '(\nselect');
  assert.match(formatted(broken), /\n {2}SELECT 1 FROM .*\n {2}WITHIN \(BEFORE 1 HOUR/);
  const join = 'create rule r as select e.x from a as e join a as s within 5 minutes on s.account_id = e.account_id;';
  assert.match(formatted(join), /JOIN a AS s WITHIN 5 MINUTES ON/);
});

test('LEFT JOIN is one clause and stays on one line', () => {
  const text =
    'create rule r as select n.reason, e.account_id, e.platform, e.event_type from events as e left join nets as n on n.net = e.actor.ip;';
  assert.match(formatted(text), /\nLEFT JOIN nets AS n ON/);
});

test('CROSS JOIN UNNEST and UNION ALL are one clause each', () => {
  const select =
    "select account_id, tag from events cross join unnest(details.tags) as t(tag) where tag = 'long enough'";
  const text = formatted(`create view v as ${select} union all ${select};`);
  assert.match(text, /\nCROSS JOIN UNNEST\(details\.tags\) AS t\(tag\)\n/);
  assert.match(text, /\nUNION ALL\nSELECT/);
});

test('a line over 120 columns with a bracket: its SELECT by clauses, or its items, on lines of their own', () => {
  const query = `create rule r as with v as (select account_id, count(*) as n from events where event_type = 'login' group by account_id window tumbling 15 minutes having n >= 10) select account_id from v;`;
  const list = `create lookup owners (platform string, account_id string, owner_id string, primary key (platform, account_id)) with (source = 'owners.csv');`;
  const right = `CREATE RULE r AS
WITH v AS (
  SELECT account_id, count(*) AS n
  FROM events
  WHERE event_type = 'login'
  GROUP BY account_id
  WINDOW TUMBLING 15 MINUTES
  HAVING n >= 10
)
SELECT account_id
FROM v;

CREATE LOOKUP owners (
  platform string,
  account_id string,
  owner_id string,
  PRIMARY KEY (platform, account_id)
) WITH (source = 'owners.csv');
`;
  assert.equal(formatted(`${query}\n${list}`), right);
  assert.equal(formatted(right), right);
});

test('NULL, TRUE and FALSE are keywords like the others; behind a dot and in quotes they are names', () => {
  const written = `create rule r as select coalesce(geo.city, null) as c, details.null as "null" from events where ok = true;\n`;
  const right = `CREATE RULE r AS SELECT coalesce(geo.city, NULL) AS c, details.null AS "null" FROM events WHERE ok = TRUE;\n`;
  assert.equal(formatted(written), right);
});

test('words that are keywords in one place only are in capitals there, and stay as they are where they are names', () => {
  const written = `create lookup l (Key string primary key) with (source = 'l.csv');
create rule r param Max int = 1 in 1 to 9 as select max(details.Early) as Key from events
group by account_id window session gap 5 minutes max 1 hour having Key >= :Max
escalate when Key > 5 to high update at end emit early;
tune r where tenant_id = 'shop' set Max = 2 because 'why';
create rule q as select count(*) as n from events
window hopping 2 days advance by 1 day in time zone 'Europe/Berlin' with empty for 7 days having n < 5
respond step_up on n while open close after 1 hour quiet emit at end;
`;
  const right = `CREATE LOOKUP l (Key string PRIMARY KEY) WITH (source = 'l.csv');

CREATE RULE r PARAM Max int = 1 IN 1 TO 9 AS SELECT max(details.Early) AS Key FROM events
GROUP BY account_id WINDOW SESSION GAP 5 MINUTES MAX 1 HOUR HAVING Key >= :Max
ESCALATE WHEN Key > 5 TO high UPDATE AT END EMIT EARLY;

TUNE r WHERE tenant_id = 'shop' SET Max = 2 BECAUSE 'why';

CREATE RULE q AS SELECT count(*) AS n FROM events
WINDOW HOPPING 2 DAYS ADVANCE BY 1 DAY IN TIME ZONE 'Europe/Berlin' WITH EMPTY FOR 7 DAYS HAVING n < 5
RESPOND step_up ON n WHILE OPEN CLOSE AFTER 1 HOUR QUIET EMIT AT END;
`;
  assert.equal(formatted(written), right);
});

test('a statement of several lines stands apart from the others; short ones stay together as they were', () => {
  const short = "CREATE LOOKUP a (x string PRIMARY KEY) WITH (source = 'a.csv');\n";
  const other = short.replace('LOOKUP a', 'LOOKUP b');
  const rule = 'CREATE RULE r AS\nSELECT account_id\nFROM events; -- said behind\n';
  assert.equal(
    formatted(`${short}${other}${rule}-- About b.\n${other}${short}`),
    `${short}${other}\n${rule}\n-- About b.\n${other}\n${short}`,
  );
  assert.equal(formatted(`${short}\n${other}`), `${short}\n${other}`);
});
