/** Help for one clause of the language; a test compiles every example. */
export interface ClauseHelp {
  readonly group: ClauseGroup;
  readonly syntax: string;
  readonly meaning: string;
  /** The clause as it stands in a statement; `frame` says in which. */
  readonly example: string;
}

export type ClauseGroup = 'Statements' | 'Head of a rule' | 'SELECT' | 'Windows' | 'Behind the SELECT';

const statements: readonly Omit<ClauseHelp, 'group'>[] = [
  {
    syntax: "CREATE STREAM events LATENESS n UNIT IDLE n UNIT MAX AHEAD n UNIT DEDUP n UNIT SHARING TENANTS 'a', 'b'",
    meaning:
      'The input, each clause optional: the disorder that is accepted (5 s), the silence after which a source is not waited for (5 s), how far ahead of the clock (5 min), how far apart a duplicate is one (1 h), and which tenants share.',
    example: "CREATE STREAM events LATENESS 10 SECONDS IDLE 30 SECONDS SHARING TENANTS 'shop', 'bank';",
  },
  {
    syntax: 'CREATE STREAM events (field type, ...)',
    meaning: 'These fields in place of the usual ones; timestamp and tenant_id are always there.',
    example: 'CREATE STREAM events (account_id string, platform string, score float);',
  },
  {
    syntax: 'CREATE RULE name head AS SELECT ... behind',
    meaning: 'Detections: one each time it fires.',
    example: "CREATE RULE r SEVERITY low AS SELECT account_id FROM events WHERE event_type = 'mfa_disabled';",
  },
  {
    syntax: 'CREATE VIEW name AS SELECT ...',
    meaning:
      'Rows that rules and other views read like events; with a WINDOW, one at every event where HAVING is true.',
    example: "CREATE VIEW logins AS SELECT account_id, actor.ip AS ip FROM events WHERE event_type = 'login';",
  },
  {
    syntax: 'CREATE TABLE name AS SELECT ... WINDOW ... RETENTION n UNIT',
    meaning:
      'An aggregate that goes on: a row per key and window, once, at its end. RETENTION (31 days): how long a JOIN finds it.',
    example:
      'CREATE TABLE per_hour AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR RETENTION 2 DAYS;',
  },
  {
    syntax: "CREATE LOOKUP name (column type PRIMARY KEY, ...) WITH (source = 'file.csv')",
    meaning:
      'Known rows: a CSV, JSON or NDJSON file. valid_from and valid_to bound a row in time; of networks the longest counts.',
    example: "CREATE LOOKUP nets (net cidr PRIMARY KEY, reason string) WITH (source = 'nets.csv');",
  },
  {
    syntax: 'CREATE FUNCTION name(argument type, ...) RETURNS type AS expression',
    meaning: 'An expression with a name, written out where it is called.',
    example: "CREATE FUNCTION is_tool(agent string) RETURNS bool AS agent ILIKE 'curl/%';",
  },
  {
    syntax:
      "CREATE EXCEPTION name FOR rule, ... IGNORE WHERE condition VALID FROM 'day' TO 'day' BECAUSE 'why' OWNER 'who'",
    meaning: 'Events that these rules never see, from one day to the other (either may be left out).',
    example:
      "CREATE RULE r AS SELECT account_id FROM events WHERE event_type = 'login'; CREATE EXCEPTION test FOR r IGNORE WHERE account_id LIKE 'test_%' VALID TO '2030-01-01' BECAUSE 'load test' OWNER 'security';",
  },
  {
    syntax: "CREATE EXCEPTION name FOR rule, ... MUTE WHERE condition ... BECAUSE 'why'",
    meaning: 'Over the columns of the detection: it is made, and kept as suppressed.',
    example:
      "CREATE RULE r AS SELECT account_id FROM events WHERE event_type = 'login'; CREATE EXCEPTION job FOR r MUTE WHERE account_id = 'svc_backup' BECAUSE 'ticket 7';",
  },
  {
    syntax: "TUNE rule WHERE tenant_id = 'x' SET param = value BECAUSE 'why'",
    meaning: 'Other values of its PARAMs for some tenants.',
    example:
      "CREATE RULE r PARAM least int = 5 IN 2 TO 50 AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= :least; TUNE r WHERE tenant_id = 'shop' SET least = 25 BECAUSE 'call centre';",
  },
];

