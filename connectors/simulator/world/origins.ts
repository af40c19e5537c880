import type { Origin } from '../draft.ts';
import type { Device } from './clients.ts';
import { addressOf, exitOf, type Network, networksOf } from './networks.ts';
import type { Person } from './people.ts';
import { distanceKm, type Place, places } from './places.ts';
import { mix, type Random } from './random.ts';

const hour_ms = 3_600_000;
const week_ms = 7 * 24 * hour_ms;
const inFlight = networksOf('isp', null)[0];
/** Aeroplanes with stops and waiting, kilometres per hour. */
const journey_kmh = 700;

/** Where a person is connected from at a time, habits included. */
export function originOf(person: Person, time_ms: number, random: Random): Origin {
  const { habit } = person;
  if (habit === 'traveller') return travelling(person, time_ms, random);
  const device = random.chance(0.55) ? person.devices[0] : person.devices[1];
  if (habit === 'vpn' && random.chance(0.5)) {
    const network = random.pick(networksOf('vpn', null));
    const place = random.pick(places);
    return { ip: exitOf(network, place.country, random), network, place, device, kind: 'vpn' };
  }
  if (habit === 'relay' && device.is_apple) {
    const network = networksOf('proxy', null)[0];
    // The relay keeps the country and not the city.
    const place = random.pick(places.filter(({ country }) => country === person.place.country));
    return { ip: exitOf(network, place.country, random), network, place, device, kind: 'private_relay' };
  }
  if (habit === 'hop' && device.kind === 'phone') {
    const place = {
      ...person.place,
      city: `${person.place.city} West`,
      lat: person.place.lat + 0.3,
      lon: person.place.lon - 0.2,
    };
    return { ...mobile(person, person.place, device, random), place, kind: 'hop_40km' };
  }
  return atHome(person, time_ms, device, random);
}

function atHome(person: Person, time_ms: number, device: Device, random: Random): Origin {
  const { place, habit } = person;
  if (device.kind === 'phone' && random.chance(0.55)) return mobile(person, place, device, random);
  const hour = localHour(place, time_ms);
  if (person.office !== null && hour >= 8.5 && hour < 18) return inOffice(person, device);
  // A lease of about a week; the same line keeps its network.
  const lease = Math.floor((time_ms + (person.home_address % week_ms)) / week_ms);
  const ip = addressOf(person.home, mix(person.home_address ^ lease));
  if (habit === 'moved_address' && random.chance(0.3)) {
    // Two geography databases disagree about one address.
    const elsewhere = places[person.number % places.length];
    return { ip, network: person.home, place: elsewhere, device, kind: 'same_address' };
  }
  return { ip, network: person.home, place, device, kind: 'usual' };
}

/** All people of an office come from its one address (NAT). */
function inOffice({ place, office, number }: Person, device: Device): Origin {
  const network = networksOf('isp', place.country)[0];
  return { ip: addressOf(network, mix((office ?? number) + 17)), network, place, device, kind: 'nat' };
}

function mobile(person: Person, place: Place, device: Device, random: Random): Origin {
  const network = person.place.country === place.country ? person.carrier : networksOf('mobile', place.country)[0];
  return { ip: addressOf(network, random.below(network.addresses)), network, place, device, kind: 'mobile' };
}

/** Home, a flight with its Wi-Fi, a stay elsewhere, and back: once in two weeks, never faster than an aeroplane. */
function travelling(person: Person, time_ms: number, random: Random): Origin {
  const cycle_ms = 2 * week_ms;
  const cycle = Math.floor((time_ms + person.number * 7_919_000) / cycle_ms);
  const into_ms = time_ms + person.number * 7_919_000 - cycle * cycle_ms;
  const there = places[mix(person.number ^ Math.imul(cycle, 0x9e3779b1)) % places.length];
  const flight_ms = (distanceKm(person.place, there) / journey_kmh + 3) * hour_ms;
  const out_ms = 40 * hour_ms;
  const back_ms = out_ms + flight_ms + 60 * hour_ms;
  const phone = person.devices[0];
  if ((into_ms >= out_ms && into_ms < out_ms + flight_ms) || (into_ms >= back_ms && into_ms < back_ms + flight_ms)) {
    // The address belongs to the ground station, wherever the aeroplane is.
    const place = places[8];
    const ip = addressOf(inFlight, random.below(inFlight.addresses));
    return { ip, network: inFlight, place, device: phone, kind: 'in_flight_wifi' };
  }
  if (into_ms < out_ms || into_ms >= back_ms + flight_ms) {
    return atHome(person, time_ms, random.pick(person.devices), random);
  }
  const hotel = networksOf('isp', there.country)[0];
  return random.chance(0.5)
    ? { ...mobile(person, there, phone, random), kind: 'traveller' }
    : {
        ip: addressOf(hotel, mix(person.number % 400)),
        network: hotel,
        place: there,
        device: person.devices[1],
        kind: 'traveller',
      };
}

/** Hour of the day, with its fraction, where a person is. */
export function localHour({ utc_hours }: Pick<Place, 'utc_hours'>, time_ms: number): number {
  return (((time_ms / hour_ms + utc_hours) % 24) + 24) % 24;
}

/** Machines in homes that attackers pass through: addresses like everybody's, spread over at most `spread` networks. */
export function residentialProxies(random: Random, count: number, spread: number): Omit<Origin, 'device'>[] {
  const all: { network: Network; place: Place }[] = places.flatMap((place) =>
    networksOf('residential', place.country).map((network) => ({ network, place })),
  );
  const chosen = new Map<number, { network: Network; place: Place }>();
  while (chosen.size < spread) {
    const one = random.pick(all);
    if (!chosen.has(one.network.asn)) chosen.set(one.network.asn, one);
  }
  const list = [...chosen.values()];
  return Array.from({ length: count }, (_, i) => {
    const { network, place } = i < list.length ? list[i] : random.pick(list);
    return { ip: addressOf(network, random.bits()), network, place, kind: 'residential_proxy' };
  });
}
