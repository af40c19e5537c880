import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildWindow } from '../../../dsl/build/window.ts';
import type { CalendarSpec } from '../../../engine/index.ts';
import { makeCalendar } from '../../../engine/windows/calendar.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;

function zoned(zone: string, offset_ms = 0): CalendarSpec {
  const window = buildWindow({ kind: 'tumbling', size_ms: day_ms, decided: 'end', zone, offset_ms });
  assert.ok(window.kind === 'tumbling' && window.calendar);
  return window.calendar;
}

test('S8 windows start at multiples of the advance since the epoch, also before it', () => {
  const calendar = makeCalendar(30, 10, undefined);
  assert.deepEqual([calendar.startOf(9), calendar.startOf(10), calendar.startOf(-1)], [0, 10, -10]);
  assert.deepEqual([calendar.firstOpen(29), calendar.firstOpen(30), calendar.endOf(10)], [0, 10, 40]);
});

/** Zones with summer time, half hours, a leap at midnight, a clock turned back over midnight, and a day left out. */
const zones = [
  ...['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo'],
  ...['America/Havana', 'Pacific/Apia', 'Asia/Tehran', 'Africa/Casablanca', 'UTC'],
];

test('S8 IN TIME ZONE: starts follow one another without gap or overlap, and each is its own start', () => {
  const property = fc.property(
    fc.constantFrom(...zones),
    fc.constantFrom(15 * minute_ms, hour_ms, 2 * hour_ms, 6 * hour_ms, day_ms, 7 * day_ms),
    fc.constantFrom(0, 10 * minute_ms),
    fc.integer({ min: Date.UTC(2010, 0, 1), max: Date.UTC(2030, 0, 1) }),
    fc.integer({ min: 1, max: 5 }),
    (zone, advance_ms, offset_ms, from, steps) => {
      const spec = zoned(zone, offset_ms);
      const calendar = makeCalendar(steps * advance_ms, advance_ms, spec);
      const start = calendar.startOf(from);
      assert.ok(start <= from && calendar.next(start) > from);
      assert.equal(calendar.startOf(start), start);
      assert.equal(calendar.startOf(start - 1), calendar.previous(start));
      assert.equal(calendar.previous(calendar.next(start)), start);
      // The calendar's list gives what the zone's rules give, whatever it was asked before.
      const at = from + advance_ms * 3;
      assert.equal(calendar.startOf(at), spec.startOf?.(at, advance_ms, offset_ms));
      const open = calendar.firstOpen(from);
      assert.ok(calendar.endOf(open) > from && calendar.endOf(calendar.previous(open)) <= from);
      let end = start;
      for (let step = 0; step < steps; step++) end = calendar.next(end);
      assert.equal(calendar.endOf(start), end);
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

test('S8 IN TIME ZONE: a start that the clock leaps over is where the leap ends; an hour shown twice is two', () => {
  const starts = (from: number, count: number) => {
    const calendar = makeCalendar(hour_ms, hour_ms, zoned('Europe/Berlin'));
    const all = [calendar.startOf(from)];
    while (all.length < count) all.push(calendar.next(all[all.length - 1] as number));
    return all.map((start) => new Date(start).toISOString().slice(11, 16));
  };
  assert.deepEqual(starts(Date.UTC(2026, 9, 25, 0), 3), ['00:00', '01:00', '02:00']);
  const two = makeCalendar(2 * hour_ms, 2 * hour_ms, zoned('Europe/Berlin'));
  // 29 March 2026: at 1:00 UTC the clock leaps from 2:00 to 3:00; at 2:00 UTC it shows 4:00.
  const leap = Date.UTC(2026, 2, 29, 1);
  assert.equal(two.startOf(leap + 1), leap);
  assert.equal(two.next(leap), leap + hour_ms);
});

test('S8 IN TIME ZONE: a window goes on where the clock is turned back over its start before it is over', () => {
  const hours = (zone: string, size_hours: number, offset_minutes: number, from: number) => {
    const size_ms = size_hours * hour_ms;
    const calendar = makeCalendar(size_ms, size_ms, zoned(zone, offset_minutes * minute_ms));
    const start = calendar.startOf(from);
    assert.equal(calendar.startOf(calendar.endOf(start) - 1), start);
    return [new Date(start).toISOString().slice(0, 16), (calendar.endOf(start) - start) / hour_ms];
  };
  // Havana is turned back from 1:00 to 0:00, the Azores (in 2025) too; Berlin from 3:00 to 2:00.
  const havana = ['2025-11-02T04:00', 25];
  for (const minute of [0, 59, 60, 61, 25 * 60 - 1]) {
    assert.deepEqual(hours('America/Havana', 24, 0, Date.UTC(2025, 10, 2, 4, minute)), havana);
  }
  assert.deepEqual(hours('Atlantic/Azores', 24, 0, Date.UTC(2025, 9, 26, 2)), ['2025-10-26T00:00', 25]);
  assert.deepEqual(hours('Europe/Berlin', 24, 150, Date.UTC(2025, 9, 26, 1, 45)), ['2025-10-26T00:30', 25]);
  assert.deepEqual(hours('Europe/Berlin', 2, 0, Date.UTC(2025, 9, 26, 1)), ['2025-10-26T00:00', 3]);
  // Each hour and quarter of an hour was over before.
  assert.deepEqual(hours('Europe/Berlin', 1, 0, Date.UTC(2025, 9, 26, 1)), ['2025-10-26T01:00', 1]);
  assert.deepEqual(hours('Europe/Berlin', 0.25, 0, Date.UTC(2025, 9, 26, 1, 50)), ['2025-10-26T01:45', 0.25]);
});

test('S8 IN TIME ZONE: no later instant has an earlier start, however short the windows that a turned back clock cuts', () => {
  const turnedBack: readonly [string, number][] = [
    ['America/Havana', Date.UTC(2026, 10, 1, 5)],
    ['America/New_York', Date.UTC(2026, 10, 1, 6)],
    ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 15)],
    ['Antarctica/Troll', Date.UTC(2026, 9, 25, 1)],
  ];
  for (const [zone, change] of turnedBack) {
    for (const advance_ms of [15, 30, 60, 120, 180, 1440].map((minutes) => minutes * minute_ms)) {
      for (const offset_ms of [0, 15 * minute_ms, 30 * minute_ms, 45 * minute_ms].filter((ms) => ms < advance_ms)) {
        const { startOf } = zoned(zone, offset_ms) as CalendarSpec & { startOf: NonNullable<CalendarSpec['startOf']> };
        let before = Number.NEGATIVE_INFINITY;
        for (let time = change - 4 * hour_ms; time < change + 4 * hour_ms; time += 5 * minute_ms) {
          const start = startOf(time, advance_ms, offset_ms);
          assert.ok(
            start >= before && start <= time,
            `${zone}, ${advance_ms}, ${offset_ms}, ${new Date(time).toISOString()}`,
          );
          assert.equal(startOf(start, advance_ms, offset_ms), start);
          before = start;
        }
      }
    }
  }
});

test('a calendar that is asked far ahead and back gives the same as a new one', () => {
  const calendar = makeCalendar(day_ms, day_ms, zoned('Europe/Berlin'));
  for (const time of [0, 20_000 * day_ms, 5 * day_ms, 19_000 * day_ms + 1]) {
    const fresh = makeCalendar(day_ms, day_ms, zoned('Europe/Berlin'));
    assert.equal(calendar.startOf(time), fresh.startOf(time));
    assert.equal(calendar.endOf(calendar.startOf(time)), fresh.endOf(fresh.startOf(time)));
  }
});
