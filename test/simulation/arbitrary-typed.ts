import fc from 'fast-check';
import { ofDetails } from './arbitrary-details.ts';
import { type Columns, ofEvents } from './arbitrary-expressions.ts';
import type { SimulationEvent } from './case.ts';

const texts = [
  ...['Ünal', 'SVC_Backup', 'svc_a', 'mail.example', 'Kim@Mail.Example', '17', '-3', '2.5', 'true', 'FALSE', ''],
  ...[
    ' a b ',
    '10.0.0.7',
    '2001:DB8::1',
    '😀x',
    '～',
    "it's",
    'a%b_c',
    'İ',
    'ß',
    '2026-03-29T01:00:00Z',
    'a',
    'b',
    null,
  ],
];
/** Around changes of clocks: in Berlin, New York, on Lord Howe, and in São Paulo at midnight. */
const times = [
  ...[1774745999999, 1774746000000, 1792891800000, 1792893600000, 1793512800000, 1793515800000, 1775314800000],
  ...[1541300400000, 1541296800000, 1000000000123, 951825599999, 978307200000, 1793509200000, 1793510100000],
  ...['2026-10-25T02:30:00+02:00', '2026-03-29T01:59:59.999Z', '2001-09-09T01:46:40Z'],
];
const addresses = [
  '10.0.0.7',
  '10.1.200.3',
  '203.0.113.77',
  '2001:DB8::1',
  '::1',
  '::ffff:10.0.0.7',
  '192.168.7.1',
  'fe80::1:0:0:1',
  null,
];

type Typed = Required<Pick<SimulationEvent, 'nm' | 'fl' | 'bo' | 'ts' | 'ad'>>;

/** A value of each further type, as events have it. */
export const typed: fc.Arbitrary<Typed> = fc.record({
  nm: fc.constantFrom(...texts),
  fl: fc.constantFrom(0.5, -0.5, 0.1, 0.2, 0.7, -1.25, 2, 2.5, 1e15, null),
  bo: fc.constantFrom(true, false, null),
  ts: fc.constantFrom(...times, null),
  ad: fc.constantFrom(...addresses),
});

/** Columns, and paths into details, which are as good as those. */
export const ofRows: Columns = {
  ...ofDetails,
  ...Object.fromEntries(
    Object.entries(ofEvents).map(([type, names]) => [type, [...names, ...(ofDetails[type as 'string'] ?? [])]]),
  ),
};
