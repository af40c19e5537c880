import { type AccountName, type Draft, draft, type Origin } from '../draft.ts';
import { residentialProxies } from '../world/origins.ts';
import { accountOn, hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

const tries = 1_200_000;
const length_ms = 12 * hour_ms;
const hit_share = 0.003;
/** Of the accounts in the leaked list that exist here, beside those whose password still fits. */
const wrong_share = 0.004;
const tries_per_address = 5;
const workers = 40;

/** A leaked list of names and passwords, each tried once; lazily, for it is more than a million events. */
export const credentialStuffing: Scenario = {
  name: 'credential-stuffing',
  summary: '1.2 M accounts tried over 12 hours, 0.3 % get in, a fresh address after every 5 tries',
  found_within_ms: 10 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 14 * hour_ms,
  attack: stuffing,
};

function* stuffing(stage: Stage): Generator<Draft> {
  const { people, random, from_ms } = stage;
  const [tenant_id, platform] = ['acme.example', 'inhouse'];
  const devices = toolDevices(random, 14);
  const pool = workers * 4;
  let origins = residentialProxies(random, pool, 60);
  let handed = 0;
  const fresh = (): Origin => {
    if (handed === pool) {
      origins = residentialProxies(random, pool, 60);
      handed = 0;
    }
    return withDevice(origins[handed++], random.pick(devices));
  };
  const hands = Array.from({ length: workers }, () => ({ origin: fresh(), left: 1 + random.below(tries_per_address) }));
  const existing = accountsOf(stage, tenant_id, platform);
  let hits = 0;
  for (let i = 0; i < tries; i++) {
    const time_ms = from_ms + ((i + random.next()) / tries) * length_ms;
    const hand = hands[i % workers];
    if (hand.left === 0) {
      hand.origin = fresh();
      hand.left = tries_per_address;
    }
    hand.left--;
    const share = random.next();
    const isHit = share < hit_share;
    const isKnown = share < hit_share + wrong_share;
    const account = isKnown
      ? (existing.next().value as AccountName)
      : { tenant_id, platform, account_id: people.pseudonym(platform, 2 ** 29 + i) };
    const result = isHit ? 'success' : 'fail';
    const failure = isKnown ? 'wrong_password' : 'unknown_user';
    const attack = isHit ? `credential-stuffing/takeover-${++hits}` : 'credential-stuffing/1';
    const mark = { attack, kind: isHit ? 'takeover' : 'stuffing' };
    const auth = isHit ? { method: 'password', result } : { method: 'password', result, failure };
    yield draft(time_ms, 'login', account, hand.origin, mark, { auth });
  }
}

/** Accounts that exist, one after the other and then again, in an order that says nothing. */
function* accountsOf({ people, random }: Stage, tenant_id: string, platform: string): Generator<AccountName> {
  for (let at = random.below(people.count); ; at = (at + 1) % people.count) {
    const account = accountOn(people.person(at), platform);
    if (account !== undefined && account.tenant_id === tenant_id) yield account;
  }
}
