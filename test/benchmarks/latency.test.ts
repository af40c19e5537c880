import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('every event that a rule tells of is heard on the alert stream once, final and early', () => {
  const written = runTiny('latency', '--rate', '500', '--seconds', '2', '--keys', '100');
  for (const name of ['LATENESS 0', 'EMIT EARLY at LATENESS 1 minute']) {
    const { figure } = assertMet(written, new RegExp(`^${name}: every alert came, once`));
    assert.ok(Number.parseInt(figure, 10) > 300, figure);
    assert.ok(figureOf(written, `${name}, p50`) <= figureOf(written, `${name}, p99`));
  }
});
