import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { residentialProxies } from '../world/origins.ts';
import { hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

/** The thief of a session makes the account the own one: another mail address, and a fresh token at once. */
export const contactSwap: Scenario = {
  name: 'contact-swap',
  summary: 'the email address or phone number of 5 accounts is changed and a token rotated within 60 seconds',
  found_within_ms: minute_ms,
  least_confidence: 0.8,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2 * hour_ms,
  attack: (stage) => inTimeOrder(Array.from({ length: 5 }, (_, i) => swap(stage, i)).flat()),
};

function swap({ people, random, from_ms }: Stage, number: number): Draft[] {
  const account = random.pick(people.draw(random, () => true).accounts);
  const [from] = residentialProxies(random, 1, 1);
  const origin = withDevice(from, toolDevices(random, 1)[0]);
  const mark = { attack: `contact-swap/${number + 1}`, kind: 'swap' };
  const at_ms = from_ms + number * 8 * minute_ms;
  const session_id = random.hex(24);
  const change = { field: random.pick(['email', 'phone']), from_hash: random.hex(16), to_hash: random.hex(16) };
  return [
    draft(at_ms, 'account_changed', account, origin, mark, { session_id, change }),
    draft(at_ms + random.between(3000, 58_000), 'token_rotated', account, origin, mark, { session_id }),
  ];
}
