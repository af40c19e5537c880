import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SortedRun } from '../../../engine/index.ts';
import { coreText } from '../../simulation/parity.ts';
import { type CaseEvent, programOf, recordsOf } from '../fold/weir-sql.ts';

const rule = (having: string, policy: string, window = 'SLIDING') =>
  `CREATE RULE r AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW ${window} 100 MILLISECONDS HAVING ${having} ${policy};`;

/** Detections from `since` on, with what suppressed them, and whether the rule is warm. */
function backtest(text: string, events: readonly CaseEvent[], since_ms: number) {
  const run = new SortedRun(programOf(text), { since_ms });
  for (const record of recordsOf(events)) run.add(record);
  const detections = [...run.finish()].flat();
  const [{ coverage }] = run.stats().coverage;
  return { coverage, detections: detections.map((one) => `${coreText(one)} ${one.suppressed_by}`) };
}

const at = (...times: number[]): CaseEvent[] => times.map((time) => [time, { k: 'a', id: `e${time}` }]);

test('S14 a rule with SUPPRESS is warm after a stretch of its length without a firing, wherever it stands', () => {
  const text = rule('n >= 1', 'SUPPRESS BY k FOR 1000 MILLISECONDS');
  const coverage = (...times: number[]) => backtest(text, at(...times), 10_000).coverage;
  const often = Array.from({ length: 18 }, (_, i) => 1300 + i * 500);
  assert.equal(coverage(1000, ...often), 'partial', 'one long suppression after the other, from before the history');
  assert.equal(coverage(1000, 2199), 'warm', 'a pause up to since');
  assert.equal(coverage(1000, 2200, ...often.filter((time) => time > 3199)), 'warm', 'a pause in between');
  assert.equal(coverage(1000, ...often.filter((time) => time < 9000)), 'warm', 'a pause at the end');
  assert.equal(backtest(text, at(9000, 9990), 10_000).coverage, 'partial', 'a history that is too short');
});

test('S14 RESET: two windows without a firing, and only where more rows make HAVING truer', () => {
  const reset = 'SUPPRESS BY k FOR 1 MILLISECONDS RESET';
  assert.equal(backtest(rule('n >= 2', reset), at(1000, 1300, 1301, 1500, 1501), 1701).coverage, 'partial');
  assert.equal(backtest(rule('n >= 2', reset), at(1000, 1300, 1301, 1500, 1501), 1702).coverage, 'warm');
  assert.equal(backtest(rule('n < 2', reset), at(1000), 10_000).coverage, 'partial');
});

test('S14 a warm rule gives from since on what it gives with all that happened before', () => {
  const policies = [
    ...['', 'SUPPRESS BY k FOR 150 MILLISECONDS', 'SUPPRESS BY () FOR 60 MILLISECONDS'],
    ...['SUPPRESS BY k FOR 1 MILLISECONDS RESET', 'SUPPRESS BY k FOR 400 MILLISECONDS RESET'],
  ];
  const generated = fc.record({
    steps: fc.array(fc.constantFrom(1, 5, 20, 40, 90, 100, 101, 250, 700), { minLength: 10, maxLength: 60 }),
    keys: fc.array(fc.constantFrom('a', 'a', 'b'), { minLength: 60, maxLength: 60 }),
    having: fc.constantFrom('n >= 1', 'n >= 2', 'n >= 3', 'n < 3', 'n = 2'),
    policy: fc.constantFrom(...policies),
    cut: fc.integer({ min: 1, max: 12 }),
    from: fc.integer({ min: 5, max: 50 }),
  });
  let warm = 0;
  const property = fc.property(generated, ({ steps, keys, having, policy, cut, from }) => {
    let time = 1000;
    const events = steps.map((step, i): CaseEvent => {
      time += step;
      return [time, { k: keys[i], id: `e${i}` }];
    });
    const text = rule(having, policy);
    const since_ms = events[Math.min(from, events.length - 1)][0];
    const later = backtest(text, events.slice(cut), since_ms);
    if (later.coverage === 'partial' || later.detections.length === 0) return;
    warm++;
    // Only what suppresses from before the cut can differ by name, and a warm rule has nothing of it left.
    assert.deepEqual(later.detections, backtest(text, events, since_ms).detections);
  });
  fc.assert(property, { numRuns: 1000 });
  assert.ok(warm > 150, `${warm}`);
});
