import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalIp } from '../../../engine/decode/ip.ts';

test('IPv4 is four decimal numbers and nothing that some readers take for another address', () => {
  for (const text of ['0.0.0.0', '203.0.113.7', '255.255.255.255']) assert.equal(canonicalIp(text), text);
  const refused = [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.04',
    '0x7f.0.0.1',
    '1.2.3.',
    '.1.2.3',
  ];
  for (const text of [...refused, ' 1.2.3.4', '1.2.3.4 ', '1.2.3.4/32', '1.2.3.4\n', '1.2.-3.4', '٣.2.3.4', '1..2.3']) {
    assert.equal(canonicalIp(text), null, text);
  }
});

test('IPv6 is printed as RFC 5952 says', () => {
  const forms: [string, string][] = [
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['::1.2.3.4', '::102:304'],
  ];
  for (const [text, expected] of forms) assert.equal(canonicalIp(text), expected, text);
});

test('an IPv4-mapped IPv6 address is the IPv4 address', () => {
  for (const text of ['::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7']) {
    assert.equal(canonicalIp(text), '203.0.113.7');
  }
  assert.equal(canonicalIp('::fffe:203.0.113.7'), '::fffe:cb00:7107');
  assert.equal(canonicalIp('1::ffff:1.2.3.4'), '1::ffff:102:304');
});

test('what is no IPv6 address is refused, zones too', () => {
  const refused = [
    ':',
    ':::',
    '1:::2',
    '1::2::3',
    ':1',
    '1:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
  ];
  const more = ['::1:2:3:4:5:6:7:8', '12345::', '::g', '::@', '::`', '1::2:', '::1.2.3', '::01.2.3.4', '::1.2.3.4:5'];
  for (const text of [
    ...refused,
    ...more,
    '1:2:3:4:5:6:7:1.2.3.4',
    'fe80::1%eth0',
    '[::1]',
    '::1/128',
    ' ::1',
    '::1 ',
  ]) {
    assert.equal(canonicalIp(text), null, text);
  }
});

test('every way of writing eight groups gives one text, which is its own canonical text', () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups.map((one) => one.toString(16).padStart(4, '0').toUpperCase()).join(':');
      const canonical = canonicalIp(long) as string;
      assert.equal(canonicalIp(canonical), canonical);
      assert.equal(canonicalIp(groups.map((one) => one.toString(16)).join(':')), canonical);
      const last = `${groups[6] >> 8}.${groups[6] & 255}.${groups[7] >> 8}.${groups[7] & 255}`;
      assert.equal(canonicalIp(`${long.slice(0, 30)}${last}`), canonical);
      // The URL parser of the platform is another implementation of the same text (it leaves mapped addresses mapped).
      if (canonical.includes(':')) assert.equal(new URL(`http://[${long}]`).hostname, `[${canonical}]`);
    }),
  );
});
