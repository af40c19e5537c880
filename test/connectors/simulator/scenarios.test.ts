import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceKm } from '../../../connectors/simulator/world/places.ts';
import { play } from './play.ts';

const minute_ms = 60_000;

interface Seen {
  time_ms: number;
  attack: string | null;
  kind: string;
  tenant_id: string;
  platform: string;
  event_type: string;
  account_id: string;
  session_id?: string;
  actor: { ip: string; user_agent: string };
  net: { asn: number; type: string };
  geo: { country: string; lat: number; lon: number };
  device: { fingerprint: string; id: string };
  auth: { result: string };
  change: { field: string };
  report: { reporter_id: string };
}

function seen(name: string, seed: number, cut_ms?: number): Seen[] {
  const simulation = play({ name, seed, ...(cut_ms === undefined ? {} : { cut_ms }) });
  return Array.from(simulation, ({ time_ms, event, truth }) => ({ ...(event as Seen), ...truth, time_ms }));
}

const attacked = (events: Seen[]) => events.filter(({ attack }) => attack !== null);
const distinct = (events: Seen[], of: (event: Seen) => unknown) => new Set(events.map(of)).size;
const span_ms = (events: Seen[]) => events[events.length - 1].time_ms - events[0].time_ms;
const byAttack = (events: Seen[]) => [...Map.groupBy(attacked(events), ({ attack }) => attack).values()];

test('password-spray: 2,000 failures in 10 minutes from 400 proxies over 30 networks, two tries an account, 12 successes', () => {
  for (const seed of [1, 2, 3]) {
    const events = attacked(seen('password-spray', seed));
    const failures = events.filter(({ auth }) => auth?.result === 'fail');
    assert.equal(failures.length, 2000);
    assert.ok(span_ms(failures) <= 10.1 * minute_ms);
    assert.ok(distinct(failures, ({ actor }) => actor.ip) >= 380);
    assert.equal(
      distinct(failures, ({ net }) => net.asn),
      30,
    );
    const logins = events.filter(({ event_type }) => event_type === 'login');
    const tries = Map.groupBy(logins, ({ account_id }) => account_id);
    assert.equal(Math.max(...[...tries.values()].map((list) => list.length)), 2);
    const taken = logins.filter(({ auth }) => auth.result === 'success');
    assert.equal(
      distinct(taken, ({ account_id }) => account_id),
      12,
    );
    assert.ok(taken.every(({ time_ms }) => time_ms >= failures[failures.length - 1].time_ms - 1000));
  }
});

test('credential-stuffing: a rate of 1.2 M in 12 hours, 0.3 % hits, an address is left after five tries', () => {
  const events = attacked(seen('credential-stuffing', 1, 30 * minute_ms));
  assert.ok(Math.abs(events.length - 50_000) < 50, String(events.length));
  const hits = events.filter(({ auth }) => auth.result === 'success').length;
  assert.ok(hits > 100 && hits < 200, String(hits));
  assert.ok(distinct(events, ({ account_id }) => account_id) > 0.99 * events.length);
  const tries = [...Map.groupBy(events, ({ actor }) => actor.ip).values()].map((list) => list.length);
  // Two of some ten thousand addresses drawn at random may be one.
  assert.ok(tries.filter((count) => count > 5).length < 10);
  assert.ok(tries.length > events.length / 5.2);
});

test('account-guessing: six accounts, 18 to 70 tries each in 15 minutes, the last one gives way', () => {
  const attacks = byAttack(seen('account-guessing', 2));
  assert.equal(attacks.length, 6);
  for (const events of attacks) {
    assert.equal(
      distinct(events, ({ account_id }) => account_id),
      1,
    );
    assert.ok(events.length >= 18 && events.length <= 70 && span_ms(events) <= 15 * minute_ms);
  }
  assert.equal(attacks.flat().filter(({ auth }) => auth.result === 'success').length, 1);
});

test('reset-wave: two platforms, many addresses in five minutes, and a flood of edits', () => {
  for (const events of byAttack(seen('reset-wave', 3))) {
    const resets = events.filter(({ event_type }) => event_type === 'password_reset');
    assert.equal(
      distinct(resets, ({ platform }) => platform),
      2,
    );
    assert.ok(distinct(resets, ({ actor }) => actor.ip) >= 20 && span_ms(resets) <= 5.1 * minute_ms);
    assert.ok(events.filter(({ event_type }) => event_type === 'content_edited').length >= 50);
  }
});