const head: readonly Omit<ClauseHelp, 'group'>[] = [
  {
    syntax: "TITLE 'text with {column}'",
    meaning:
      'What a detection is called; columns of the SELECT in braces. Braces around a name are always a column: nothing escapes them.',
    example: "TITLE '{failures} failures of {account_id}'",
  },
  {
    syntax: "DESCRIPTION 'text', RUNBOOK 'text', REFERENCES 'a', 'b', TAGS 'a', 'b'",
    meaning: 'For the people who read the alert. Each is a clause of its own.',
    example: "DESCRIPTION 'End all sessions of the account.' TAGS 'login'",
  },
  {
    syntax: 'SEVERITY info | low | medium | high | critical',
    meaning: 'How bad it is; without it medium.',
    example: 'SEVERITY high',
  },
  {
    syntax: 'SEVERITY CASE WHEN condition THEN word ... ELSE word END',
    meaning: 'The same by the columns of the detection, as they are when it fires.',
    example: "SEVERITY CASE WHEN account_id LIKE 'admin_%' THEN critical ELSE medium END",
  },
  {
    syntax: 'CONFIDENCE 0 to 1',
    meaning: 'How often it is right; `weir score` holds it against what it finds.',
    example: 'CONFIDENCE 0.7',
  },
  { syntax: "ATTACK 'T1110.001', ...", meaning: 'Techniques of MITRE ATT&CK.', example: "ATTACK 'T1110.001', 'T1078'" },
  {
    syntax: 'MODE live | shadow | signal',
    meaning:
      'shadow: detections are kept and marked (provenance.rule_mode), and are no alerts and no risk. signal: none is kept or shown, a backtest counts them; they only add to RISK.',
    example: 'MODE shadow',
  },
  {
    syntax: 'PARAM name type = value IN least TO greatest',
    meaning: 'A value that stands in the rule as :name; `weir sweep` tries others, TUNE sets them for a tenant.',
    example: 'PARAM spare int = 10 IN 3 TO 30',
  },
  {
    syntax: 'ACROSS TENANTS',
    meaning: 'Groups the events of all tenants that share (CREATE STREAM ... SHARING TENANTS).',
    example: 'ACROSS TENANTS',
  },
];

