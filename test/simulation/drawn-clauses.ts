/** By the syntax of clause-help.ts: what a random case has in its text where it has the clause. */
export const drawnClauses: Readonly<Record<string, readonly RegExp[]>> = {
  "CREATE STREAM events LATENESS n UNIT IDLE n UNIT MAX AHEAD n UNIT DEDUP n UNIT SHARING TENANTS 'a', 'b'": [
    /LATENESS \d+ MILLISECONDS/,
    /MAX AHEAD/,
    /DEDUP/,
    /SHARING TENANTS 'T', 'U'/,
  ],
  'CREATE STREAM events (field type, ...)': [/CREATE STREAM events \(/],
  'CREATE RULE name head AS SELECT ... behind': [/CREATE RULE \w+/],
  'CREATE VIEW name AS SELECT ...': [/CREATE VIEW \w+ AS/],
  "CREATE LOOKUP name (column type PRIMARY KEY, ...) WITH (source = 'file.csv')": [
    /k string PRIMARY KEY/,
    /k cidr PRIMARY KEY/,
    /valid_to timestamp/,
  ],
  'CREATE FUNCTION name(argument type, ...) RETURNS type AS expression': [/tagged\("tags", /],
  "CREATE EXCEPTION name FOR rule, ... IGNORE WHERE condition VALID FROM 'day' TO 'day' BECAUSE 'why' OWNER 'who'": [
    /IGNORE WHERE .* VALID FROM '[^']*' TO /,
    /FOR \w*join\w* IGNORE|FOR jj IGNORE/,
    /IGNORE WHERE .* VALID TO /,
  ],
  "CREATE EXCEPTION name FOR rule, ... MUTE WHERE condition ... BECAUSE 'why'": [
    /FOR r\d MUTE WHERE/,
    /FOR (join\d|jj) MUTE/,
  ],
  "TUNE rule WHERE tenant_id = 'x' SET param = value BECAUSE 'why'": [/TUNE (r|w)\d WHERE/, /TUNE (join\d|jj) WHERE/],
  "TITLE 'text with {column}'": [/TITLE '\{/],
  "DESCRIPTION 'text', RUNBOOK 'text', REFERENCES 'a', 'b', TAGS 'a', 'b'": [/DESCRIPTION.*RUNBOOK.*TAGS.*REFERENCES/],
  'SEVERITY CASE WHEN condition THEN word ... ELSE word END': [/SEVERITY CASE WHEN/],
  'CONFIDENCE 0 to 1': [/CONFIDENCE 0\.25/, /CONFIDENCE 1/],
  "ATTACK 'T1110.001', ...": [/ATTACK 'T1110.001'/, /ATTACK 'T1078', /],
  'MODE live | shadow | signal': [/MODE shadow/, /MODE signal/],
  'PARAM name type = value IN least TO greatest': [/PARAM least int = /],
  'ACROSS TENANTS': [/ACROSS TENANTS/],
  'WITH name AS (SELECT ...) SELECT ..., FROM (SELECT ...) AS name': [/WITH "in-here" AS \(/, /FROM \(\nSELECT/],
  'SELECT expression AS name, ... | *': [/SELECT .*\) AS "/],
  'FROM events | view | table AS name': [/FROM events AS e/, /FROM v0/, /FROM t0|FROM base/],
  'JOIN x AS b WITHIN (BEFORE n UNIT, AFTER n UNIT) ON ...': [
    / JOIN \w+ AS \w+\s+WITHIN \(BEFORE \d+ MILLISECONDS, AFTER/,
  ],
  'LEFT JOIN x AS b WITHIN ... ON ...': [/LEFT JOIN events AS \w+\s+WITHIN/, /LEFT JOIN [jpv]0 AS r\s+WITHIN/],
  'JOIN table AS t ON t.key = e.key': [/\) OR|JOIN base AS b ON/, /LEFT JOIN base AS b ON/],
  'JOIN lookup AS l ON l.key = e.key': [/JOIN known AS o ON/, /JOIN nets AS o ON/, /WITHIN[^;]*JOIN known AS o ON/],
  'x IN LOOKUP name, x NOT IN LOOKUP name': [/IN LOOKUP known/, /"[lr]"\."\w+" IN LOOKUP known/],
  '[NOT] EXISTS (SELECT 1 FROM x AS b WHERE b.key = a.key AND ... WITHIN ...)': [/NOT EXISTS \(/, /AND EXISTS \(/],
  'CROSS JOIN UNNEST(array) AS r(name)': [/CROSS JOIN UNNEST\(tags\)/, /CROSS JOIN UNNEST\(l\.tags\)/],
  'WHERE condition': [/WHERE/],
  'GROUP BY expression, ... WINDOW ...': [/GROUP BY \(|GROUP BY \w+\(/, /GROUP BY "k1", "k2"/],
  'HAVING condition': [/HAVING/],
  'aggregate(x) FILTER (WHERE condition)': [/FILTER \(WHERE/],
  'SELECT ... UNION ALL SELECT ...': [/UNION ALL/],
  'WINDOW SLIDING n UNIT': [/WINDOW SLIDING/],
  'WINDOW TUMBLING n UNIT': [/WINDOW TUMBLING/],
  'WINDOW HOPPING n UNIT ADVANCE BY m UNIT': [/WINDOW HOPPING \d+ MILLISECONDS ADVANCE BY/],
  'WINDOW SESSION GAP n UNIT MAX m UNIT': [/SESSION GAP \d+ MILLISECONDS\n/, /SESSION GAP \d+ MILLISECONDS MAX/],
  '... OFFSET n UNIT': [/OFFSET \d+/],
  "... IN TIME ZONE 'zone'": [/IN TIME ZONE '/],
  '... WITH EMPTY FOR n UNIT': [/WITH EMPTY FOR/],
  '... WITH EMPTY KEYS OF lookup': [/WITH EMPTY KEYS OF known/],
  'EMIT AT END': [/EMIT AT END/],
  'ENTITY type column': [/ENTITY account "/],
  'SUPPRESS BY column, ... FOR n UNIT': [/SUPPRESS BY "\w+" FOR \d+ MILLISECONDS/, /SUPPRESS BY \(\)/],
  'SUPPRESS BY column, ... FOR n UNIT RESET': [/MILLISECONDS RESET/],
  'ESCALATE WHEN condition TO severity': [/ESCALATE WHEN/],
  'UPDATE AT END': [/UPDATE AT END/],
  'CLOSE AFTER n UNIT QUIET': [/CLOSE AFTER/],
  'RISK expression ON type column HALF LIFE n UNIT': [/RISK \d/, /RISK "/],
  'RESPOND word, ... ON column WHILE OPEN': [/RESPOND step_up, pause_moderation ON "\w+"\s/, /WHILE OPEN/],
  'EVIDENCE n': [/EVIDENCE 1\b/, /EVIDENCE 50/],
};

/** Clauses that no random case of the parity test has, and the test that holds them against something else than the engine. */
export const heldElsewhere: Readonly<Record<string, string>> = {
  // CREATE TABLE is drawn; RETENTION there.
  'CREATE TABLE name AS SELECT ... WINDOW ... RETENTION n UNIT': 'engine/fold/s8-baseline.test.ts',
  // A literal: what is drawn is SEVERITY CASE, and the medium of a rule without one.
  'SEVERITY info | low | medium | high | critical': 'engine/detections/record.test.ts',
  // The same as BEFORE n, AFTER n, by its plan.
  'JOIN x AS b WITHIN n UNIT ON b.key = a.key': 'engine/fold/s9-joins.test.ts',
  // What leaves early, folded by id, against the final set of random cases.
  'EMIT EARLY': 'simulation/early-folds.ts',
  // What a bound keeps, against a count of what came.
  'STATE MAX n KEYS': 'engine/fold/s14-bounds.test.ts',
};
