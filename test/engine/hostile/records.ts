import { garbage, garbageKinds } from '../../integration/garbage.ts';
import { seeded } from '../../simulation/random.ts';
import type { Sent } from './run.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');
const utf8 = new TextEncoder();

/** Each event from an address that was never seen before, one minute after the other with so many of them. */
export function* freshAddresses(minutes: readonly number[]): Generator<Sent> {
  let first = 0;
  for (const [minute, count] of minutes.entries()) {
    yield* freshMinute(minute, first, count);
    first += count;
  }
}

function* freshMinute(minute: number, first: number, count: number): Generator<Sent> {
  for (let i = first; i < first + count; i++) {
    const timestamp = start_ms + minute * 60_000 + Math.floor(((i - first) * 60_000) / count);
    const address = `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
    const ip = i < 1 << 24 ? address : `2001:db8::${(i >>> 16).toString(16)}:${(i & 0xffff).toString(16)}`;
    const event = {
      ...{ event_id: `fresh-${i}`, timestamp, platform: i % 16 < 2 ? 'okta' : 'inhouse', account_id: `account-${i}` },
      event_type: i % 2 === 0 ? 'login' : 'logout',
      ...{ actor: { ip }, session_id: `session-${i}`, details: { x: i, agent: `Agent/${i}` } },
    };
    yield { partition: 'p0', received_at: timestamp, bytes: utf8.encode(JSON.stringify(event)) };
  }
}

/** The same addresses again and again, each every five seconds. */
export function* steadyAddresses(addresses: number, rounds: number): Generator<Sent> {
  for (let i = 0; i < addresses * rounds; i++) {
    const received_at = start_ms + Math.floor(i / addresses) * 5_000 + (i % addresses);
    const known = { timestamp: received_at, platform: 'inhouse', event_type: 'login', account_id: 'one' };
    const event = { event_id: `steady-${i}`, ...known, actor: { ip: `10.0.0.${i % addresses}` } };
    yield { partition: 'p0', received_at, bytes: utf8.encode(JSON.stringify(event)) };
  }
}

/** Texts of kilobytes where names are expected, each of them one that was never seen before; from some hundred addresses. */
export function* longTexts(count: number): Generator<Sent> {
  for (let i = 0; i < count; i++) {
    const received_at = start_ms + 5 * i;
    const long = (name: string) => `${name}-${i}-`.padEnd(8 * 1024, 'long');
    const known = { event_id: `long-${i}`, timestamp: received_at, platform: i % 16 < 2 ? 'okta' : 'inhouse' };
    const event = {
      ...known,
      ...{ event_type: i % 2 === 0 ? 'login' : 'logout', account_id: long('account'), session_id: long('session') },
      ...{ actor: { ip: `10.0.${i % 7}.${i % 50}` }, details: { x: i % 10, agent: long('Agent') } },
    };
    yield { partition: 'p0', received_at, bytes: utf8.encode(JSON.stringify(event)) };
  }
}

const strange = [
  '\u0000',
  '\ud800',
  '\u202e',
  'é'.repeat(30),
  '😀'.repeat(200),
  '',
  ' ',
  '\uFEFF',
  "'; DROP TABLE x",
  '../../etc',
];

/** What nobody should send: garbage, ids again and ids of others, times before and behind, strange and long texts, ties. */
export function* hostileEvents(count: number, seed: number): Generator<Sent> {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  let now = start_ms;
  for (let i = 0; i < count; i++) {
    now += random() < 0.001 ? 5_000 : below(3);
    const partition = `p${below(4)}`;
    // The two kinds of 300 KiB cost what they are for, and are rare.
    if (random() < 0.05) {
      const kind = below(garbageKinds);
      const isLarge = kind === 1 || kind === 2 || kind === 3 || kind === 7 || kind === 8;
      yield {
        partition,
        received_at: now,
        bytes: garbage(isLarge && random() < 0.99 ? 15 : kind + garbageKinds * below(1_000)).bytes,
      };
      continue;
    }
    const text = () =>
      random() < 0.02 ? pick(strange) : random() < 0.001 ? 'long'.repeat(below(10_000)) : `t${below(1_000_000)}`;
    const event = {
      ...(random() < 0.5 ? {} : { event_id: random() < 0.1 ? `again-${below(100)}` : `id-${i}` }),
      ...(random() < 0.02 ? { tenant_id: `tenant-${below(5_000)}` } : {}),
      ...(random() < 0.3 ? { seq: below(3) } : {}),
      timestamp: now - (random() < 0.01 ? below(100_000) : below(1_500)),
      ...{ platform: random() < 0.1 ? 'okta' : 'inhouse', event_type: pick(['login', 'logout', 'login', text()]) },
      account_id: random() < 0.1 ? `admin-${below(5)}` : text(),
      auth: { result: pick(['success', 'fail', null]) },
      actor: { ip: random() < 0.2 ? `10.0.0.${below(8)}` : `10.${below(256)}.${below(256)}.${below(256)}` },
      session_id: random() < 0.1 ? null : text(),
      details: {
        x: pick([below(10), -0, 1e300, text(), null, true, below(1e9)]),
        agent: pick([text(), ['a'], { b: 1 }]),
      },
    };
    yield { partition, received_at: now, bytes: utf8.encode(JSON.stringify(event)) };
  }
}
