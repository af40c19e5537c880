import { type Draft, draft, type Origin } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { addressOf, exitOf, networksOf } from '../world/networks.ts';
import { originOf } from '../world/origins.ts';
import type { Person } from '../world/people.ts';
import { distanceKm, places } from '../world/places.ts';
import { hour_ms, minute_ms, type Scenario, type Stage, toolDevices } from './scenario.ts';

const far_km = 6000;
const kinds = ['attack', 'vpn', 'private_relay', 'same_address', 'hop_40km', 'in_flight_wifi'] as const;

/** Two logins that one person cannot have made, and five kinds of pairs that one person does make. */
export const impossibleTravel: Scenario = {
  name: 'impossible-travel',
  summary:
    'two logins 6,000 km apart within an hour on 5 accounts; VPN, Private Relay, one address, 40 km and in-flight Wi-Fi beside them',
  found_within_ms: minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 3 * hour_ms,
  attack: (stage) =>
    inTimeOrder(Array.from({ length: 30 }, (_, i) => pair(stage, kinds[i % 6], Math.floor(i / 6))).flat()),
};

function pair({ people, random, from_ms }: Stage, kind: (typeof kinds)[number], number: number): Draft[] {
  const person = people.draw(random, ({ habit }) => habit === 'none');
  const account = random.pick(person.accounts);
  const first_ms = from_ms + random.between(0, 4) * minute_ms;
  const second_ms = first_ms + random.between(12, 55) * minute_ms;
  const home: Origin = { ...originOf(person, first_ms, random), kind: 'usual' };
  const place = random.pick(places.filter((other) => distanceKm(other, home.place) >= far_km));
  const auth = { method: person.method, result: 'success' };
  const second = secondOrigin(kind, person, home, place, { people, random, from_ms });
  const mark = { attack: kind === 'attack' ? `impossible-travel/${number + 1}` : null, kind };
  return [
    draft(first_ms, 'login', account, home, { attack: null, kind: 'usual' }, { auth }),
    draft(second_ms, 'login', account, second, mark, { auth }),
  ];
}

function secondOrigin(
  kind: (typeof kinds)[number],
  person: Person,
  home: Origin,
  place: (typeof places)[number],
  { random }: Stage,
): Origin {
  const own = { device: home.device, kind };
  switch (kind) {
    case 'attack': {
      const network = random.pick(networksOf('residential', place.country));
      return { ip: addressOf(network, random.bits()), network, place, device: toolDevices(random, 1)[0], kind };
    }
    case 'vpn': {
      const network = random.pick(networksOf('vpn', null));
      return { ...own, ip: exitOf(network, place.country, random), network, place };
    }
    case 'private_relay': {
      const network = networksOf('proxy', null)[0];
      return { ...own, ip: exitOf(network, place.country, random), network, place };
    }
    case 'same_address':
      return { ...own, ip: home.ip, network: home.network, place };
    case 'hop_40km': {
      const near = {
        ...home.place,
        city: `${home.place.city} West`,
        lat: home.place.lat + 0.3,
        lon: home.place.lon - 0.2,
      };
      const ip = addressOf(person.carrier, random.below(person.carrier.addresses));
      return { ...own, ip, network: person.carrier, place: near };
    }
    case 'in_flight_wifi': {
      const network = networksOf('isp', null)[0];
      return { ...own, ip: addressOf(network, random.below(network.addresses)), network, place };
    }
  }
}
