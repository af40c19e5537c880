import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { residentialProxies } from '../world/origins.ts';
import { drawAccount, hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

const accounts = 6;

/** Somebody wants to get into certain accounts and tries password after password. */
export const accountGuessing: Scenario = {
  name: 'account-guessing',
  summary:
    '18 to 70 failed logins on each of 6 accounts within 15 minutes, from one to twelve addresses; one gives way',
  found_within_ms: 15 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2 * hour_ms,
  attack: (stage) => inTimeOrder(Array.from({ length: accounts }, (_, i) => guessing(stage, i)).flat()),
};

function guessing(stage: Stage, number: number): Draft[] {
  const { random, from_ms } = stage;
  const { account } = drawAccount(stage, 'acme.example', random.pick(['inhouse', 'github', 'instagram', 'google']));
  const origins = residentialProxies(random, 1 + random.below(12), 4);
  const devices = toolDevices(random, 2);
  const mark = { attack: `account-guessing/${number + 1}`, kind: 'guessing' };
  const begin_ms = from_ms + number * 5 * minute_ms;
  const tries = 18 + random.below(53);
  const times = Array.from({ length: tries }, () => begin_ms + random.between(0, 15 * minute_ms)).sort((a, b) => a - b);
  return times.map((time_ms, i) => {
    const givesWay = number === accounts - 1 && i === tries - 1;
    const auth = givesWay
      ? { method: 'password', result: 'success' }
      : { method: 'password', result: 'fail', failure: 'wrong_password' };
    const origin = withDevice(random.pick(origins), random.pick(devices));
    return draft(time_ms, 'login', account, origin, givesWay ? { ...mark, kind: 'takeover' } : mark, { auth });
  });
}
