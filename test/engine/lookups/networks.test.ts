import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalCidr, functions } from '../../../dsl/functions/index.ts';
import { canonicalIp } from '../../../engine/index.ts';
import { NetworkIndex } from '../../../engine/lookups/networks.ts';

const nibble = fc.integer({ min: 0, max: 3 });
const ipv4 = fc.tuple(nibble, nibble, nibble, nibble).map((parts) => parts.join('.'));
const ipv6 = fc.tuple(nibble, nibble, nibble).map(([a, b, c]) => `2001:db8:${a}::${b}:${c}`);
const mapped = ipv4.map((address) => `::ffff:${address}`);
const address = fc.oneof(ipv4, ipv6, mapped).map((text) => canonicalIp(text) as string);
const network = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([text, prefix]) => `${text}/${prefix}`),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([text, prefix]) => `${text}/${prefix}`),
);

const contains = (one: string, ip: string): boolean => functions.get('in_cidr')?.evaluate([ip, one]) === true;
const prefixOf = (one: string): number => Number(one.slice(one.indexOf('/') + 1));

test('S9 the longest prefix that holds the address, and then the next shorter one, as a search through all says', () => {
  fc.assert(
    fc.property(fc.uniqueArray(network, { maxLength: 12 }), fc.array(address, { maxLength: 8 }), (texts, addresses) => {
      const networks = [...new Set(texts.map((text) => canonicalCidr(text) as string))];
      const index = new NetworkIndex(networks);
      for (const ip of addresses) {
        const found: string[] = [];
        for (let at = index.find(ip); at >= 0; at = index.around(at)) found.push(networks[at] as string);
        const expected = networks.filter((one) => contains(one, ip)).sort((a, b) => prefixOf(b) - prefixOf(a));
        assert.deepEqual(found, expected);
      }
    }),
    { numRuns: 500, seed: 11 },
  );
});

test('an address of one kind is in no network of the other', () => {
  const index = new NetworkIndex(['0.0.0.0/0', '::/0']);
  assert.equal(index.find('192.0.2.1'), 0);
  assert.equal(index.find('2001:db8::1'), 1);
  assert.equal(index.find('no address'), -1);
});

test('a network with more bits than its kind of address has is none: it is in no other and holds nothing', () => {
  const index = new NetworkIndex(['1.2.3.0/24', '::ffff:1.2.3.0/120', '1.2.3.4/33']);
  assert.equal(index.find('1.2.3.4'), 0);
  assert.deepEqual([index.around(1), index.around(2)], [-1, -1]);
});
