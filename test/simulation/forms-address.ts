import type { Form } from './forms.ts';

/** An address as a number of its width; null for what is none. */
function read(text: string): { value: bigint; bits: 32 | 128 } | null {
  const four = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/i.exec(text);
  if (four !== null) {
    const bytes = four.slice(1);
    if (bytes.some((byte) => Number(byte) > 255 || String(Number(byte)) !== byte)) return null;
    return { value: bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), bits: 32 };
  }
  if (!/^[0-9a-f:]+$/i.test(text) || text.split('::').length > 2) return null;
  const [front, back] = text.split('::').map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]?];
  const missing = 8 - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...front, ...Array<string>(missing).fill('0'), ...(back ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return { value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), bits: 128 };
}

/** RFC 5952: lower case, no leading zeros, `::` for the first longest run of two or more groups of zero. */
function write({ value, bits }: { value: bigint; bits: 32 | 128 }): string {
  const parts = bits === 32 ? [24n, 16n, 8n, 0n] : [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n];
  const mask = bits === 32 ? 255n : 65_535n;
  const groups = parts.map((shift) => ((value >> shift) & mask).toString(bits === 32 ? 10 : 16));
  if (bits === 32) return groups.join('.');
  const text = `:${groups.join(':')}:`;
  const zeros = [8, 7, 6, 5, 4, 3, 2].map((count) => `:${Array(count).fill('0').join(':')}:`);
  const longest = zeros.find((run) => text.includes(run));
  return longest === undefined ? groups.join(':') : text.replace(longest, '::').replace(/^:(?!:)|(?<!:):$/g, '');
}

const firstBits = ({ value, bits }: { value: bigint; bits: number }, count: number) => value >> BigInt(bits - count);

/** Whether an address lies in a network; one of the other kind does not. */
export function isIn(address: string, network: string): boolean | null {
  const [base, length] = network.split('/') as [string, string];
  const [a, b] = [read(address), read(base)];
  if (a === null || b === null) return null;
  return a.bits === b.bits && firstBits(a, Number(length)) === firstBits(b, Number(length));
}

const privates = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '169.254.0.0/16', '100.64.0.0/10'],
  ...['fc00::/7', '::1/128', 'fe80::/10'],
];

const subnet = (prefix: number): Form => ({
  takes: ['ip'],
  gives: 'string',
  sql: (a) => `subnet(${a}, ${prefix})::string`,
  means: (text: string) => {
    const address = read(text);
    if (address === null || prefix > address.bits) return null;
    const rest = BigInt(address.bits - prefix);
    return `${write({ ...address, value: (address.value >> rest) << rest })}/${prefix}`;
  },
});

/** Addresses: networks, and texts that are read as one. The value of an address is its one text. */
export const addressForms: Record<string, Form> = {
  in_network: { takes: ['ip', 'network'], gives: 'bool', sql: (a, n) => `(${a} = ${n})`, means: isIn },
  not_in_network: {
    takes: ['ip', 'network'],
    gives: 'bool',
    sql: (a, n) => `(${a} <> ${n})`,
    means: (a: string, n: string) => !isIn(a, n),
  },
  in_networks: {
    takes: ['ip', 'network', 'network'],
    gives: 'bool',
    sql: (a, n, m) => `(${a} IN (${n}, ${m}, '203.0.113.77'))`,
    means: (a: string, n: string, m: string) => isIn(a, n) || isIn(a, m) || a === '203.0.113.77',
  },
  is_private: {
    takes: ['ip'],
    gives: 'bool',
    sql: (a) => `is_private(${a})`,
    means: (a: string) => privates.some((one) => isIn(a, one)),
  },
  same_address: {
    takes: ['ip', 'ip'],
    gives: 'bool',
    sql: (a, b) => `(${a} = ${b})`,
    means: (a: string, b: string) => a === b,
  },
  ip_text: { takes: ['ip'], gives: 'string', sql: (a) => `(${a})::string`, means: (a: string) => a },
  text_ip: {
    takes: ['string'],
    gives: 'ip',
    sql: (a) => `(${a})::ip`,
    means: (text: string) => {
      const address = read(text);
      return address === null ? null : write(address);
    },
  },
  ...Object.fromEntries([8, 24, 48].map((prefix) => [`subnet_${prefix}`, subnet(prefix)])),
};

/** The one text of an address, as events have it in any. */
export function canonical(text: string | null): string | null {
  const address = text === null ? null : read(text);
  return address === null ? null : write(address);
}
