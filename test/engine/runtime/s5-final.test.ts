import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Detection, Engine } from '../../../engine/index.ts';
import { parityCase } from '../../simulation/arbitrary.ts';
import { coreText, eventsOf, programOf, recordOf, runSorted } from '../../simulation/parity.ts';
import { brief, entriesOf, event, records } from './fixture.ts';

test('S5 a detection leaves when W has passed what decides it, not earlier and not later, and is never taken back', () => {
  let left_early = 0;
  const property = fc.property(parityCase, (parity) => {
    const program = programOf(parity.rules, parity.lateness);
    const all = eventsOf(parity).map((one, i) => recordOf(one, i + 1));
    const set = runSorted(program, all);
    const engine = new Engine(program, { batch_rows: 4 });
    const given: Detection[] = [];
    entriesOf(all).forEach((entry, position) => {
      engine.apply(position, entry);
      given.push(...engine.advance().detections);
      const W = engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
      // What comes first in total order is given, up to W and no further.
      assert.deepEqual(given.map(coreText), set.filter(({ decided_at }) => decided_at < W).map(coreText));
    });
    left_early += given.length;
    engine.apply(all.length, { kind: 'end' });
    given.push(...engine.advance().detections);
    assert.deepEqual(given.map(coreText), set.map(coreText));
  });
  fc.assert(property, { numRuns: 60 });
  assert.ok(left_early > 0);
});

test('S5 a rule without state and without policy is final when its event is accepted: at its release', () => {
  const program = programOf([{ name: 'one', kind: 'single', where: ['=', ['f', 'k1'], ['v', 'a']] }], 100);
  const engine = new Engine(program);
  // The second record of the id comes first in total order: it stands, and the first one never was.
  const [first, second, third] = entriesOf(records([event(1050, 'e'), event(1000, 'e'), event(1101, 'w', 'z')]));
  engine.apply(0, first);
  assert.deepEqual(engine.advance().detections, [], 'its verdict may still become duplicate');
  engine.apply(1, second);
  engine.apply(2, third);
  const { detections, verdicts } = engine.advance();
  assert.deepEqual(
    verdicts.map(({ position, verdict }) => `${position} ${verdict}`),
    ['1 accepted'],
  );
  assert.deepEqual(brief(detections), ['one 1000 e']);
});

test('S1 a watermark decides what is accepted and when a result may leave, not what the result is', () => {
  const property = fc.property(parityCase, (parity) => {
    const all = eventsOf(parity).map((one, i) => recordOf(one, i + 1));
    const with_lateness = (lateness_ms: number) => {
      const engine = new Engine(programOf(parity.rules, lateness_ms));
      const detections: Detection[] = [];
      [...entriesOf(all), { kind: 'end' } as const].forEach((entry, position) => {
        engine.apply(position, entry);
        detections.push(...engine.advance().detections);
      });
      assert.equal(engine.counters.late, 0);
      return detections.map(coreText);
    };
    assert.deepEqual(with_lateness(5000), with_lateness(0));
  });
  fc.assert(property, { numRuns: 40 });
});