test('contact-swap: email or phone, then a token within 60 seconds; nobody else does so', () => {
  const events = seen('contact-swap', 4);
  for (const [changed, rotated] of byAttack(events)) {
    assert.ok(['email', 'phone'].includes(changed.change.field));
    assert.ok(rotated.event_type === 'token_rotated' && rotated.time_ms - changed.time_ms <= minute_ms);
  }
  assert.equal(byAttack(events).length, 5);
});

test('flag-brigade: a cohort of 300 is reported by a crowd; failed logins, new devices and flags on the same accounts', () => {
  const events = attacked(seen('flag-brigade', 5));
  const reports = events.filter(({ event_type }) => event_type === 'policy_report');
  const cohort = new Set(reports.map(({ account_id }) => account_id));
  assert.ok(cohort.size > 280 && cohort.size <= 300);
  assert.ok(distinct(reports, ({ report }) => report.reporter_id) > 300);
  for (const type of ['login', 'session_new', 'policy_flag']) {
    const others = events.filter(({ event_type }) => event_type === type);
    assert.ok(others.length > 10 && others.every(({ account_id }) => cohort.has(account_id)), type);
  }
});

test('impossible-travel: 6,000 km within an hour; look-alikes of all five kinds', () => {
  const events = seen('impossible-travel', 6);
  const ends = events.filter(({ kind, attack }) => attack !== null || kind === 'hop_40km');
  for (const end of ends.filter(({ attack }) => attack !== null)) {
    const before = events.filter((event) => event.account_id === end.account_id && event.time_ms < end.time_ms);
    const far = before.filter(
      ({ geo, time_ms }) =>
        end.time_ms - time_ms <= 60 * minute_ms && distanceKm(geo as never, end.geo as never) >= 6000,
    );
    assert.ok(far.length > 0);
  }
  for (const kind of ['vpn', 'private_relay', 'same_address', 'hop_40km', 'in_flight_wifi']) {
    assert.ok(events.filter((event) => event.kind === kind && event.attack === null).length >= 5, kind);
  }
});

test('first-country: two months in one country, then another; look-alikes have been there', () => {
  const events = seen('first-country', 7);
  const ends = attacked(events);
  assert.equal(ends.length, 5);
  for (const { account_id, geo, attack } of ends) {
    const history = events.filter((event) => event.account_id === account_id && event.kind === 'history');
    assert.ok(history.length >= 59 && !history.some((event) => event.geo.country === geo.country), String(attack));
  }
});

test('session-hijack: the session goes on with another device, network and agent; roaming keeps the device', () => {
  for (const events of byAttack(seen('session-hijack', 8))) {
    assert.equal(
      distinct(events, ({ session_id }) => session_id),
      1,
    );
  }
  const events = seen('session-hijack', 8);
  for (const [session, list] of Map.groupBy(events, ({ session_id }) => session_id)) {
    if (session === undefined || !list.some(({ kind }) => ['hijack', 'roaming', 'browser_update'].includes(kind)))
      continue;
    const isHijack = list.some(({ attack }) => attack !== null);
    assert.equal(
      distinct(list, ({ device }) => device.id),
      isHijack ? 2 : 1,
    );
  }
});

test('signup-burst: 800 accounts, one network, three fingerprints, an hour', () => {
  const events = attacked(seen('signup-burst', 9));
  assert.equal(
    distinct(events, ({ account_id }) => account_id),
    800,
  );
  assert.deepEqual(
    [distinct(events, ({ net }) => net.asn), distinct(events, ({ device }) => device.fingerprint)],
    [1, 3],
  );
  assert.ok(span_ms(events) <= 60 * minute_ms);
});

test('campaign: three tenants, the same addresses and fingerprints, one hour', () => {
  const events = attacked(seen('campaign', 10));
  assert.ok(span_ms(events) <= 60 * minute_ms);
  const tenants = [...Map.groupBy(events, ({ tenant_id }) => tenant_id).values()];
  assert.equal(tenants.length, 3);
  for (const list of tenants) {
    assert.ok(distinct(list, ({ actor }) => actor.ip) > 15 && distinct(list, ({ actor }) => actor.ip) <= 24);
    assert.ok(distinct(list, ({ device }) => device.fingerprint) <= 4);
  }
});
