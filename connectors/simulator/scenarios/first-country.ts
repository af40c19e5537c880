import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { addressOf, networksOf } from '../world/networks.ts';
import { originOf } from '../world/origins.ts';
import { places } from '../world/places.ts';
import { hour_ms, minute_ms, type Scenario, type Stage, toolDevices } from './scenario.ts';

const day_ms = 24 * hour_ms;
const history_days = 60;

/** A country that is new for the account; the country is not unusual for others. Two months of history say so. */
export const firstCountry: Scenario = {
  name: 'first-country',
  summary:
    'a sign-in from a new country on 5 accounts with 60 days of history in one; 5 accounts that have been there before',
  found_within_ms: minute_ms,
  least_confidence: 0,
  needs: 'history',
  lead_ms: history_days * day_ms,
  span_ms: history_days * day_ms + 2 * hour_ms,
  attack: (stage) => inTimeOrder(Array.from({ length: 10 }, (_, i) => signIns(stage, i)).flat()),
};

function signIns({ people, random, from_ms }: Stage, number: number): Draft[] {
  const isAttack = number % 2 === 0;
  const person = people.draw(random, ({ habit }) => habit === 'none');
  const account = random.pick(person.accounts);
  const auth = { method: person.method, result: 'success' };
  const place = random.pick(places.filter(({ country }) => country !== person.place.country));
  const network = random.pick(networksOf('residential', place.country));
  const there = (device = person.devices[0]) => {
    return { ip: addressOf(network, random.bits()), network, place, device, kind: 'abroad' };
  };
  const drafts = Array.from({ length: history_days }, (_, day) => {
    const time_ms = from_ms - (day + random.between(0.1, 0.9)) * day_ms;
    const wasAway = !isAttack && day >= 30 && day < 34;
    const origin = wasAway ? there() : originOf(person, time_ms, random);
    return draft(
      time_ms,
      'login',
      account,
      origin,
      { attack: null, kind: wasAway ? 'traveller' : 'history' },
      { auth },
    );
  });
  const at_ms = from_ms + random.between(0, 60) * minute_ms;
  const mark = {
    attack: isAttack ? `first-country/${(number >> 1) + 1}` : null,
    kind: isAttack ? 'new_country' : 'traveller',
  };
  const last = isAttack ? there(toolDevices(random, 1)[0]) : there();
  return [...drafts, draft(at_ms, 'login', account, last, mark, { auth })];
}
