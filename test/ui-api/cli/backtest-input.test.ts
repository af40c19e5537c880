import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTimestamp } from '../../../engine/index.ts';
import { parseTime } from '../../../ui-api/cli/backtest-input.ts';

test('a time of an option is what an event would mean by it; a date is its midnight UTC', () => {
  for (const text of ['2026-03-30T15:00:00Z', '2026-03-30 17:00:00.1239+02:00', '2024-02-29T23:59:59+0100']) {
    assert.equal(parseTime(text), parseTimestamp(text));
  }
  assert.equal(parseTime('2026-03-30'), Date.UTC(2026, 2, 30));
  assert.equal(parseTime('1774882800000'), 1_774_882_800_000);
  assert.equal(parseTime('7d', 1_774_882_800_000), 1_774_882_800_000 - 7 * 86_400_000);
  assert.throws(
    () => parseTime('7d'),
    /A time is .*, or epoch milliseconds\.$/,
    'where there is no now, there is no span before it',
  );
});

test('what no event could say is no time, also where Date.parse takes it', () => {
  for (const text of [
    '',
    'yesterday',
    '2026-02-30',
    '2026-02-30T10:00:00Z',
    'Mar 30 2026 Z',
    '2026-03-30T15:00Z',
    '7',
  ]) {
    assert.throws(() => parseTime(text), { code: 'commander.invalidArgument' }, text);
    assert.throws(() => parseTime(text, 0), /, or epoch milliseconds, or how long ago: 7d, 12h, 30m, 45s\.$/, text);
  }
  assert.throws(() => parseTime('2026-03-30T15:00:00'), /needs a zone/);
});
