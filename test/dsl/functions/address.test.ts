import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalCidr, isInNetwork, isPrivateAddress, subnetOf } from '../../../dsl/functions/address.ts';
import { canonicalIp } from '../../../engine/index.ts';

test('an address has one text', () => {
  const pairs: [string, string][] = [
    ['203.0.113.9', '203.0.113.9'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::', '::'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
    ['::1.2.3.4', '::102:304'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ];
  for (const [text, canonical] of pairs) {
    assert.equal(canonicalIp(text), canonical, text);
    assert.equal(canonicalIp(canonical), canonical);
  }
});

test('what is no address, or can be read in two ways, is NULL', () => {
  const wrong = ['', 'x', '1.2.3', '01.2.3.4', '0x7f.0.0.1', '1.2.3.256', '10.1', ' 1.2.3.4', '1.2.3.4 ', '1:2'];
  wrong.push('1::2::3', 'fe80::1%eth0', '[::1]', '12345::', '1:2:3:4:5:6:7:8:9', '::01.2.3.4', '::1.2.3', '1.2.3.4/32');
  for (const text of wrong) assert.equal(canonicalIp(text), null, text);
});

test('a network drops the bits behind its length', () => {
  assert.equal(canonicalCidr('10.1.2.3/8'), '10.0.0.0/8');
  assert.equal(canonicalCidr('2001:db8:ffff::/33'), '2001:db8:8000::/33');
  assert.equal(canonicalCidr('1.2.3.4'), '1.2.3.4/32');
  assert.equal(canonicalCidr('::ffff:10.0.0.0/104'), '10.0.0.0/8');
  assert.equal(canonicalCidr('0.0.0.0/0'), '0.0.0.0/0');
  for (const text of ['1.2.3.4/33', '1.2.3.4/08', '1.2.3.4/', '::/129', '::ffff:10.0.0.0/90', 'x/8', '1.2.3.4/8/8']) {
    assert.equal(canonicalCidr(text), null, text);
  }
});

test('an address lies in its subnets and in no other', () => {
  assert.equal(isInNetwork('198.51.100.255', '198.51.100.0/24'), true);
  assert.equal(isInNetwork('198.51.101.0', '198.51.100.0/24'), false);
  assert.equal(isInNetwork('198.51.100.7', '0.0.0.0/0'), true);
  assert.equal(isInNetwork('2001:db8::1', '0.0.0.0/0'), false);
  assert.equal(isInNetwork('::ffff:10.1.1.1', '10.0.0.0/8'), true);
  assert.equal(isInNetwork('not an address', '10.0.0.0/8'), null);
  assert.equal(subnetOf('203.0.113.77', 24), '203.0.113.0/24');
  assert.equal(subnetOf('203.0.113.77', 31), '203.0.113.76/31');
  assert.equal(subnetOf('203.0.113.77', 33), null);
  assert.equal(subnetOf('2001:db8:1:2:3::', 48), '2001:db8:1::/48');
  for (let prefix = 0; prefix <= 32; prefix++) {
    assert.equal(isInNetwork('203.0.113.77', subnetOf('203.0.113.77', prefix) as string), true);
  }
});

test('private addresses are those that the internet does not route', () => {
  for (const text of ['10.0.0.1', '172.31.255.255', '192.168.0.1', '127.0.0.1', '100.64.0.1', 'fd00::1', '::1']) {
    assert.equal(isPrivateAddress(text), true, text);
  }
  for (const text of ['172.32.0.0', '100.128.0.0', '8.8.8.8', '2001:db8::1', '::2']) {
    assert.equal(isPrivateAddress(text), false, text);
  }
});
