import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalCidr } from '../../../dsl/functions/index.ts';
import { canonicalIp } from '../../../engine/index.ts';

/**
 * The engine has no package and so its own reader of addresses, which rules and lookups use too; functions on networks have
 * ipaddr.js. An address must be the same to both, and have the same text.
 */
const asNetwork = (text: string) => (text.includes('/') ? null : canonicalCidr(text));
const group = fc.oneof(
  fc.constantFrom('0', '0000', 'ffff', 'FFFF', ''),
  fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16)),
);
const dotted = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 256 }).map(String), fc.constantFrom('00', '01', '')), {
    minLength: 3,
    maxLength: 5,
  })
  .map((parts) => parts.join('.'));
const colons = fc
  .tuple(
    fc.array(group, { minLength: 1, maxLength: 9 }),
    fc.option(dotted, { freq: 3 }),
    fc.constantFrom('', '', '::', ':'),
  )
  .map(([groups, tail, end]) => `${groups.join(':')}${tail === null ? end : `:${tail}`}`);
const mapped = fc
  .tuple(fc.constantFrom('::ffff:', '::FFFF:0:', '0:0:0:0:0:ffff:', '::'), dotted)
  .map((parts) => parts.join(''));
const noise = fc.string({
  unit: fc.constantFrom('0', '1', 'f', 'g', ':', '.', '%', '/', '[', ']', ' ', 'x'),
  maxLength: 20,
});
const valid = fc.oneof(fc.ipV4(), fc.ipV6());

test('addresses and networks of one address are read alike and written alike', () => {
  let addresses = 0;
  fc.assert(
    fc.property(fc.oneof(dotted, colons, mapped, noise, valid), (text) => {
      const wanted = asNetwork(text)?.replace(/\/(32|128)$/, '') ?? null;
      if (wanted !== null) addresses++;
      assert.equal(canonicalIp(text), wanted, JSON.stringify(text));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(addresses > 500, `only ${addresses} of the texts were addresses`);
});
