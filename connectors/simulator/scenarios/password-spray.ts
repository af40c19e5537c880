import { type AccountName, type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { residentialProxies } from '../world/origins.ts';
import { drawAccount, hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

const failures = 2000;
const length_ms = 10 * minute_ms;
const successes = 12;
const name_space = 15_000;

/** One or two passwords on very many accounts: no account and no address stands out. */
export const passwordSpray: Scenario = {
  name: 'password-spray',
  summary:
    '2,000 failed logins over a name space of 15,000 accounts in 10 minutes from 400 residential proxies, then 12 successes',
  found_within_ms: 5 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2 * hour_ms,
  attack: (stage) => inTimeOrder(spray(stage)),
};

function spray(stage: Stage): Draft[] {
  const { people, random, from_ms } = stage;
  const [tenant_id, platform] = ['acme.example', random.pick(['okta', 'inhouse', 'google'])];
  const origins = residentialProxies(random, 400, 30);
  const devices = toolDevices(random, 9);
  const origin = () => withDevice(random.pick(origins), random.pick(devices));
  const existing = Array.from({ length: 700 }, () => drawAccount(stage, tenant_id, platform).account);
  const tries = new Map<string, number>();
  const tried: AccountName[] = [];
  const drafts: Draft[] = [];
  while (drafts.length < failures) {
    const exists = random.chance(0.4);
    const unknown = { tenant_id, platform, account_id: people.pseudonym(platform, 2 ** 28 + random.below(name_space)) };
    const account = exists ? random.pick(existing) : unknown;
    const before = tries.get(account.account_id) ?? 0;
    if (before === 2) continue;
    tries.set(account.account_id, before + 1);
    if (exists) tried.push(account);
    const auth = { method: 'password', result: 'fail', failure: exists ? 'wrong_password' : 'unknown_user' };
    const time_ms = from_ms + (drafts.length / failures) * length_ms + random.between(0, 300);
    drafts.push(draft(time_ms, 'login', account, origin(), { attack: 'password-spray/1', kind: 'spray' }, { auth }));
  }
  const taken = new Map<string, AccountName>();
  // At most two tries an account, the one that succeeds included.
  const once = tried.filter(({ account_id }) => tries.get(account_id) === 1);
  while (taken.size < successes) {
    const account = random.pick(once);
    taken.set(account.account_id, account);
  }
  [...taken.values()].forEach((account, i) => {
    const mark = { attack: `password-spray/takeover-${i + 1}`, kind: 'takeover' };
    const time_ms = from_ms + length_ms + random.between(1000, 4 * minute_ms);
    const from = origin();
    drafts.push(draft(time_ms, 'login', account, from, mark, { auth: { method: 'password', result: 'success' } }));
    drafts.push(draft(time_ms + 700, 'session_new', account, from, mark, { session_id: random.hex(24) }));
  });
  return drafts;
}
