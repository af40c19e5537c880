import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatCount, formatDuration, formatTime, plural } from '../../../ui-api/cli/units.ts';

test('counts and bytes', () => {
  assert.equal(formatCount(7121), '7,121');
  assert.equal(plural(1, 'entry', 'entries'), '1 entry');
  assert.equal(plural(2, 'entry', 'entries'), '2 entries');
  assert.deepEqual([0, 999, 1000, 84_000, 3_200_000, 9.99e9].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 KB',
    '84 KB',
    '3.2 MB',
    '10 GB',
  ]);
});

test('a span of time is told by its two largest units', () => {
  const spans: [number, string][] = [
    [12, '12 ms'],
    [300, '0.3 s'],
    [5000, '5 s'],
    [59_700, '60 s'],
    [372_000, '6 m 12 s'],
    [3_600_000, '1 h'],
    [4_500_000, '1 h 15 m'],
    [86_400_000 * 24, '24 days'],
  ];
  for (const [ms, text] of spans) assert.equal(formatDuration(ms), text);
});

test('times in UTC', () => {
  const time_ms = Date.parse('2017-03-30T15:54:38Z');
  assert.equal(formatTime(time_ms, 'utc'), '30 Mar 15:54:38');
  assert.equal(formatTime(time_ms, 'utc', 'time'), '15:54:38');
  assert.equal(formatTime(time_ms, 'utc', 'day'), '30 Mar');
});
