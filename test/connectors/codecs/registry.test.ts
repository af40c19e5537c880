import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecs, findCodec } from '../../../connectors/codecs/registry.ts';

test('every codec is found by its name, carries a summary, and is made by its entry', () => {
  for (const entry of codecs) {
    assert.equal(findCodec(entry.name), entry);
    const codec = entry.create({ year: 2026 });
    assert.deepEqual([codec.name, codec.summary], [entry.name, entry.summary]);
    assert.ok(entry.options.every(({ summary }) => summary !== ''));
  }
  assert.equal(findCodec('nonsense'), undefined);
  assert.throws(() => findCodec('sshd')?.create({ time_zone: 'nowhere' }), /is no time zone/);
});

test('json hands lines on as they are and skips blank ones', () => {
  const codec = findCodec('json')?.create({});
  for (const line of ['{"a":1}', 'not JSON', '\0'])
    assert.deepEqual(codec?.decode(Buffer.from(line)), { kind: 'as_is' });
  for (const line of ['', ' \t\r']) {
    assert.deepEqual(codec?.decode(Buffer.from(line)), { kind: 'skipped', reason: 'blank line' });
  }
});