const select: readonly Omit<ClauseHelp, 'group'>[] = [
  {
    syntax: 'WITH name AS (SELECT ...) SELECT ..., FROM (SELECT ...) AS name',
    meaning: 'A view of this rule alone.',
    example: "WITH bad AS (SELECT * FROM events WHERE result = 'fail') SELECT account_id FROM bad",
  },
  {
    syntax: 'SELECT expression AS name, ... | *',
    meaning: 'The columns of the detection. AS is required.',
    example: 'SELECT lower(account_id) AS account, actor.ip FROM events',
  },
  {
    syntax: 'FROM events | view | table AS name',
    meaning: 'What is read; a rule about a rule reads a view that both share.',
    example: 'SELECT e.account_id FROM events AS e',
  },
  {
    syntax: 'JOIN x AS b WITHIN n UNIT ON b.key = a.key',
    meaning: 'Pairs of rows at most so far apart, either one first.',
    example: 'SELECT a.account_id FROM events AS a JOIN events AS b WITHIN 10 MINUTES ON b.account_id = a.account_id',
  },
  {
    syntax: 'JOIN x AS b WITHIN (BEFORE n UNIT, AFTER n UNIT) ON ...',
    meaning: 'The right row lies so far before to so far after the left one; one of the two alone is enough.',
    example:
      'SELECT a.account_id FROM events AS a JOIN events AS b WITHIN (AFTER 60 SECONDS) ON b.account_id = a.account_id',
  },
  {
    syntax: 'LEFT JOIN x AS b WITHIN ... ON ...',
    meaning: 'Also the left row that met none, with NULLs, when its time is up.',
    example:
      "SELECT a.account_id FROM events AS a LEFT JOIN events AS b WITHIN (AFTER 1 HOUR) ON b.account_id = a.account_id AND b.event_type = 'logout' WHERE a.event_type = 'login' AND b.account_id IS NULL",
  },
  {
    syntax: 'JOIN table AS t ON t.key = e.key',
    meaning: 'The last window of a CREATE TABLE that had ended by then; LEFT JOIN keeps a row without one.',
    example: 'SELECT e.account_id, t.n FROM events AS e JOIN counted AS t ON t.account_id = e.account_id',
  },
  {
    syntax: 'JOIN lookup AS l ON l.key = e.key',
    meaning: 'The row of a CREATE LOOKUP as of the event.',
    example: 'SELECT e.account_id, v.owner FROM events AS e LEFT JOIN vips AS v ON v.account_id = e.account_id',
  },
  {
    syntax: 'x IN LOOKUP name, x NOT IN LOOKUP name',
    meaning: 'Whether the lookup has a row of this key.',
    example: 'SELECT account_id FROM events WHERE account_id IN LOOKUP vips',
  },
  {
    syntax: '[NOT] EXISTS (SELECT 1 FROM x AS b WHERE b.key = a.key AND ... WITHIN ...)',
    meaning: 'Whether there was (not) such a row in that time: one row per left row, where JOIN gives pairs.',
    example:
      "SELECT e.account_id FROM events AS e WHERE e.event_type = 'session_new' AND NOT EXISTS (SELECT 1 FROM events AS l WHERE l.account_id = e.account_id AND l.event_type = 'login' WITHIN (BEFORE 5 MINUTES))",
  },
  {
    syntax: 'CROSS JOIN UNNEST(array) AS r(name)',
    meaning: 'A row for each element of an array, as text.',
    example: 'SELECT account_id, recipient FROM events CROSS JOIN UNNEST(details.recipients) AS r(recipient)',
  },
  {
    syntax: 'WHERE condition',
    meaning: 'Which rows count. Only what is true passes: NULL does not.',
    example: "SELECT account_id FROM events WHERE event_type = 'login' AND result = 'fail'",
  },
  {
    syntax: 'GROUP BY expression, ... WINDOW ...',
    meaning: 'A window for each of these keys (and tenant).',
    example:
      'SELECT account_id, platform, count(*) AS n FROM events GROUP BY account_id, platform WINDOW SLIDING 1 HOUR HAVING n >= 9',
  },
  {
    syntax: 'HAVING condition',
    meaning: 'When a window fires: over aggregates, aliases and the GROUP BY.',
    example:
      'SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 9 AND max(timestamp) - min(timestamp) >= 5 MINUTES',
  },
  {
    syntax: 'aggregate(x) FILTER (WHERE condition)',
    meaning: 'Of those rows of the window alone.',
    example:
      "SELECT account_id, count(*) FILTER (WHERE result = 'fail') AS failures FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING failures >= 9",
  },
  {
    syntax: 'SELECT ... UNION ALL SELECT ...',
    meaning: 'The rows of both, columns by their place.',
    example:
      "SELECT account_id FROM events WHERE event_type = 'mfa_disabled' UNION ALL SELECT account_id FROM events WHERE event_type = 'token_rotated'",
  },
];

const windows: readonly Omit<ClauseHelp, 'group'>[] = [
  {
    syntax: 'WINDOW SLIDING n UNIT',
    meaning:
      'Looks back so far from every event of the key. Fires where HAVING turns true; again only after it was false.',
    example: 'WINDOW SLIDING 15 MINUTES',
  },
  {
    syntax: 'WINDOW TUMBLING n UNIT',
    meaning:
      'Cuts time into pieces, from the epoch (a Thursday) in UTC: TUMBLING 1 WEEK begins on Thursday, with OFFSET 4 DAYS on Monday as date_trunc does. Fires once for each piece.',
    example: 'WINDOW TUMBLING 1 HOUR',
  },
  {
    syntax: 'WINDOW HOPPING n UNIT ADVANCE BY m UNIT',
    meaning: 'Pieces of n that begin every m, so that they overlap. Fires once for pieces in a row.',
    example: 'WINDOW HOPPING 15 MINUTES ADVANCE BY 5 MINUTES',
  },
  {
    syntax: 'WINDOW SESSION GAP n UNIT MAX m UNIT',
    meaning: 'What follows one another with less than n between; with MAX it ends after m at the latest.',
    example: 'WINDOW SESSION GAP 30 MINUTES MAX 8 HOURS',
  },
  {
    syntax: '... OFFSET n UNIT',
    meaning: 'TUMBLING and HOPPING begin so much later.',
    example: 'WINDOW TUMBLING 1 DAY OFFSET 6 HOURS',
  },
  {
    syntax: "... IN TIME ZONE 'zone'",
    meaning: 'TUMBLING and HOPPING begin by the clocks of a zone: a day is 23 to 25 hours there.',
    example: "WINDOW TUMBLING 1 DAY IN TIME ZONE 'Europe/Berlin'",
  },
  {
    syntax: '... WITH EMPTY FOR n UNIT',
    meaning:
      'Also windows without rows, that end within n after a key’s last row (counted to the end of the window): count is 0, which finds silence.',
    example: 'WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS',
  },
  {
    syntax: '... WITH EMPTY KEYS OF lookup',
    meaning: 'The same for every key of a lookup, also one that was never seen.',
    example: 'WINDOW TUMBLING 1 DAY WITH EMPTY KEYS OF vips',
  },
];

