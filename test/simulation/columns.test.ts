import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParityCase } from './arbitrary.ts';
import { checkColumns, columnRuns } from './columns-way.ts';
import { allActivationsOf, eventsOf, programOf, recordOf } from './parity.ts';
import { everyWay } from './properties.ts';
import { seeded } from './random.ts';

/** Each WHERE over events asks for one type as well, so that there are rows that no rule reads. */
function askingType<T>(node: T): T {
  if (Array.isArray(node)) return node.map(askingType) as T;
  if (node === null || typeof node !== 'object' || ('input' in node && node.input)) return node;
  const parts = Object.entries(node).map(([key, value]) => {
    if (key === 'exceptions') return [key, value];
    if (key !== 'where') return [key, askingType(value)];
    const isA = ['=', ['f', 'type'], ['v', 'A']];
    return [key, value === null || value === undefined ? isA : ['and', isA, value]];
  });
  return Object.fromEntries(parts) as T;
}

/** Without what remembers to the beginning, or to a stretch without a firing. */
function forgetting<T>(node: T): T {
  if (Array.isArray(node)) return node.map(forgetting) as T;
  if (node === null || typeof node !== 'object') return node;
  if ('type' in node && node.type === 'session') return { type: 'tumbling', size: 300, offset: 0 } as T;
  const kept = Object.entries(node).filter(([key]) => !['risk', 'life', 'suppress', 'told', 'expected'].includes(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, forgetting(value)])) as T;
}

/** At least forty events, most of them of other types. */
function withMany({ events, ...rest }: ParityCase, random: () => number): ParityCase {
  const many = Array.from({ length: Math.max(40, events.length) }, (_, i) => events[i % events.length]);
  const typed = many.map((event) => ({
    ...event,
    type: random() < 0.4 ? 'A' : 'B',
    k1: random() < 0.3 ? 'b' : event.k1,
  }));
  return { ...rest, events: typed as ParityCase['events'] };
}

test('S1 rules of all kinds that ask for a type say of columns what they say of records, with --since and --until', () => {
  const before = { ...columnRuns };
  const check = (drawn: ParityCase): void => {
    const random = seeded(drawn.seed);
    const rules = askingType(drawn.rules);
    const forgets = random() < 0.5;
    const parity = { ...withMany(drawn, random), rules: forgets ? forgetting(rules) : rules };
    const horizon_ms = parity.start === undefined ? [100, 1000, 3_600_000][Math.floor(random() * 3)] : 7 * 86_400_000;
    const program = programOf(parity.rules, parity.lateness, horizon_ms);
    const events = eventsOf(parity);
    const times = events.map(({ timestamp }) => timestamp);
    const records = events.map((event, i) => recordOf(event, i + 1));
    // Of those that forget a part may be enough, where it is drawn late enough.
    for (let turn = forgets ? 8 : 3; turn > 0; turn--) {
      checkColumns(program, records, times, allActivationsOf(parity, times), random);
    }
  };
  fc.assert(fc.property(everyWay.cases, check), { numRuns: 100, endOnFailure: true });
  const { made, ...counts } = columnRuns;
  assert.ok(made - before.made > 200 && Math.min(...Object.values(counts)) > 5, JSON.stringify(columnRuns));
});
