import { type Draft, draft, type Origin } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import type { Device } from '../world/clients.ts';
import { residentialProxies } from '../world/origins.ts';
import { tenantNames } from '../world/people.ts';
import { drawAccount, hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

const accounts_per_tenant = 45;

/** One group goes for three tenants: too little at each of them to be seen there. */
export const campaign: Scenario = {
  name: 'campaign',
  summary: 'accounts of three tenants are tried from the same 24 addresses and 4 fingerprints within one hour',
  found_within_ms: hour_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2.5 * hour_ms,
  attack: (stage) => inTimeOrder(all(stage)),
};

/** What the group works with, the same for all tenants. */
interface Means {
  readonly origins: readonly Omit<Origin, 'device'>[];
  readonly devices: readonly Device[];
}

function all(stage: Stage): Draft[] {
  const { random } = stage;
  const means = { origins: residentialProxies(random, 24, 9), devices: toolDevices(random, 4) };
  return tenantNames.flatMap((tenant_id) => tries(stage, tenant_id, means));
}

function tries(stage: Stage, tenant_id: string, { origins, devices }: Means): Draft[] {
  const { random, from_ms } = stage;
  const mark = { attack: 'campaign/1', kind: 'campaign' };
  return Array.from({ length: accounts_per_tenant }, (_, i) => {
    const { account } = drawAccount(stage, tenant_id, random.pick(['inhouse', 'google', 'github']));
    const origin = withDevice(random.pick(origins), random.pick(devices));
    const auth =
      i % 22 === 21
        ? { method: 'password', result: 'success' }
        : { method: 'password', result: 'fail', failure: 'wrong_password' };
    return draft(from_ms + random.between(0, 60) * minute_ms, 'login', account, origin, mark, { auth });
  });
}
