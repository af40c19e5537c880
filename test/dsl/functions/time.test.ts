import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { functions } from '../../../dsl/functions/index.ts';
import { as, call } from './call.ts';

const at = (iso: string) => as('timestamp', Date.parse(iso));
const trunc = (unit: string, iso: string, zone?: string) =>
  new Date(call('date_trunc', unit, at(iso), ...(zone ? [zone] : [])) as number).toISOString();

test('extract reads UTC, and a zone where one is named', () => {
  const parts = {
    YEAR: 2026,
    MONTH: 7,
    DAY: 1,
    HOUR: 22,
    MINUTE: 30,
    SECOND: 15,
    DOW: 3,
    ISODOW: 3,
    EPOCH: 1782945015,
  };
  for (const [unit, value] of Object.entries(parts)) {
    assert.equal(call('extract', unit, at('2026-07-01T22:30:15.900Z')), value, unit);
  }
  assert.equal(call('extract', 'hour', at('2026-07-01T22:30:15Z'), 'Europe/Berlin'), 0);
  assert.equal(call('extract', 'DAY', at('2026-07-01T22:30:15Z'), 'Europe/Berlin'), 2);
  assert.equal(call('extract', 'MINUTE', at('2026-07-01T22:30:15Z'), 'Asia/Kathmandu'), 15);
  assert.equal(call('extract', 'DOW', at('2026-07-05T12:00:00Z')), 0);
  assert.equal(call('extract', 'ISODOW', at('2026-07-05T12:00:00Z')), 7);
  assert.equal(call('extract', 'EPOCH', at('1969-12-31T23:59:59.500Z')), -1);
});

test('a time beyond the years 0001 to 9999 is NULL: no record could show it', () => {
  const day = as('duration', 86_400_000);
  assert.equal(call('+', at('9999-12-30T23:59:59.999Z'), day), Date.parse('9999-12-31T23:59:59.999Z'));
  assert.equal(call('+', at('9999-12-31T00:00:00Z'), day), null);
  assert.equal(call('-', at('0001-01-01T12:00:00Z'), day), null);
  assert.equal(call('+', at('2026-01-01T00:00:00Z'), as('duration', Number.MAX_SAFE_INTEGER)), null);
});

test('date_trunc gives the beginning of the unit', () => {
  const time = '2026-07-16T12:34:56.789Z';
  assert.equal(trunc('second', time), '2026-07-16T12:34:56.000Z');
  assert.equal(trunc('minute', time), '2026-07-16T12:34:00.000Z');
  assert.equal(trunc('hour', time), '2026-07-16T12:00:00.000Z');
  assert.equal(trunc('day', time), '2026-07-16T00:00:00.000Z');
  assert.equal(trunc('week', time), '2026-07-13T00:00:00.000Z');
  assert.equal(trunc('month', time), '2026-07-01T00:00:00.000Z');
  assert.equal(trunc('year', time), '2026-01-01T00:00:00.000Z');
  assert.equal(trunc('day', '1969-12-31T23:00:00Z'), '1969-12-31T00:00:00.000Z');
  assert.equal(trunc('week', '1969-12-28T23:00:00Z'), '1969-12-22T00:00:00.000Z');
});

test('date_trunc follows a zone through its changes of the clock', () => {
  assert.equal(trunc('day', '2026-07-16T12:00:00Z', 'Europe/Berlin'), '2026-07-15T22:00:00.000Z');
  // The clock goes from 03:00 back to 02:00 at 01:00Z: both hours from 02:00 on are hours of their own.
  assert.equal(trunc('hour', '2026-10-25T00:30:00Z', 'Europe/Berlin'), '2026-10-25T00:00:00.000Z');
  assert.equal(trunc('hour', '2026-10-25T01:30:00Z', 'Europe/Berlin'), '2026-10-25T01:00:00.000Z');
  assert.equal(trunc('day', '2026-10-25T12:00:00Z', 'Europe/Berlin'), '2026-10-24T22:00:00.000Z');
  // In Sao Paulo this day began at 01:00, there was no midnight.
  assert.equal(trunc('day', '2018-11-04T12:00:00Z', 'America/Sao_Paulo'), '2018-11-04T03:00:00.000Z');
  // In Havana it is midnight twice on this day, at 04:00Z and, turned back from 01:00, at 05:00Z.
  assert.equal(trunc('day', '2025-11-02T04:30:00Z', 'America/Havana'), '2025-11-02T04:00:00.000Z');
  assert.equal(trunc('day', '2025-11-02T12:00:00Z', 'America/Havana'), '2025-11-02T04:00:00.000Z');
});

test('date_trunc is never after its time, and truncating again changes nothing', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  const units = fc.constantFrom('minute', 'hour', 'day', 'week', 'month', 'year');
  const times = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2030, 0) });
  fc.assert(
    fc.property(units, times, zones, (unit, time, zone) => {
      const start = call('date_trunc', unit, as('timestamp', time), zone) as number;
      assert.ok(start <= time);
      assert.equal(call('date_trunc', unit, as('timestamp', start), zone), start);
    }),
    { numRuns: 500 },
  );
});

test('an unknown unit or zone is refused when the rule is checked and NULL when it is not', () => {
  const check = functions.get('extract')?.check;
  assert.match(check?.(['FORTNIGHT', undefined]) ?? '', /no unit FORTNIGHT; units are SECOND, MINUTE/);
  assert.match(check?.(['HOUR', undefined, 'Europe/Atlantis']) ?? '', /no time zone 'Europe\/Atlantis'/);
  assert.equal(check?.(['hour', undefined, 'Europe/Berlin']), null);
  assert.match(functions.get('date_trunc')?.check?.([undefined, undefined]) ?? '', /literal/);
  assert.equal(call('extract', 'HOUR', at('2026-07-01T00:00:00Z'), 'Europe/Atlantis'), null);
  assert.equal(call('extract', 'HOUR', as('timestamp', Number.MAX_SAFE_INTEGER)), null);
});
