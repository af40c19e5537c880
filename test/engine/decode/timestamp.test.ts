import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lacksOnlyZone, parseTimestamp } from '../../../engine/decode/timestamp.ts';

const noon = Date.UTC(2026, 2, 1, 12, 0, 0);

test('ISO 8601 with a zone, in its forms', () => {
  for (const text of [
    ...['2026-03-01T12:00:00Z', '2026-03-01t12:00:00z', '2026-03-01 12:00:00Z', '2026-03-01T13:30:00+01:30'],
    ...['2026-03-01T13:30:00+0130', '2026-02-28T23:59:00-12:01', '2026-03-01T12:00:00.000000000-00:00'],
  ]) {
    assert.equal(parseTimestamp(text), noon, text);
  }
});

test('a fraction of 1 to 9 digits is cut to milliseconds, also before 1970', () => {
  const fractions: [string, number][] = [
    ...([
      ['5', 500],
      ['05', 50],
      ['123', 123],
      ['1239', 123],
      ['999999999', 999],
      ['0009', 0],
    ] as [string, number][]),
  ];
  for (const [digits, ms] of fractions) assert.equal(parseTimestamp(`2026-03-01T12:00:00.${digits}Z`), noon + ms);
  assert.equal(parseTimestamp('1969-12-31T23:59:59.9999Z'), -1);
});

test('what names no moment is refused', () => {
  const refused = [
    ...[
      '',
      '2026-03-01',
      '12:00:00Z',
      '2026-03-01T12:00Z',
      '2026-03-01T12:00:00',
      '20260301T120000Z',
      'now',
      '1772366400',
    ],
    ...['2026-02-29T12:00:00Z', '2026-02-31T12:00:00Z', '1900-02-29T12:00:00Z', '2026-04-31T12:00:00Z'],
    ...['2026-00-01T12:00:00Z', '2026-13-01T12:00:00Z', '2026-03-00T12:00:00Z', '2026-03-32T12:00:00Z'],
    ...['2026-03-01T24:00:00Z', '2026-03-01T12:60:00Z', '2026-12-31T23:59:60Z', '2026-03-01T12:00:00+24:00'],
    ...['2026-03-01T12:00:00+01:60', '2026-03-01T12:00:00+1', '2026-03-01T12:00:00+01', '2026-03-01T12:00:00 Z'],
    ...['2026-03-01T12:00:00.Z', '2026-03-01T12:00:00.1234567890Z', '2026-03-01T12:00:00,5Z', '2026-03-01T12:00:00Z '],
    ...[
      ' 2026-03-01T12:00:00Z',
      '2026-3-1T12:00:00Z',
      '+2026-03-01T12:00:00Z',
      '2026/03/01T12:00:00Z',
      '２026-03-01T12:00:00Z',
    ],
  ];
  for (const text of refused) assert.equal(parseTimestamp(text), null, text);
  for (const value of [null, undefined, true, 1.5, Number.NaN, Number.POSITIVE_INFINITY, {}, [], 10n]) {
    assert.equal(parseTimestamp(value), null);
  }
});

test('leap days: every fourth year, not every hundredth, but every four hundredth', () => {
  assert.equal(parseTimestamp('2024-02-29T00:00:00Z'), Date.UTC(2024, 1, 29));
  assert.equal(parseTimestamp('2000-02-29T00:00:00Z'), Date.UTC(2000, 1, 29));
});

test('the range is the years 0001 to 9999 in UTC, for texts and for numbers', () => {
  const first = Date.parse('0001-01-01T00:00:00Z');
  const last = Date.parse('9999-12-31T23:59:59.999Z');
  assert.equal(parseTimestamp('0001-01-01T00:00:00Z'), first);
  assert.equal(parseTimestamp('9999-12-31T23:59:59.999Z'), last);
  for (const text of ['0000-12-31T23:59:59Z', '0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01']) {
    assert.equal(parseTimestamp(text), null, text);
  }
  assert.equal(parseTimestamp(first), first);
  assert.equal(parseTimestamp(last), last);
  assert.equal(parseTimestamp(first - 1), null);
  assert.equal(parseTimestamp(last + 1), null);
  assert.ok(Object.is(parseTimestamp(-0), 0));
});

test('any moment, written in any zone, reads as Date reads it', () => {
  const first_ms = Date.parse('0002-01-01T00:00:00Z');
  const last_ms = Date.parse('9998-12-31T23:59:59Z');
  fc.assert(
    fc.property(fc.integer({ min: first_ms, max: last_ms }), fc.integer({ min: -1439, max: 1439 }), (time, offset) => {
      const local = new Date(time + offset * 60_000).toISOString().slice(0, -1);
      const minutes = Math.abs(offset);
      const zone = `${String(Math.trunc(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
      assert.equal(parseTimestamp(`${local}${offset < 0 ? '-' : '+'}${zone}`), time);
    }),
    { numRuns: 500 },
  );
});

test('a text that lacks nothing but its zone is told apart', () => {
  assert.equal(lacksOnlyZone('2026-03-01T12:00:00'), true);
  assert.equal(lacksOnlyZone('2026-03-01 12:00:00.5'), true);
  for (const text of ['2026-03-01T12:00:00Z', '2026-03-01', 'yesterday', '']) assert.equal(lacksOnlyZone(text), false);
});
