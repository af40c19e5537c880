import { Buffer } from 'node:buffer';

const hour_ms = 3_600_000;
export const start_ms = Date.parse('2026-03-01T10:00:00Z');
/** When everything counts as received: before it lies the traffic, far behind it the year 2099. */
export const received_ms = start_ms + hour_ms;

/** One line of the traffic, and what is to become of it. */
export interface Sent {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** 'blank' is no record; 'early' lies before all else: late where order counts. */
  readonly fate: 'accepted' | 'duplicate' | 'early' | 'rejected' | 'blank';
  /** Of a rejected line. */
  readonly reason: string | null;
}

const bytesOf = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

/** An event that would count, were it valid: a failure of the account that all attack. */
function victim(i: number, changes: object = {}): string {
  const fields = { event_id: `garbage-${i}`, timestamp: start_ms + i, platform: 'inhouse', event_type: 'login' };
  return JSON.stringify({ ...fields, account_id: 'victim', auth: { result: 'fail' }, ...changes });
}

/** The same with further text before its end. */
const withField = (i: number, ...parts: (string | number[])[]): Uint8Array =>
  bytesOf(`${victim(i).slice(0, -1)},`, ...parts, '}');

type Maker = (i: number) => Uint8Array;

/** What broken and hostile producers send. `i` makes each line another one. */
const makers: readonly (readonly [name: string, reason: string | null, make: Maker])[] = [
  ['truncated', 'not_json', (i) => bytesOf(victim(i).slice(0, 20 + (i % 60)))],
  ['a line of 300 KiB', 'too_large', (i) => withField(i, `"details":{"x":"${'x'.repeat(300 * 1024)}"}`)],
  ['blanks to 300 KiB behind an event', 'too_large', (i) => bytesOf(victim(i), ' '.repeat(300 * 1024))],
  ['a text of 70 KB', 'too_large', (i) => withField(i, `"session_id":"${'y'.repeat(70_000)}"`)],
  ['no UTF-8', 'not_utf8', (i) => withField(i, '"x":"', [0xff, 0xc3, 0x28], '"')],
  ['NUL', 'not_json', (i) => withField(i, '"x":"', [0], '"')],
  ['NUL only', 'not_json', (i) => new Uint8Array(10 + (i % 500))],
  ['nesting of 10,000', 'too_deep', (i) => withField(i, `"x":${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
  ['never closed', 'too_deep', () => bytesOf('{"a":'.repeat(10_000))],
  ['a key twice', 'duplicate_key', (i) => withField(i, `"account_id":"other-${i}"`)],
  ['a wrong type', 'wrong_type', (i) => bytesOf(victim(i, { account_id: { name: `victim-${i}` } }))],
  ['a wrong parent', 'wrong_type', (i) => bytesOf(victim(i, { auth: `fail-${i}` }))],
  ['__proto__', 'missing_field', (i) => bytesOf(victim(i).replace('"account_id":', '"__proto__":'))],
  ['beyond 2^53', 'number_out_of_range', (i) => withField(i, '"seq":9007199254740993')],
  ['beyond a double', 'number_out_of_range', (i) => withField(i, '"details":{"x":1e999}')],
  [
    'in 2099',
    'too_far_ahead',
    (i) => bytesOf(victim(i, { timestamp: '2099-01-01T00:00:00Z', account_id: `far-${i}` })),
  ],
  // Not in spring: there a number of milliseconds may be one of seconds, which is rejected.
  ['in 1970', null, (i) => bytesOf(victim(i, { timestamp: 6_000 * i, account_id: 'early' }))],
  ['no time', 'missing_field', (i) => bytesOf(victim(i, { timestamp: null }))],
  ['no account', 'missing_field', (i) => bytesOf(victim(i, { account_id: '' }))],
  ['a list', 'not_an_object', (i) => bytesOf(`[${victim(i)}]`)],
  ['a word', 'not_json', (i) => bytesOf(`Segmentation fault ${i}`)],
];

export const garbageKinds = makers.length;

/** The `i`-th line of garbage; all kinds take turns. */
export function garbage(i: number): Sent {
  const [name, reason, make] = makers[i % makers.length];
  return { name, reason, fate: reason === null ? 'early' : 'rejected', bytes: make(i) };
}

export const blank: readonly Sent[] = ['', '  \t', '\r'].map((text) => {
  return { name: 'blank', bytes: bytesOf(text), fate: 'blank', reason: null };
});

/** Good traffic over half an hour, up to a second out of order, in parts without ids, and some of it sent twice. */
export function goodTraffic(count: number, random: () => number): Sent[] {
  const lines = Array.from({ length: count }, (_, i) => {
    const timestamp = start_ms + Math.floor((i * hour_ms) / 2 / count);
    const account_id = random() < 0.1 ? 'victim' : `a${Math.floor((random() * count) / 20)}`;
    const event = {
      ...(random() < 0.2 ? {} : { event_id: `good-${i}` }),
      ...{ timestamp, platform: 'inhouse', event_type: 'login', account_id, session_id: `s${i}` },
      auth: { result: random() < 0.7 ? 'fail' : 'success' },
    };
    return { at: timestamp + random() * 1000, line: JSON.stringify(event) };
  });
  lines.sort((a, b) => a.at - b.at);
  return lines.flatMap(({ line }): Sent[] => {
    const sent: Sent = { name: 'good', bytes: bytesOf(line), fate: 'accepted', reason: null };
    // Without an id an equal line is another event (S4): only one with an id can be sent twice.
    if (!line.startsWith('{"event_id"') || random() > 0.02) return [sent];
    return [sent, { ...sent, fate: 'duplicate' }];
  });
}

/** The good lines, with garbage for every hundredth and some blank lines strewn in; the first line is a good one. */
export function strewn(good: readonly Sent[], random: () => number): Sent[] {
  let made = 0;
  return good.flatMap((sent, i): Sent[] => {
    if (i === 0) return [sent];
    const more: Sent[] = i % 100 === 0 ? [garbage(made++)] : [];
    if (random() < 0.005) more.push(blank[Math.floor(random() * blank.length)]);
    return random() < 0.5 ? [sent, ...more] : [...more, sent];
  });
}