const behind: readonly Omit<ClauseHelp, 'group'>[] = [
  {
    syntax: 'EMIT AT END',
    meaning:
      'TUMBLING, HOPPING: decided when the window ends, with its final values, in place of at the first event that is enough.',
    example: 'EMIT AT END',
  },
  {
    syntax: 'EMIT EARLY',
    meaning:
      'Tells it on arrival, before events that are late can change it; then what became of it. For what an event decides: not behind LEFT JOIN, NOT EXISTS or the end of a window, and of SESSION only with a MAX.',
    example: 'EMIT EARLY',
  },
  {
    syntax: 'ENTITY type column',
    meaning: 'Whom it is about; alerts about one entity are found together.',
    example: 'ENTITY account account_id',
  },
  {
    syntax: 'SUPPRESS BY column, ... FOR n UNIT',
    meaning: 'Further detections of this key within that time are kept, and not told.',
    example: 'SUPPRESS BY account_id FOR 1 HOUR',
  },
  {
    syntax: 'SUPPRESS BY column, ... FOR n UNIT RESET',
    meaning: 'SLIDING: the window of the key also begins anew after each firing.',
    example: 'SUPPRESS BY account_id FOR 1 HOUR RESET',
  },
  {
    syntax: 'ESCALATE WHEN condition TO severity',
    meaning: 'Raises a detection while its window goes on, as its next revision; breaks through SUPPRESS.',
    example: 'ESCALATE WHEN failures > 50 TO critical',
  },
  {
    syntax: 'UPDATE AT END',
    meaning: 'A revision with the final values, when the window has ended or HAVING is no longer true.',
    example: 'UPDATE AT END',
  },
  {
    syntax: 'CLOSE AFTER n UNIT QUIET',
    meaning: 'Closes a detection when so long nothing came to it.',
    example: 'CLOSE AFTER 30 MINUTES QUIET',
  },
  {
    syntax: 'RISK expression ON type column HALF LIFE n UNIT',
    meaning: 'Points for an entity, which halve in that time.',
    example: 'RISK 40 ON account account_id HALF LIFE 24 HOURS',
  },
  {
    syntax: 'RESPOND word, ... ON column WHILE OPEN',
    meaning: 'What to do; a recommendation, Weir does nothing itself. WHILE OPEN: until the detection is closed.',
    example: 'RESPOND step_up ON account_id',
  },
  {
    syntax: 'EVIDENCE n',
    meaning: 'How many of its events a detection names (20), each once; the total counts all rows.',
    example: 'EVIDENCE 50',
  },
  {
    syntax: 'STATE MAX n KEYS',
    meaning:
      'How many keys its window keeps at most, from 256 on, in 256 groups with a whole part of it each (1000 is 768); what goes beyond is counted and named.',
    example: 'STATE MAX 200000 KEYS',
  },
];

/** In the order in which they stand in a file. */
export const clauseHelp: readonly ClauseHelp[] = [
  ...statements.map((one) => ({ group: 'Statements' as const, ...one })),
  ...head.map((one) => ({ group: 'Head of a rule' as const, ...one })),
  ...select.map((one) => ({ group: 'SELECT' as const, ...one })),
  ...windows.map((one) => ({ group: 'Windows' as const, ...one })),
  ...behind.map((one) => ({ group: 'Behind the SELECT' as const, ...one })),
];
