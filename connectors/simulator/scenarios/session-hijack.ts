import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { addressOf } from '../world/networks.ts';
import { originOf, residentialProxies } from '../world/origins.ts';
import { hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

/** A stolen cookie: the session goes on elsewhere, and does what its owner never does. */
export const sessionHijack: Scenario = {
  name: 'session-hijack',
  summary:
    'the sessions of 5 accounts are used from a new device, network and user agent, with an odd mix of actions; two look-alikes of each',
  found_within_ms: 10 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2.5 * hour_ms,
  attack: (stage) => inTimeOrder(Array.from({ length: 15 }, (_, i) => session(stage, i)).flat()),
};

const oddMix = [
  'file_download',
  'file_download',
  'oauth_grant',
  'api_key_created',
  'mailbox_rule_changed',
  'file_download',
];

function session(stage: Stage, number: number): Draft[] {
  const { people, random, from_ms } = stage;
  const kind = (['hijack', 'roaming', 'browser_update'] as const)[number % 3];
  const person = people.draw(random, ({ habit }) => habit === 'none');
  const account = random.pick(person.accounts);
  const session_id = random.hex(24);
  const begin_ms = from_ms + random.between(0, 15) * minute_ms;
  const own = originOf(person, begin_ms, random);
  const usual = { attack: null, kind: 'usual' };
  const drafts = [draft(begin_ms, 'session_new', account, own, usual, { session_id })];
  for (let i = 0; i < 6; i++) {
    drafts.push(
      draft(begin_ms + random.between(1, 40) * minute_ms, 'token_refreshed', account, own, usual, { session_id }),
    );
  }
  const mark = { attack: kind === 'hijack' ? `session-hijack/${Math.floor(number / 3) + 1}` : null, kind };
  const [elsewhere] = residentialProxies(random, 1, 1);
  const origin = {
    hijack: withDevice(elsewhere, toolDevices(random, 1)[0]),
    roaming: { ...own, network: person.carrier, ip: addressOf(person.carrier, random.bits()) },
    browser_update: { ...own, device: { ...own.device, user_agent: own.device.user_agent.replace('141.0', '142.0') } },
  }[kind];
  const taken_ms = begin_ms + random.between(5, 30) * minute_ms;
  const actions = kind === 'hijack' ? 14 + random.below(12) : 4;
  for (let i = 0; i < actions; i++) {
    const event_type = kind === 'hijack' ? random.pick(oddMix) : 'token_refreshed';
    drafts.push(
      draft(taken_ms + i * 25_000 + random.between(0, 20_000), event_type, account, origin, mark, { session_id }),
    );
  }
  return drafts;
}
