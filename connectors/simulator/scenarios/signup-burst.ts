import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { addressOf, networksOf } from '../world/networks.ts';
import { places } from '../world/places.ts';
import { hour_ms, minute_ms, type Scenario, type Stage, toolDevices } from './scenario.ts';

const accounts = 800;

/** Accounts are made by a machine: one network, three faces. */
export const signupBurst: Scenario = {
  name: 'signup-burst',
  summary: '800 new accounts from one network and three fingerprints in an hour',
  found_within_ms: 15 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2.5 * hour_ms,
  attack: (stage) => inTimeOrder(burst(stage)),
};

function burst({ people, random, from_ms }: Stage): Draft[] {
  const place = random.pick(places);
  const network = random.pick(networksOf('residential', place.country));
  const devices = toolDevices(random, 3);
  const platform = random.pick(['instagram', 'x', 'facebook', 'inhouse']);
  const lines = Array.from({ length: 260 }, () => addressOf(network, random.bits()));
  return Array.from({ length: accounts }, () => {
    const account = { tenant_id: 'acme.example', platform, account_id: people.pseudonym(platform, random.bits()) };
    const shared = random.pick(devices);
    const origin = { ip: random.pick(lines), network, place, device: { ...shared, id: random.hex(16) }, kind: 'farm' };
    const mark = { attack: 'signup-burst/1', kind: 'sign_up' };
    return draft(from_ms + random.between(0, 60) * minute_ms, 'account_created', account, origin, mark);
  });
}
