import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { distanceKm } from '../../../connectors/simulator/world/places.ts';
import { play } from './play.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;

interface Seen {
  time_ms: number;
  kind: string;
  attack: string | null;
  event_id: string;
  platform: string;
  event_type: string;
  account_id: string;
  actor?: { ip: string };
  net?: { asn: number; as_org: string; type: string };
  geo?: { country: string; lat: number; lon: number };
  device?: { id: string };
  auth?: { result: string; failure?: string };
}

/** One quiet week, from Monday 2 March 2026, 0:00 UTC. */
let week: Seen[];
/** What each account did itself: a report is done by somebody else. */
let accounts: Seen[][];

const listsBy = (events: Seen[], key: (event: Seen) => string) => [...Map.groupBy(events, key).values()];
const distinct = (events: Seen[], of: (event: Seen) => unknown) =>
  new Set(events.map(of).filter((value) => value !== undefined)).size;
const day = (event: Seen) => new Date(event.time_ms).getUTCDate() - 2;
const hour = (event: Seen) => new Date(event.time_ms).getUTCHours();
const has = (event: Seen, ...kinds: string[]) => kinds.includes(event.kind);

before(() => {
  week = Array.from(play({ name: 'quiet-week', seed: 1, rate: 1000 }), ({ time_ms, event, truth }) => {
    return { ...(event as Seen), ...truth, time_ms };
  });
  accounts = listsBy(
    week.filter(({ kind, event_type }) => kind !== 'marketing' && !event_type.startsWith('policy')),
    ({ platform, account_id }) => `${platform} ${account_id}`,
  );
});

test('there is a truth for every event, and no attack in it', () => {
  assert.ok(week.length > 120_000, String(week.length));
  assert.ok(week.every(({ kind, attack, event_id }) => kind !== '' && attack === null && event_id.length === 20));
});

test('daily and weekly season: afternoons are twice as busy as nights, weekends two thirds of weekdays', () => {
  // Without the launch, the outage and the marketing team.
  const usual = week.filter((event) => day(event) === 0 || day(event) >= 5);
  const monday = usual.filter((event) => day(event) === 0);
  const between = (from: number, to: number) =>
    monday.filter((event) => hour(event) >= from && hour(event) < to).length;
  const ratio = between(12, 18) / between(0, 6);
  assert.ok(ratio > 1.6 && ratio < 2.3, `${ratio} times as many from 12 to 18 as from 0 to 6`);
  const weekend = usual.filter((event) => day(event) >= 5).length / 2;
  assert.ok(weekend > 0.55 * monday.length && weekend < 0.75 * monday.length, `${weekend} and ${monday.length}`);
});

test('activity is a Zipf law: on double logarithmic paper a line, of a slope that its exponent and two accounts a person give', () => {
  const counts = accounts.map((events) => events.length).sort((a, b) => b - a);
  const slope = (from: number, to: number) => Math.log(counts[to - 1] / counts[from - 1]) / Math.log(to / from);
  for (const [from, to] of [
    [4, 40],
    [40, 400],
  ]) {
    assert.ok(slope(from, to) > -0.85 && slope(from, to) < -0.5, `${from} to ${to}: ${slope(from, to)}`);
  }
});

test('NAT and carriers: addresses that very many share, and homes that few share', () => {
  const sharers = (fits: (event: Seen) => boolean): number[] => {
    const events = week.filter((event) => event.actor?.ip !== undefined && fits(event));
    const lists = listsBy(events, ({ actor }) => actor?.ip ?? '');
    return lists.map((list) => distinct(list, ({ account_id }) => account_id)).sort((a, b) => b - a);
  };
  const offices = sharers(({ kind }) => kind === 'nat');
  const carriers = sharers(({ net }) => net?.type === 'mobile');
  const homes = sharers(({ net }) => net?.type === 'residential');
  assert.ok(
    offices[9] >= 10 && carriers[9] >= 10,
    `${offices[9]} accounts behind an office, ${carriers[9]} at a carrier`,
  );
  assert.ok(homes[Math.floor(homes.length / 100)] <= 3, 'a home has the accounts of those who live there');
});

