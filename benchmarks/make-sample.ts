import { writeFileSync } from 'node:fs';

/**
 * Writes rules/sample.ndjson, the story that `weir run --demo` plays: `node benchmarks/make-sample.ts`.
 * Each line is {after_ms, event}: the event's time relative to the start of the play. Seeded, so that it repeats exactly.
 */
const minute_ms = 60_000;

interface SampleLine {
  readonly after_ms: number;
  readonly event: object;
}

const lines: SampleLine[] = [];
let state = 20_261_124;

/** Numbers from 0 to 1 (mulberry32). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
const add = (after_ms: number, event: object): void => void lines.push({ after_ms: Math.round(after_ms), event });
const login = (platform: string, account_id: string, ip: string, country: string, result: object): object => ({
  platform,
  event_type: 'login',
  account_id,
  actor: { ip },
  geo: { country },
  auth: { method: 'password', ...result },
});
const failed = { result: 'fail', failure: 'wrong_password' };
const succeeded = { result: 'success' };

/** People at work: mostly in at the first try. */
function background(from_ms: number, to_ms: number, every_ms: number): void {
  const people = Array.from({ length: 40 }, (_, i) => ({
    account_id: `acct_${100 + i}`,
    ip: `192.0.2.${20 + i}`,
    platform: i % 3 === 0 ? 'github' : 'inhouse',
  }));
  for (let at_ms = from_ms; at_ms < to_ms; at_ms += every_ms * (0.5 + random())) {
    const person = pick(people);
    const result = random() < 0.06 ? failed : succeeded;
    add(at_ms, login(person.platform, person.account_id, person.ip, 'DE', result));
  }
}

/** Four addresses guess one password, and one of them gets in while the play runs. */
function takeover(): void {
  const addresses = ['203.0.113.9', '203.0.113.77', '203.0.113.140', '203.0.113.201'];
  for (let i = 0; i < 13; i++) {
    add(-8 * minute_ms + i * 34_000 + random() * 9000, login('inhouse', 'acct_417', addresses[i % 4], 'RO', failed));
  }
  add(2500, login('inhouse', 'acct_417', addresses[3], 'RO', failed));
  add(4000, login('inhouse', 'acct_417', addresses[3], 'RO', succeeded));
}

/** One try each on many accounts from changing addresses; then one address goes through names by itself. */
function sprays(): void {
  for (let i = 0; i < 34; i++) {
    const at_ms = -3 * minute_ms + i * 5200 + random() * 2000;
    add(at_ms, login('okta', `emp_${500 + i}`, `198.51.100.${10 + (i % 17)}`, 'NL', failed));
  }
  for (let i = 0; i < 6; i++) {
    add(6000 + i * 700, login('github', `dev_${30 + i}`, '198.51.100.200', 'BR', failed));
  }
}

/** Somebody asks for resets of one account from four addresses. */
function resets(): void {
  ['DE', 'VN', 'BR', 'US'].forEach((country, i) => {
    add(7000 + i * 1100, {
      platform: 'instagram',
      event_type: 'password_reset',
      account_id: 'maker_of_maps',
      actor: { ip: `203.0.113.${40 + i * 11}` },
      geo: { country },
      auth: { result: 'requested' },
    });
  });
}

/** A crowd reports one account until the platform flags it. */
function brigade(): void {
  for (let i = 0; i < 14; i++) {
    add(-90_000 + i * 6900 + random() * 900, {
      platform: 'instagram',
      event_type: 'policy_report',
      account_id: 'city_bakery',
      report: { reporter_id: `reporter_${700 + i}`, type: 'spam', target_account: 'city_bakery' },
    });
  }
  for (const at_ms of [9500, 12_000]) {
    add(at_ms, {
      platform: 'instagram',
      event_type: 'policy_flag',
      account_id: 'city_bakery',
      details: { by: 'auto' },
    });
  }
}

background(-9 * minute_ms, 0, 3600);
background(0, 26_000, 350);
takeover();
sprays();
resets();
brigade();

lines.sort((a, b) => a.after_ms - b.after_ms);
const text = lines.map(({ after_ms, event }, i) => {
  return `${JSON.stringify({ after_ms, event: { event_id: `sample-${i + 1}`, ...event } })}\n`;
});
writeFileSync(new URL('../rules/sample.ndjson', import.meta.url), text.join(''));
