import { countries } from './places.ts';
import type { Random } from './random.ts';

export type NetworkType = 'mobile' | 'isp' | 'residential' | 'hosting' | 'vpn' | 'proxy';

/** An autonomous system with one block of IPv4 addresses. All of them are invented; numbers are of private use (RFC 6996). */
export interface Network {
  readonly asn: number;
  readonly as_org: string;
  readonly type: NetworkType;
  /** Where its addresses are; null: a provider with exits in every country. */
  readonly country: string | null;
  readonly first_address: number;
  readonly addresses: number;
}

const block = 1 << 18;

/** First octets that are handed out: none is private, shared, loopback, multicast or for documentation. */
const octets = [
  23, 31, 37, 41, 45, 58, 62, 77, 80, 84, 91, 94, 101, 109, 113, 118, 125, 143, 151, 163, 178, 189, 196, 212,
];

const homeNames = ['Home Fibre', 'Cable', 'Broadband'];

function buildNetworks(): Network[] {
  const built: Network[] = [];
  const add = (as_org: string, type: NetworkType, country: string | null, addresses: number): void => {
    const n = built.length;
    // Four blocks of 2^18 addresses to a first octet, 16 numbers of the second octet apart.
    const first_address = octets[n % octets.length] * 2 ** 24 + Math.floor(n / octets.length) * 4 * block;
    built.push({ asn: 64_512 + n * 7, as_org, type, country, first_address, addresses });
  };
  for (const country of countries) {
    for (const name of homeNames) add(`${country} ${name}`, 'residential', country, block);
    // A carrier hides its customers behind few addresses (CGNAT).
    add(`${country} Mobile One`, 'mobile', country, 192);
    add(`${country} Cellular`, 'mobile', country, 96);
    add(`${country} Business Line`, 'isp', country, block);
  }
  for (const name of ['Cumulus', 'Rackhall', 'Nimbus']) add(`${name} Hosting`, 'hosting', null, block);
  for (const name of ['Tunnelbear', 'Veilnet', 'Hideaway']) add(`${name} VPN`, 'vpn', null, countries.length * 48);
  add('Orchard Private Relay', 'proxy', null, countries.length * 160);
  add('Skylink In-Flight', 'isp', null, 64);
  return built;
}

export const networks: readonly Network[] = buildNetworks();

const byCountry = Map.groupBy(networks, ({ country, type }) => `${country ?? ''} ${type}`);

/** The networks of one kind in a country; of providers without a country: all of the kind. */
export function networksOf(type: NetworkType, country: string | null): readonly Network[] {
  return byCountry.get(`${country ?? ''} ${type}`) ?? [];
}

/** The nth address of a network as text. */
export function addressOf(network: Network, n: number): string {
  const address = network.first_address + (n % network.addresses);
  return `${Math.floor(address / 2 ** 24)}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** An exit of a provider without a country: each country has its part of the addresses. */
export function exitOf(network: Network, country: string, random: Random): string {
  const part = Math.floor(network.addresses / countries.length);
  return addressOf(network, countries.indexOf(country) * part + random.below(part));
}
