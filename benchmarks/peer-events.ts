import { closeSync, openSync, writeSync } from 'node:fs';
import { xorshift, zipf } from './workload.ts';

/**
 * The events of the comparison, draw for draw as its generator makes them (there 2,200,000 of 1,000,000 accounts): each
 * account has one event first, in a shuffled order, then they come by Zipf; four of five come from the account's own address.
 */
const types = [
  ...['login', 'token_refresh', 'page_view', 'password_reset', 'mfa_challenge', 'logout', 'profile_update', 'payment'],
  ...['signup', 'email_change', 'device_register', 'api_key_create', 'session_revoke', 'file_download', 'file_share'],
  ...['role_change', 'webhook_update', 'oauth_grant', 'support_ticket', 'export_data'],
];
const platforms = ['web', 'ios', 'android', 'api', 'desktop'];
const failures = ['bad_password', 'mfa_failed', 'locked', 'rate_limited', 'unknown_user'];
const countries = 'US DE GB FR IN BR JP NL SE PL ES IT CA AU MX ZA NG KR CN RU'.split(' ');
const agents = [
  ...['Mozilla/5.0 (Windows NT 10.0)', 'Mozilla/5.0 (iPhone; iOS 18)', 'okhttp/4.12', 'python-requests/2.32'],
  'Mozilla/5.0 (X11; Linux)',
];
const start_ms = Date.UTC(2026, 0, 15, 8);
const RATE = 1500;
const ADDRESSES = 300_000;
const CHUNK = 4096;

export interface PeerEvents {
  readonly accounts: number;
  readonly events: number;
  readonly seed: number;
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** The lines of JSON, without their ends. */
export function* peerLines({ accounts, events, seed }: PeerEvents): Generator<string> {
  const random = xorshift(seed);
  const [account, address] = [zipf(accounts, 0.9, random), zipf(ADDRESSES, 0.8, random)];
  const order = new Int32Array(accounts).map((_, i) => i);
  for (let i = accounts - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  const weights = types.map((_, i) => (i === 0 ? 30 : i < 3 ? 14 : i < 8 ? 5 : 1.4));
  let total = 0;
  const sums = weights.map((weight) => {
    total += weight;
    return total;
  });
  const of = (list: readonly string[]): string => list[Math.floor(random() * list.length)] as string;
  for (let i = 0; i < events; i++) {
    const a = order[i < accounts ? i : account()] as number;
    const ip = random() < 0.8 ? (Math.imul(a + 1, 40503) >>> 0) % ADDRESSES : address();
    const at = random() * total;
    const type = sums.findIndex((sum) => sum >= at);
    const fails = random() < 0.25;
    const platform = platforms[Math.min(4, Math.floor(random() * random() * 7))];
    const actor = { id: `u${a}`, ip: addressOf(ip), user_agent: of(agents) };
    yield JSON.stringify({
      ...{ schema_version: '1.0', event_id: `e${hex8(i * 2654435761)}${hex8(i)}`, platform, event_type: types[type] },
      ...{
        account_id: `acct_${a}`,
        actor,
        timestamp: new Date(start_ms + Math.floor((i * 1000) / RATE)).toISOString(),
      },
      result: fails ? 'fail' : 'success',
      ...(fails ? { failure_type: of(failures) } : {}),
      ...{ ip_asn: 1000 + ((ip * 31) % 500), country: countries[Math.floor(random() * random() * 20)] },
      device_id: `d${hex8(a * 40503)}`,
      details: { amount: Math.floor(random() * 100_000) / 100, method: 'password' },
    });
  }
}

function addressOf(ip: number): string {
  return `${10 + (ip >>> 16)}.${(ip >>> 8) & 255}.${ip & 255}.${(ip * 7) & 255}`;
}

/** Writes them as NDJSON. */
export function writePeerEvents(path: string, options: PeerEvents): void {
  const file = openSync(path, 'w');
  let lines: string[] = [];
  for (const line of peerLines(options)) {
    lines.push(line);
    if (lines.length < CHUNK) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
  closeSync(file);
}