test('travellers: seen in two countries, never faster than an aeroplane', () => {
  const travellers = accounts.filter((events) => events.some((event) => has(event, 'traveller')));
  const abroad = travellers.filter((events) => distinct(events, ({ geo }) => geo?.country) >= 2);
  assert.ok(travellers.length > 50 && abroad.length > 20, `${abroad.length} of ${travellers.length}`);
  for (const events of travellers) {
    // The address of in-flight Wi-Fi lies at its ground station.
    const seen = events.filter(({ geo, net }) => geo !== undefined && !net?.as_org.endsWith('In-Flight'));
    for (let i = 1; i < seen.length; i++) {
      const [from, to] = [seen[i - 1], seen[i]];
      const km = distanceKm(from.geo as NonNullable<Seen['geo']>, to.geo as NonNullable<Seen['geo']>);
      const hours = (to.time_ms - from.time_ms) / hour_ms;
      assert.ok(km < 100 || km / hours < 900, `${Math.round(km)} km in ${hours.toFixed(2)} hours`);
    }
  }
});

test('VPN users come out in several countries, with devices that are their own', () => {
  const users = accounts.filter((events) => events.filter(({ net }) => net?.type === 'vpn').length >= 10);
  assert.ok(users.length >= 20, String(users.length));
  const countries = users.map((events) =>
    distinct(
      events.filter(({ net }) => net?.type === 'vpn'),
      ({ geo }) => geo?.country,
    ),
  );
  assert.ok(countries.filter((count) => count >= 2).length > 0.7 * users.length, countries.join());
  assert.ok(users.every((events) => distinct(events, ({ device }) => device?.id) <= 2));
});

test('typos: most are followed by a success on the same device, one in twelve or so is in the name', () => {
  const typos = week.filter((event) => has(event, 'typo') && event.auth?.result === 'fail');
  const successes = Map.groupBy(
    week.filter(({ event_type, auth }) => event_type === 'login' && auth?.result === 'success'),
    ({ device }) => device?.id,
  );
  const mended = typos.filter(({ device, time_ms }) =>
    (successes.get(device?.id) ?? []).some((one) => one.time_ms > time_ms && one.time_ms < time_ms + 15 * minute_ms),
  );
  assert.ok(typos.length > 600 && mended.length > 0.75 * typos.length, `${mended.length} of ${typos.length}`);
  const names = typos.filter(({ auth }) => auth?.failure === 'unknown_user').length;
  assert.ok(names > 0.03 * typos.length && names < 0.16 * typos.length, `${names} of ${typos.length}`);
});

test('habits: who is seen often is seen at hours of the own, on at most two devices, and mostly in one country', () => {
  const settled = accounts.filter(
    (events) => events.length >= 40 && !events.some((event) => has(event, 'vpn', 'traveller', 'in_flight_wifi')),
  );
  assert.ok(settled.length > 100, String(settled.length));
  /** Share of the nine hours of a day in which an account does most: 0.375 without a habit. */
  const own = settled.map((events) => {
    const byHour = Array.from({ length: 24 }, (_, at) => events.filter((event) => hour(event) === at).length);
    const spans = byHour.map((_, from) =>
      Array.from({ length: 9 }, (_, k) => byHour[(from + k) % 24]).reduce((a, b) => a + b),
    );
    return Math.max(...spans) / events.length;
  });
  own.sort((a, b) => a - b);
  assert.ok(own[own.length >> 1] > 0.7, `the median account does ${own[own.length >> 1]} in its nine hours`);
  assert.ok(settled.every((events) => distinct(events, ({ device }) => device?.id) <= 2));
  const atHome = settled.filter((events) => distinct(events, ({ geo }) => geo?.country) === 1).length;
  assert.ok(atHome > 0.9 * settled.length, `${atHome} of ${settled.length}`);
});

test('the outage: a carrier is silent on Friday from 9:00 to 9:45, then its customers log in again', () => {
  const friday = week.filter((event) => day(event) === 4 && /Mobile One$/.test(event.net?.as_org ?? ''));
  const minute = ({ time_ms }: Seen) => (time_ms / minute_ms) % (24 * 60);
  const within = (from: number, to: number) => friday.filter((event) => minute(event) >= from && minute(event) < to);
  const begun = (events: Seen[]) => events.filter(({ event_type }) => event_type === 'login');
  assert.ok(begun(within(510, 540)).length > 0);
  assert.deepEqual(begun(within(540, 585)), []);
  const back = begun(within(585, 600));
  assert.ok(back.length > 3 * begun(within(525, 540)).length, `${back.length} logins`);
  assert.ok(back.some(({ auth }) => auth?.result === 'timeout'));
});
