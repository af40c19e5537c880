/** A seeded workload: login traffic of many accounts, as plain event objects and as JSON bytes. Same seed, same bytes. */
export interface WorkloadOptions {
  events: number;
  accounts: number;
  addresses: number;
  seed: number;
  /** Events in a second of event time. */
  rate: number;
  /** The first events go to one account each, all of them, in an order that is no order; then by Zipf. */
  each_once?: boolean;
}

export interface WorkloadEvent {
  event_id: string;
  timestamp: number;
  platform: string;
  event_type: string;
  account_id: string;
  actor: { ip: string };
  net: { asn: number };
  geo: { country: string };
  auth: { result: string };
}

export const eventTypes = [
  ...['login', 'token_refreshed', 'logout', 'password_reset', 'mfa_challenge', 'session_new', 'account_changed'],
  ...['file_download', 'account_created', 'mfa_changed', 'session_end', 'api_key_created', 'token_revoked'],
  ...['content_edited', 'content_removed', 'role_granted', 'follow', 'oauth_grant', 'policy_report', 'policy_flag'],
];
const typeWeights = eventTypes.map((_, i) => (i === 0 ? 30 : i < 3 ? 14 : i < 8 ? 5 : 1.4));
export const platforms = ['web', 'ios', 'android', 'api', 'desktop'];
const countries = 'US DE GB FR IN BR JP NL SE PL ES IT CA AU MX ZA NG KR CN RU'.split(' ');

/** xorshift32, uniform in [0, 1). */
export function xorshift(seed: number): () => number {
  let s = seed >>> 0 || 1;
  return () => {
    s ^= s << 13;
    s >>>= 0;
    s ^= s >>> 17;
    s ^= s << 5;
    s >>>= 0;
    return s / 4294967296;
  };
}

/** Zipf: few of the `n` are busy, most are seen once or twice. */
export function zipf(n: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    total += 1 / (i + 1) ** exponent;
    sums[i] = total;
  }
  return () => {
    const at = random() * total;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** A step that comes to each of `n` places once before it comes to the first again. */
function stepThroughAll(n: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  for (let step = Math.floor(n * 0.618_034) + 1; ; step++) if (divisor(step, n) === 1) return step;
}

/** The events one after the other, in time order. */
export function* workload(options: WorkloadOptions): Generator<WorkloadEvent> {
  const random = xorshift(options.seed);
  const account = zipf(options.accounts, 0.9, random);
  const address = zipf(options.addresses, 0.9, random);
  const total = typeWeights.reduce((sum, weight) => sum + weight, 0);
  const start_ms = Date.UTC(2026, 0, 15, 8);
  const step = stepThroughAll(options.accounts);
  for (let i = 0; i < options.events; i++) {
    const isOnce = options.each_once === true && i < options.accounts;
    const a = isOnce ? (i * step) % options.accounts : (Math.imul(account() + 1, 2654435761) >>> 0) % options.accounts;
    const ip = address();
    let at = random() * total;
    let type = 0;
    while (type < eventTypes.length - 1 && at >= (typeWeights[type] as number)) at -= typeWeights[type++] as number;
    yield {
      event_id: `e${i.toString(36).padStart(8, '0')}`,
      timestamp: start_ms + Math.floor((i * 1000) / options.rate),
      platform: platforms[Math.min(4, Math.floor(random() * random() * 7))] as string,
      event_type: eventTypes[type] as string,
      account_id: `acct_${a}`,
      actor: { ip: `10.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}` },
      net: { asn: 1000 + ((ip * 31) % 500) },
      geo: { country: countries[Math.floor(random() * random() * 20)] as string },
      auth: { result: random() < 0.25 ? 'fail' : 'success' },
    };
  }
}

/** Draws the WHERE of one generated rule: conditions on five fields. Of the first one (`i` = 0) the type and the result are given. */
export function drawWhere(random: () => number, i: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const type = i === 0 ? 'login' : eventTypes[Math.min(19, Math.floor(random() * random() * 20))];
  const where = [`event_type = '${type}'`];
  if (i === 0 || random() < 0.8) where.push(`result = '${i === 0 ? 'fail' : pick(['success', 'fail'])}'`);
  const wanted = 1 + Math.floor(random() * 3);
  const chosen = new Set<string>();
  while (chosen.size < wanted) chosen.add(pick(platforms));
  where.push(`platform IN (${[...chosen].map((name) => `'${name}'`).join(', ')})`);
  if (random() < 0.3) where.push(`geo.country <> '${pick(countries)}'`);
  if (random() < 0.2) where.push(`net.asn > ${1000 + Math.floor(random() * 500)}`);
  return where.join(' AND ');
}

/**
 * Rules of one kind on one key: a filter drawn at random, `count(*) >= 20` per account in a sliding quarter of an
 * hour. Of 10 such rules an event matches 0.13, of 100 1.9, of 1,000 23.9.
 */
export function generatedRules(count: number, seed = 11): string[] {
  const random = xorshift(seed);
  return Array.from({ length: count }, (_, i) =>
    [
      `CREATE RULE r${i} AS SELECT account_id, count(*) AS n FROM events WHERE ${drawWhere(random, i)}`,
      'GROUP BY account_id WINDOW SLIDING 15 MINUTES HAVING n >= 20;',
    ].join('\n'),
  );
}
