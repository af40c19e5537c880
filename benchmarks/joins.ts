import type { Contest } from './contestant.ts';
import { measure, ratio } from './measure.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** A rule for each kind of join: left rows are few, right rows many, and a partner is rare. */
export const joinRules = [
  `CREATE RULE reset_then_role AS SELECT e.account_id FROM events AS e
  JOIN events AS s WITHIN (AFTER 60 SECONDS) ON s.account_id = e.account_id AND s.actor.ip <> e.actor.ip
  WHERE e.event_type = 'password_reset' AND e.platform = 'api' AND s.event_type = 'role_granted';`,
  `CREATE RULE flag_without_login AS SELECT e.account_id FROM events AS e
  LEFT JOIN events AS s WITHIN (AFTER 2 MINUTES) ON s.account_id = e.account_id AND s.event_type = 'login'
  WHERE e.event_type = 'policy_flag' AND e.platform = 'api' AND s.account_id IS NULL;`,
  `CREATE RULE failed_then_success AS SELECT e.account_id FROM events AS e
  WHERE e.event_type = 'login' AND e.result = 'fail' AND EXISTS (SELECT 1 FROM events AS s
    WHERE s.account_id = e.account_id AND s.actor.ip = e.actor.ip AND s.result = 'success' WITHIN (AFTER 30 SECONDS));`,
  `CREATE RULE session_without_login AS SELECT e.account_id FROM events AS e
  WHERE e.event_type = 'role_granted' AND e.platform = 'api' AND NOT EXISTS (SELECT 1 FROM events AS s
    WHERE s.account_id = e.account_id AND s.event_type = 'login' WITHIN (BEFORE 10 MINUTES));`,
];

/** Four rules over joins: the fold with its joins in typed form, as parts of that with joins of objects (plain-join.ts). */
export async function benchJoins(report: Report, { events: count, rounds }: Settings): Promise<void> {
  const workload = { events: 2 * count, accounts: 200_000, addresses: 200_000, seed: 42, rate: 1_000 };
  const contest = (form: 'hot' | 'judge'): Contest => ({
    engine: 'fold',
    rules: { kind: 'joins', count: 4 },
    workload,
    form,
  });
  const contests = new Map([
    ['plain joins', contest('judge')],
    ['typed joins', contest('hot')],
  ]);
  const [plain, typed] = await measure(contests, rounds);
  if (!plain || !typed) throw new Error('measure() gives one result per contestant');
  if (plain.text !== typed.text) throw new Error('the two forms of joins found different detections');
  report.line(`four rules over joins, 200,000 accounts, ${count.toLocaleString('en')} events`);
  for (const result of [plain, typed]) report.speed('four rules over joins', result, count);
  const times = ratio(plain, typed);
  report.goal('typed joins are at least 3 times plain ones', times >= 3, `${times.toFixed(1)} times`);
}
