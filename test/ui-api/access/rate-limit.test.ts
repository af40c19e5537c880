import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RateLimit } from '../../../ui-api/access/rate-limit.ts';

test('whenever it is asked, a caller gets at most the burst and the rate times the time; after the wait it gets one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 }),
      (rate, burst, steps) => {
        let now_ms = 0;
        let taken = 0;
        const limit = new RateLimit(rate, burst, () => now_ms);
        for (const step of steps) {
          now_ms += step;
          const wait = limit.take('a');
          if (wait === 0) taken++;
          else {
            const at_ms = now_ms;
            now_ms += wait * 1000;
            assert.equal(limit.wait('a'), 0, 'the wait is long enough');
            now_ms = at_ms;
          }
          assert.ok(taken <= burst + (rate * now_ms) / 1000 + 1e-6);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('a flood of fresh callers does not grow it without end, and the one that came last is remembered', () => {
  const limit = new RateLimit(1, 1, () => 0);
  for (let i = 0; i < 12_000; i++) limit.take(`address ${i}`);
  assert.equal(limit.callers, 10_000);
  assert.equal(limit.take('address 11999'), 1);
});
