import { ipGroups } from '../decode/ip.ts';

interface Network {
  /** How many groups of 16 bits an address of this kind has: 2 or 8. */
  readonly groups: readonly number[];
  readonly prefix: number;
}

function networkOf(cidr: string): Network | null {
  const slash = cidr.indexOf('/');
  const groups = ipGroups(slash < 0 ? cidr : cidr.slice(0, slash));
  if (groups === null) return null;
  const bits = groups.length * 16;
  const prefix = slash < 0 ? bits : Number(cidr.slice(slash + 1));
  // An address of IPv4 that is written as one of IPv6, with a prefix of those, is no canonical text.
  return prefix > bits ? null : { groups, prefix };
}

/** The first `prefix` bits of an address, beside others of as many: as a number where the address is one. */
function prefixKey(groups: readonly number[], prefix: number): number | string {
  if (groups.length === 2) return prefix === 0 ? 0 : ((groups[0] << 16) | groups[1]) & (-1 << (32 - prefix));
  const kept = groups.map((group, i) => {
    const bits = Math.max(0, Math.min(16, prefix - i * 16));
    return group & (0xffff << (16 - bits)) & 0xffff;
  });
  return kept.join('.');
}

/** Networks of one kind of address and one prefix length, by their first bits. */
interface OfLength {
  readonly prefix: number;
  readonly numbers: Map<number | string, number>;
}

/**
 * Networks by longest prefix. Texts are canonical (dsl/functions/address.ts). A network is found by one look per prefix
 * length that occurs, the longest first; the engine asks once per address and remembers.
 */
export class NetworkIndex {
  /** By prefix length, those that occur, longest first; of the two kinds of address. */
  readonly #ofTwo: OfLength[] = [];
  readonly #ofEight: OfLength[] = [];
  /** By number: the next shorter network around it, -1 where there is none. */
  readonly #around: Int32Array;

  /** The number of a network is its place in the list; of two equal ones the first's. What is no network is left out. */
  constructor(networks: readonly string[]) {
    const parsed = networks.map(networkOf);
    parsed.forEach((network, number) => {
      if (network === null) return;
      const { groups, prefix } = network;
      const lengths = this.#lengthsOf(groups);
      let own = lengths.find((length) => length.prefix === prefix);
      if (own === undefined) {
        own = { prefix, numbers: new Map() };
        lengths.push(own);
      }
      const key = prefixKey(groups, prefix);
      if (!own.numbers.has(key)) own.numbers.set(key, number);
    });
    for (const lengths of [this.#ofTwo, this.#ofEight]) lengths.sort((a, b) => b.prefix - a.prefix);
    this.#around = Int32Array.from(parsed, (network) =>
      network === null ? -1 : this.#longest(network.groups, network.prefix - 1),
    );
  }

  #lengthsOf(groups: readonly number[]): OfLength[] {
    return groups.length === 2 ? this.#ofTwo : this.#ofEight;
  }

  #longest(groups: readonly number[], most: number): number {
    for (const { prefix, numbers } of this.#lengthsOf(groups)) {
      if (prefix > most) continue;
      const found = numbers.get(prefixKey(groups, prefix));
      if (found !== undefined) return found;
    }
    return -1;
  }

  /** The number of the longest network that holds the address, -1 for none. */
  find(address: string): number {
    const groups = ipGroups(address);
    return groups === null ? -1 : this.#longest(groups, groups.length * 16);
  }

  /** The next shorter network around a network, -1 for none. */
  around(number: number): number {
    return this.#around[number];
  }
}
