import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoTraffic } from '../../../ui-api/demo/traffic.ts';

const from_ms = Date.UTC(2026, 10, 28, 3, 0, 0);
const minute_ms = 60_000;

interface DemoEvent {
  readonly event_id: string;
  readonly tenant_id: string;
  readonly timestamp: string;
  readonly account_id: string;
}

/** Events of the first minutes of a demo. */
function minutesOf(minutes: number, start_ms: number, rate: number, seed = 1): DemoEvent[] {
  const events: DemoEvent[] = [];
  for (const { time_ms, event } of demoTraffic({ seed, rate, from_ms: start_ms })) {
    if (time_ms >= start_ms + minutes * minute_ms) return events;
    events.push(event as DemoEvent);
  }
  return events;
}

test('a demo is seeded, in time order, at its rate at any hour, and all of it of the tenants that do not exist', () => {
  const events = minutesOf(10, from_ms, 20);
  assert.deepEqual(minutesOf(10, from_ms, 20), events);
  assert.notDeepEqual(minutesOf(10, from_ms, 20, 2), events);
  // Visits take minutes: the first ones are quieter.
  const later = events.filter(({ timestamp }) => Date.parse(timestamp) >= from_ms + 5 * minute_ms).length;
  assert.ok(later > 0.8 * 6000 && later < 1.2 * 6000, `${later} events in 5 minutes`);
  for (const { tenant_id } of events) assert.match(tenant_id, /\.example$/);
  const times = events.map(({ timestamp }) => Date.parse(timestamp));
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.ok(times[0] >= from_ms);
});

test('a second start has the same people, other events, and no id of the first; rounds follow each other', () => {
  const first = minutesOf(80, from_ms, 2);
  const second = minutesOf(10, from_ms + 3 * minute_ms, 2);
  const ids = new Set(first.map(({ event_id }) => event_id));
  assert.equal(ids.size, first.length, 'three rounds without an id twice');
  assert.deepEqual(
    second.filter(({ event_id }) => ids.has(event_id)),
    [],
  );
  const accounts = new Set(first.map(({ account_id }) => account_id));
  const known = (events: readonly DemoEvent[]) => events.filter(({ account_id }) => accounts.has(account_id)).length;
  assert.ok(known(second) > second.length / 10, `${known(second)} events of ${second.length}`);
  assert.ok(known(minutesOf(10, from_ms + 3 * minute_ms, 2, 7)) < second.length / 100, 'the people are the seed’s');
});
