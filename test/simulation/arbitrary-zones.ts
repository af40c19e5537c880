import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import type { SimulationRule, WindowRule } from './case.ts';

const minute_ms = 60_000;

/** A zone, and an instant at which its clock is changed: forward, back, by half an hour, at midnight, to midnight; and none. */
const changes: readonly [zone: string, instant: string][] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['Atlantic/Azores', '2026-10-25T01:00:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00:00Z'],
  ['UTC', '2026-06-01T00:00:00Z'],
];

/** Sizes and advances of windows, in minutes. */
const lengths: readonly [size: number, advance: number][] = [
  ...[15, 30, 60, 90, 360, 1440, 2880].map((size): [number, number] => [size, size]),
  ...([
    [60, 15],
    [60, 30],
    [180, 60],
    [1440, 360],
    [1440, 720],
    [2880, 1440],
  ] as [number, number][]),
];

const changed = fc.record({
  zoned: fc.boolean(),
  length: fc.constantFrom(...lengths),
  /** OFFSET, in parts of the advance that are quarters of an hour. */
  offset: fc.constantFrom(0, 0, 0.25, 0.5, 0.99),
  empty: fc.constantFrom(1, 1, 2.5),
});

type Changed = typeof changed extends fc.Arbitrary<infer T> ? T : never;

/** The cases in steps of seconds or minutes around a change of clocks, with windows IN TIME ZONE. */
export const withZones = (cases: fc.Arbitrary<ParityCase>): fc.Arbitrary<ParityCase> =>
  fc
    .record({
      given: cases,
      change: fc.constantFrom(...changes),
      unit: fc.constantFrom(1_000, 5_000, 20_000, 60_000),
      /** How many milliseconds of the case lie before the change. */
      before: fc.integer({ min: 0, max: 3_000 }),
      odd: fc.constantFrom(0, 0, 1, 333),
      all: fc.array(changed, { minLength: 5, maxLength: 5 }),
    })
    .map(({ given, change: [zone, instant], unit, before, odd, all }) => {
      const scaled = inUnits(given, unit);
      const rules = scaled.rules.map((rule, i) => {
        const own = all[i % all.length] as Changed;
        // Not thousands of windows in a case.
        const isLong = own.length[1] * minute_ms >= 40 * unit;
        return isLong ? inZone(rule, zone, own) : rule;
      });
      return { ...scaled, rules, start: Date.parse(instant) - before * unit - odd };
    });

const times = new Set([
  'gap',
  'lateness',
  'size',
  'advance',
  'offset',
  'empty',
  'max',
  'for',
  'close',
  'half',
  'before',
  'after',
]);

/** Every time of a case so many times as long. */
function inUnits<T>(value: T, unit: number): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => inUnits(one, unit)) as T;
  const entries = Object.entries(value).map(([name, one]) => {
    return [name, typeof one === 'number' && times.has(name) ? one * unit : inUnits(one, unit)] as const;
  });
  return Object.fromEntries(entries) as T;
}

function inZone(rule: SimulationRule, zone: string, { zoned, length, offset, empty }: Changed): SimulationRule {
  if (rule.kind === 'union') {
    const branches = rule.branches.map((one) =>
      one.window === undefined
        ? one
        : { ...one, window: inZone(one.window, zone, { zoned, length, offset, empty }) as WindowRule },
    );
    return { ...rule, branches };
  }
  if (rule.kind !== 'window' || !zoned || rule.window.type === 'sliding' || rule.window.type === 'session') return rule;
  const { type, expected, empty: waits = 0 } = rule.window as Extract<WindowRule['window'], { type: 'hopping' }>;
  const [size, advance] = length.map((minutes) => minutes * minute_ms) as [number, number];
  const step = type === 'hopping' ? advance : size;
  const quarter_ms = 15 * minute_ms;
  const shift = Math.floor((step * offset) / quarter_ms) * quarter_ms;
  const alignment = {
    size,
    zone,
    offset: shift,
    ...(expected ? { expected } : { empty: waits > 0 ? empty * size : 0 }),
  };
  return { ...rule, window: type === 'hopping' ? { type, advance, ...alignment } : { type: 'tumbling', ...alignment } };
}
