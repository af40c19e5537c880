import ipaddr from 'ipaddr.js';
import { BoundedCache } from './bounded-cache.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = readonly [Address, number];

/** Bits in front of the IPv4 address in ::ffff:0:0/96. */
const mappedBits = 96;

function parse(text: string): Address | null {
  // Without the four-part test ipaddr.js takes '10.1', '0x7f.1' and '010.0.0.1', which readers take differently.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const plain = withHexTail(text);
  if (plain === null || plain.includes('%') || !plain.includes(':') || !ipaddr.IPv6.isValid(plain)) return null;
  const address = ipaddr.IPv6.parse(plain);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/**
 * An IPv6 text may end in an IPv4 address. It is turned into two hexadecimal groups here, since ipaddr.js takes octal
 * there and reads ::1.2.3.4 (IPv4-compatible, RFC 4291) as ::ffff:1.2.3.4. NULL when the end is no such address.
 */
function withHexTail(text: string): string | null {
  const start = text.lastIndexOf(':') + 1;
  const tail = text.slice(start);
  if (!tail.includes('.')) return text;
  if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return null;
  const [a, b, c, d] = ipaddr.IPv4.parse(tail).octets;
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function print(address: Address): string {
  return address.kind() === 'ipv6' ? (address as ipaddr.IPv6).toRFC5952String() : address.toString();
}

function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  const address = parse(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  const width = address.kind() === 'ipv4' ? 32 : 128;
  if (slash < 0) return [address, width];
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(digits)) return null;
  const mapped = width === 32 && text.includes(':') ? mappedBits : 0;
  const prefix = Number(digits) - mapped;
  return prefix >= 0 && prefix <= width ? [address, prefix] : null;
}

const networks = new BoundedCache(parseNetwork);
const addresses = new BoundedCache(parse);

/** The network of `address` and its first `prefix` bits, as text; NULL when it has fewer bits. */
export function subnetOf(text: string, prefix: number): string | null {
  const address = addresses.get(text);
  if (address === null) return null;
  const bytes = address.toByteArray();
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bytes.length * 8) return null;
  const kept = bytes.map((byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 - (prefix - i * 8)))) & 0xff);
  return `${print(ipaddr.fromByteArray(kept))}/${prefix}`;
}

/** The one text of a network: its first address and its length; bits behind the length are dropped. */
export function canonicalCidr(text: string): string | null {
  const network = networks.get(text);
  return network === null ? null : subnetOf(print(network[0]), network[1]);
}

/** Whether the address lies in the network; false when they are of different kinds, NULL when one cannot be read. */
export function isInNetwork(text: string, cidr: string): boolean | null {
  const address = addresses.get(text);
  const network = networks.get(cidr);
  if (address === null || network === null) return null;
  return address.kind() === network[0].kind() && address.match(network[0], network[1]);
}

/** RFC 1918 and 4193, loopback, link local, and the shared space of carriers (RFC 6598). */
const privateNetworks = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '169.254.0.0/16', '100.64.0.0/10'],
  ...['fc00::/7', '::1/128', 'fe80::/10'],
];

/** Whether the address is not one of the public internet. */
export function isPrivateAddress(text: string): boolean | null {
  if (addresses.get(text) === null) return null;
  return privateNetworks.some((network) => isInNetwork(text, network) === true);
}
