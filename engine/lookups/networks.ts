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
  return { groups, prefix: slash < 0 ? groups.length * 16 : Number(cidr.slice(slash + 1)) };
}

/** The first `prefix` bits of an address as a key; addresses of the two kinds never share one. */
function prefixKey(groups: readonly number[], prefix: number): string {
  const kept = groups.map((group, i) => {
    const bits = Math.max(0, Math.min(16, prefix - i * 16));
    return group & (0xffff << (16 - bits)) & 0xffff;
  });
  return `${groups.length}/${prefix}/${kept.join('.')}`;
}

/**
 * Networks by longest prefix. Texts are canonical (dsl/functions/address.ts). A network is found by one look per prefix
 * length that occurs, the longest first; the engine asks once per address and remembers.
 */
export class NetworkIndex {
  readonly #numbers = new Map<string, number>();
  /** Prefix lengths that occur, longest first, by kind of address (number of groups). */
  readonly #lengths = new Map<number, number[]>([
    [2, []],
    [8, []],
  ]);
  /** By number: the next shorter network around it, -1 where there is none. */
  readonly #around: Int32Array;

  /** The number of a network is its place in the list; of two equal ones the first's. What is no network is left out. */
  constructor(networks: readonly string[]) {
    const parsed = networks.map(networkOf);
    parsed.forEach((network, number) => {
      if (network === null) return;
      const key = prefixKey(network.groups, network.prefix);
      if (!this.#numbers.has(key)) this.#numbers.set(key, number);
      const lengths = this.#lengths.get(network.groups.length) ?? [];
      if (!lengths.includes(network.prefix)) lengths.push(network.prefix);
    });
    for (const lengths of this.#lengths.values()) lengths.sort((a, b) => b - a);
    this.#around = Int32Array.from(parsed, (network) =>
      network === null ? -1 : this.#longest(network.groups, network.prefix - 1),
    );
  }

  #longest(groups: readonly number[], most: number): number {
    for (const length of this.#lengths.get(groups.length) ?? []) {
      if (length > most) continue;
      const found = this.#numbers.get(prefixKey(groups, length));
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
