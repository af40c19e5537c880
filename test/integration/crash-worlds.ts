import { buildProgram, compile } from '../../dsl/index.ts';
import type { Program } from '../../engine/index.ts';

export const start_ms = Date.parse('2026-03-01T10:00:00Z');

/**
 * What a client, the time of day, and who keeps the file of the lookup do. A step that was not done is done again after a
 * restart: ids make it harmless.
 */
export type Step =
  | { readonly post: readonly string[] }
  | { readonly advance_s: number }
  /** The names that the file of the lookup `watched` has from now on. */
  | { readonly names: readonly string[] };

/** Rules, and what happens while they run. */
export interface CrashWorld {
  readonly name: string;
  readonly program: Program;
  readonly script: readonly Step[];
  /** How the earlier life dies, and before the fsync of which file, where a life that follows a crash is crashed too. */
  readonly dies: readonly (readonly ['kill' | 'power', string])[];
  /** Results that a run has at least: fewer, and the test would show nothing. */
  readonly least: {
    readonly finals: number;
    readonly early?: number;
    readonly withdrawn?: number;
    readonly rows?: number;
    readonly revisions?: number;
  };
}

export function programOf(text: string): Program {
  const { plan, diagnostics } = compile([{ path: 'crash.rule.sql', text }]);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return buildProgram(plan);
}

export function event(second: number, account_id: string, result: string, id = `${account_id}${second}`): string {
  const timestamp = start_ms + second * 1000;
  const fields = { event_id: id, timestamp, platform: 'inhouse', event_type: 'login', account_id };
  return JSON.stringify({ ...fields, actor: { ip: `192.0.2.${second % 3}` }, auth: { result } });
}

const fails = (account_id: string, ...seconds: number[]): string[] =>
  seconds.map((second) => event(second, account_id, 'fail'));

const overLong = `{"account_id":"${'x'.repeat(300 * 1024)}"}`;

export const plain: CrashWorld = {
  name: 'windows',
  program: programOf(`CREATE STREAM events LATENESS 1 SECONDS IDLE 5 SECONDS;
CREATE RULE guessing AS SELECT account_id, count(*) AS failures FROM events
WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING failures >= 3;
CREATE RULE busy AS SELECT actor.ip, count(*) AS events FROM events
GROUP BY actor.ip WINDOW TUMBLING 1 MINUTES HAVING events >= 2 EMIT AT END;
CREATE RULE success AS SELECT account_id FROM events WHERE result = 'success';
`),
  script: [
    { post: [event(0, 'ann', 'fail'), event(1, 'ann', 'fail'), '{"broken', event(2, 'ann', 'fail')] },
    { post: [event(9, 'bob', 'success'), event(8, 'bob', 'fail')] },
    { advance_s: 31 },
    { post: [event(20, 'cid', 'fail'), event(20, 'cid', 'fail'), overLong, event(21, 'cid', 'fail')] },
    { post: [event(22, 'cid', 'fail'), event(1, 'late', 'fail'), event(30, 'bob', 'success')] },
    { advance_s: 31 },
    { post: [event(40, 'dee', 'success'), '[]', event(70, 'ann', 'fail')] },
    { post: [event(71, 'ann', 'fail'), event(72, 'ann', 'fail'), event(71, 'ann', 'success')] },
    { advance_s: 86_400 },
  ],
  dies: [
    ['kill', 'detections.ndjson'],
    ['power', 'detections.ndjson'],
  ],
  least: { finals: 8 },
};

export const stream = 'CREATE STREAM events LATENESS 5 SECONDS IDLE 5 SECONDS;\n';

/** Early: an event decides (and comes before one that it should have followed), a window, and one that has a life. */
export const earlyRules = `CREATE RULE pairs AS SELECT account_id, count(*) AS failures FROM events
WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 5 SECONDS HAVING failures >= 2 EMIT EARLY;
CREATE RULE windows AS SELECT account_id, count(*) AS events FROM events
GROUP BY account_id WINDOW TUMBLING 20 SECONDS HAVING events >= 2 EMIT EARLY;
CREATE RULE rising AS SELECT account_id, count(*) AS failures FROM events WHERE result = 'fail'
GROUP BY account_id WINDOW SLIDING 20 SECONDS HAVING failures >= 2
ESCALATE WHEN failures > 3 TO high UPDATE AT END CLOSE AFTER 15 SECONDS QUIET EMIT EARLY;
`;

/** Tables as results and beside a row, early records, rows of a lookup that change, and detections with a life. */
export const whole: CrashWorld = {
  name: 'tables, early, lookups, life',
  program: programOf(`${stream}${earlyRules}
CREATE LOOKUP watched (name string PRIMARY KEY) WITH (source = 'watched.csv');
CREATE TABLE activity AS SELECT account_id, count(*) AS events FROM events GROUP BY account_id WINDOW TUMBLING 20 SECONDS;
CREATE TABLE busy AS SELECT count(*) AS accounts, sum(events) AS total FROM activity WINDOW HOPPING 1 MINUTE ADVANCE BY 20 SECONDS;
CREATE RULE busier AS SELECT e.account_id, count(*) AS events, max(a.events) AS before
FROM events AS e JOIN activity AS a ON a.account_id = e.account_id
GROUP BY e.account_id WINDOW SLIDING 20 SECONDS HAVING events > before;
CREATE RULE seen AS SELECT account_id FROM events WHERE account_id IN LOOKUP watched;
CREATE RULE guessing AS SELECT account_id, count(*) AS failures FROM events WHERE result = 'fail'
GROUP BY account_id WINDOW TUMBLING 30 SECONDS HAVING failures >= 2
SUPPRESS BY account_id FOR 40 SECONDS ESCALATE WHEN failures > 3 TO high UPDATE AT END CLOSE AFTER 20 SECONDS QUIET;
`),
  script: [
    // On arrival ann@6 stands at 10 s, behind ann@10: that pair is withdrawn, and another one found.
    { post: [...fails('ann', 10), ...fails('ann', 6), ...fails('bob', 12, 13)] },
    { post: [...fails('bob', 9), '{"broken', event(15, 'cid', 'success')] },
    { advance_s: 31 },
    { post: [...fails('dee', 25, 27), ...fails('dee', 23)] },
    { names: ['cid', 'dee'] },
    { post: [event(31, 'cid', 'success'), ...fails('dee', 29, 33)] },
    { advance_s: 31 },
    { post: [...fails('dee', 41, 43, 44, 45), ...fails('ann', 42, 43)] },
    { names: ['ann'] },
    { post: [...fails('ann', 59, 57, 61), event(60, 'cid', 'success')] },
    { post: [event(75, 'bob', 'success'), ...fails('ann', 76, 74)] },
    { advance_s: 86_400 },
  ],
  dies: [
    ['kill', 'detections.ndjson'],
    ['power', 'aggregates.ndjson'],
  ],
  least: { finals: 40, early: 12, withdrawn: 5, rows: 12, revisions: 10 },
};
