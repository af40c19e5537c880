import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Detection, Engine, type LogEntry, type Verdict } from '../../../engine/index.ts';
import { programOf } from '../../simulation/parity.ts';
import { seeded } from '../../simulation/random.ts';
import { event, records, rules } from './fixture.ts';

const programWith = (lateness_ms: number) => programOf(rules, lateness_ms);

/** Late ones, twins, and two partitions that are far apart. */
function traffic(seed: number): LogEntry[] {
  const random = seeded(seed);
  let time = 1_000_000;
  const sources = Array.from({ length: 300 }, (_, i) => {
    time += Math.floor(random() * 60);
    const id = i % 10 === 0 ? null : `e${i - (random() < 0.2 ? Math.floor(random() * 4) : 0)}`;
    const one = random() < 0.05 ? null : event(time - Math.floor(random() ** 3 * 900), id, `k${i % 3}`);
    return records([one], `p${i % 2}`, time + 1000).map((record) => ({ ...record, position: i + 1 }))[0];
  });
  return sources.flatMap((record, i): LogEntry[] => {
    const entry: LogEntry = { kind: 'record', record };
    return i % 70 === 69 ? [{ kind: 'idle', partition: 'p0' }, entry] : [entry];
  });
}

/** A log as the driver writes it: verdicts stand behind their records, with the next append. */
function written(lateness_ms: number, entries: readonly LogEntry[]) {
  const engine = new Engine(programWith(lateness_ms));
  const log: LogEntry[] = [];
  const detections: Detection[] = [];
  const append = (entry: LogEntry) => {
    engine.apply(log.push(entry) - 1, entry);
    const output = engine.advance();
    detections.push(...output.detections);
    for (const { position, verdict, detail } of output.verdicts) {
      log.push({ kind: 'verdict', position, verdict, detail });
    }
  };
  for (const entry of entries) append(entry);
  append({ kind: 'end' });
  // The end is no part of a live log; its verdicts are.
  const last = log.findIndex(({ kind }) => kind === 'end');
  log[last] = { kind: 'tick', now_ms: 0 };
  return { log, detections, counters: engine.counters };
}

/** Another program reads the log again. */
function rebuilt(lateness_ms: number, log: readonly LogEntry[], every: number) {
  const stored = new Map<number, Verdict>();
  for (const entry of log) if (entry.kind === 'verdict') stored.set(entry.position, entry.verdict);
  const engine = new Engine(programWith(lateness_ms));
  const detections: Detection[] = [];
  engine.holdForStored();
  log.forEach((entry, position) => {
    engine.apply(position, entry, stored.get(position));
    if (position % every === 0) detections.push(...engine.advance().detections);
  });
  engine.endStored();
  engine.apply(log.length, { kind: 'end' });
  detections.push(...engine.advance().detections);
  return { detections, counters: engine.counters };
}

test('S4 stored verdicts stand whatever LATENESS is now, and the order is the same', () => {
  const bare = (detections: readonly Detection[]) =>
    detections.map(({ values, evidence, decided_at, key }) => ({ values, evidence, decided_at, key }));
  for (let seed = 1; seed <= 12; seed++) {
    for (const first of [50, 600]) {
      const before = written(first, traffic(seed));
      assert.ok(before.counters.late > 0 && before.counters.duplicate > 0 && before.counters.rejected > 0);
      for (const second of [1, first, 5000]) {
        const after = rebuilt(second, before.log, 1 + (seed % 5));
        // What a duplicate is compared with may be another twin: how many are conflicts is no verdict.
        const counters = { ...before.counters, conflict: after.counters.conflict };
        assert.deepEqual(after.counters, counters, `seed ${seed}: ${first} -> ${second}`);
        assert.deepEqual(bare(after.detections), bare(before.detections), `seed ${seed}: ${first} -> ${second}`);
      }
    }
  }
});
