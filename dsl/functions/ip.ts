import { canonicalCidr, isInNetwork, isPrivateAddress, subnetOf } from './address.ts';
import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';

/** Addresses. An ip is its canonical text, an IPv4-mapped IPv6 address is IPv4 (address.ts). */
export const ipFunctions: readonly ScalarFunction[] = [
  define({
    name: 'in_cidr',
    signature: "ip = cidr, ip IN ('10.0.0.0/8', ...)",
    group: 'ip',
    parameters: ['ip', 'cidr'],
    result: 'bool',
    evaluate: ([address, network]) => isInNetwork(address as string, network as string),
    check: ([, network]) =>
      typeof network === 'string' && canonicalCidr(network) === null
        ? `'${network}' is not a network such as 198.51.100.0/24 or 2001:db8::/32`
        : null,
    summary: 'Whether the address lies in the network.',
    example: { text: "'198.51.100.7'::ip = '198.51.100.0/24'", value: true },
  }),
  define({
    name: 'subnet',
    signature: 'subnet(ip, prefix)',
    group: 'ip',
    parameters: ['ip', 'int'],
    result: 'cidr',
    evaluate: ([address, prefix]) => subnetOf(address as string, prefix as number),
    check: ([, prefix]) =>
      typeof prefix === 'number' && (prefix < 0 || prefix > 128) ? 'a prefix has 0 to 32 bits, or 128 for IPv6' : null,
    summary: 'The network of the first `prefix` bits; NULL where the address has fewer (IPv4 has 32, IPv6 128).',
    example: { text: "subnet('203.0.113.77'::ip, 24)", value: '203.0.113.0/24' },
  }),
  define({
    name: 'is_private',
    signature: 'is_private(ip)',
    group: 'ip',
    parameters: ['ip'],
    result: 'bool',
    evaluate: ([address]) => isPrivateAddress(address as string),
    summary: 'Whether the address is private, loopback, link local or shared by a carrier (100.64.0.0/10).',
    example: { text: "is_private('192.168.7.1'::ip)", value: true },
  }),
];
