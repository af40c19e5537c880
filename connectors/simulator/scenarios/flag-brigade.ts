import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { originOf, residentialProxies } from '../world/origins.ts';
import { drawAccount, hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

const cohort = 300;
const brigadiers = 500;
const length_ms = 50 * minute_ms;

/** A crowd that was told to: reports on a cohort of accounts, while somebody tries to get into them. */
export const flagBrigade: Scenario = {
  name: 'flag-brigade',
  summary:
    'policy reports on a cohort of 300 accounts surge, with failed logins, new devices and flags on the same accounts',
  found_within_ms: 30 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2 * hour_ms,
  attack: (stage) => inTimeOrder(brigade(stage)),
};

function brigade(stage: Stage): Draft[] {
  const { random, from_ms } = stage;
  const platform = random.pick(['instagram', 'x', 'facebook']);
  const reporters = Array.from({ length: brigadiers }, () => drawAccount(stage, 'acme.example', platform));
  const origins = residentialProxies(random, 60, 20);
  const devices = toolDevices(random, 10);
  const mark = { attack: 'flag-brigade/1', kind: 'report' };
  const drafts: Draft[] = [];
  for (let i = 0; i < cohort; i++) {
    const { account } = drawAccount(stage, 'acme.example', platform);
    const begin_ms = from_ms + (i / cohort) * (length_ms - 12 * minute_ms);
    const reports = 8 + random.below(14);
    for (let k = 0; k < reports; k++) {
      const reporter = random.pick(reporters);
      const time_ms = begin_ms + random.between(0, 12 * minute_ms);
      const reporter_id = reporter.account.account_id;
      const report = { reporter_id, type: random.pick(['spam', 'abuse']), target_account: account.account_id };
      const origin = originOf(reporter.person, time_ms, random);
      drafts.push(draft(time_ms, 'policy_report', account, origin, mark, { report, actor_id: reporter_id }));
    }
    const later = (): number => begin_ms + random.between(2, 12) * minute_ms;
    const stranger = () => withDevice(random.pick(origins), random.pick(devices));
    if (random.chance(0.4)) {
      const auth = { method: 'password', result: 'fail', failure: 'wrong_password' };
      const tries = 1 + random.below(3);
      for (let k = 0; k < tries; k++) {
        drafts.push(draft(later(), 'login', account, stranger(), { ...mark, kind: 'failed_login' }, { auth }));
      }
    }
    if (random.chance(0.15)) {
      const session_id = random.hex(24);
      drafts.push(draft(later(), 'session_new', account, stranger(), { ...mark, kind: 'new_device' }, { session_id }));
    }
    if (random.chance(0.25)) {
      const flags = 1 + random.below(3);
      for (let k = 0; k < flags; k++) {
        drafts.push(
          draft(later(), 'policy_flag', account, null, { ...mark, kind: 'flag' }, { details: { by: 'auto' } }),
        );
      }
    }
  }
  return drafts;
}
