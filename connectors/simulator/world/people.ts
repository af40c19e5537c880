import type { AccountName } from '../draft.ts';
import { type Device, drawDevice } from './clients.ts';
import { type Network, networksOf } from './networks.ts';
import { type Place, places } from './places.ts';
import { mix, Random } from './random.ts';

/** Somebody with accounts and habits. Made from the seed and a number, whenever it is asked for. */
export interface Person {
  readonly number: number;
  readonly accounts: readonly AccountName[];
  readonly place: Place;
  readonly home: Network;
  readonly home_address: number;
  readonly carrier: Network;
  /** Number of the office whose network is used at work; null: none. */
  readonly office: number | null;
  readonly devices: readonly Device[];
  /** Hour of the day, local, around which the person is active. */
  readonly active_hour: number;
  readonly typo_rate: number;
  readonly has_mfa: boolean;
  readonly method: 'password' | 'sso' | 'passkey';
  /** At most one: a habit that looks like an attack. */
  readonly habit: 'vpn' | 'relay' | 'traveller' | 'hop' | 'moved_address' | 'none';
}

export const socialPlatforms: readonly string[] = ['instagram', 'x', 'facebook', 'linkedin'];
const workPlatforms: readonly string[] = ['inhouse', 'okta', 'github', 'google'];
const methods = ['password', 'password', 'password', 'password', 'sso', 'passkey'] as const;

/** Tenants and their parts of the people, in tenths. */
const tenants = [
  'acme.example',
  'acme.example',
  'acme.example',
  'acme.example',
  'acme.example',
  'acme.example',
  'borealis.example',
  'borealis.example',
  'cobalt.example',
  'cobalt.example',
] as const;
export const tenantNames: readonly string[] = [...new Set(tenants)];

const placeSums = places.map(
  (
    (sum) => (place: Place) =>
      (sum += place.weight)
  )(0),
);
const placeTotal = placeSums[placeSums.length - 1];
const offices = 60;
/** Exponent of the Zipf law of activity. */
const zipf = 0.75;
/** The active are asked for again and again: so many are not made anew. Does not show in what they are. */
const kept_people = 16_384;

export class People {
  readonly seed: number;
  readonly count: number;
  readonly #community: number;
  readonly #communities: number;
  readonly #salt: number;
  readonly #kept: (Person | undefined)[] = new Array(kept_people).fill(undefined);

  /** @param communities so many communities of `community` people each; each has its own few who are often there */
  constructor(seed: number, community: number, communities = 1) {
    this.seed = seed;
    this.count = community * communities;
    this.#community = community;
    this.#communities = communities;
    this.#salt = mix(seed + 0x5eed);
  }

  /** Number of a person, few of them often (Zipf, by the inverse of its continuous form). */
  drawNumber(random: Random): number {
    const last = this.#community - 1;
    const reach = (this.#community + 1) ** (1 - zipf) - 1;
    const number = Math.min(last, Math.floor((random.next() * reach + 1) ** (1 / (1 - zipf))) - 1);
    return this.#communities === 1 ? number : number + this.#community * random.below(this.#communities);
  }

  person(number: number): Person {
    const slot = number % kept_people;
    const kept = this.#kept[slot];
    if (kept?.number === number) return kept;
    const made = this.#make(number);
    this.#kept[slot] = made;
    return made;
  }

  #make(number: number): Person {
    const random = new Random(this.#salt, number, 0x70657273);
    const at = random.next() * placeTotal;
    const place = places[placeSums.findIndex((sum) => at < sum)];
    const devices = [drawDevice(random, 'phone'), drawDevice(random, 'desktop')];
    const trait = random.next();
    const isWorker = random.chance(0.55);
    return {
      number,
      accounts: this.#accounts(number, random, isWorker),
      place,
      home: random.pick(networksOf('residential', place.country)),
      home_address: random.bits(),
      carrier: random.pick(networksOf('mobile', place.country)),
      office: isWorker && random.chance(0.5) ? random.below(offices) : null,
      devices,
      active_hour: isWorker ? random.between(9, 16) : random.between(12, 22),
      typo_rate: random.next() ** 2 * 0.3,
      has_mfa: random.chance(0.35),
      method: random.pick(methods),
      habit: this.#habit(trait, devices),
    };
  }

  /** Accounts that one owner has on two or more platforms: what the lookup `owners` lists. */
  isListed(number: number): boolean {
    return mix(number ^ this.#salt) % 8 === 0;
  }

  /** Somebody who has what is asked for: draws until it fits. */
  draw(random: Random, fits: (person: Person) => boolean): Person {
    for (;;) {
      const person = this.person(random.below(this.count));
      if (fits(person)) return person;
    }
  }

  /** An account id as it is pseudonymised, of whatever exists or not. */
  pseudonym(platform: string, number: number): string {
    const high = mix(mix(number ^ this.#salt) ^ (platform.charCodeAt(0) * 131) ^ (platform.length * 8191));
    const low = mix(high ^ number);
    return `u_${high.toString(36).padStart(7, '0')}${low.toString(36).padStart(7, '0').slice(0, 4)}`;
  }

  #accounts(number: number, random: Random, isWorker: boolean): AccountName[] {
    const tenant_id = tenants[mix(number ^ (this.#salt >>> 3)) % tenants.length];
    const names = isWorker ? [random.pick(workPlatforms)] : [random.pick(socialPlatforms)];
    if (random.chance(0.5)) names.push(random.pick(socialPlatforms));
    if (random.chance(0.3)) names.push(random.pick(workPlatforms));
    if (this.isListed(number)) names.push(random.pick(socialPlatforms), random.pick(workPlatforms));
    return [...new Set(names)].map((platform) => {
      return { tenant_id, platform, account_id: this.pseudonym(platform, number) };
    });
  }

  #habit(trait: number, devices: readonly Device[]): Person['habit'] {
    if (trait < 0.05) return 'vpn';
    if (trait < 0.12) return devices[0].is_apple ? 'relay' : 'none';
    if (trait < 0.14) return 'traveller';
    if (trait < 0.18) return 'hop';
    return trait < 0.19 ? 'moved_address' : 'none';
  }
}
