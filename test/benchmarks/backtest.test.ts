import { test } from 'node:test';
import { assertMet, figureOf, runTiny } from './tiny.ts';

test('the backtest of a log that a Weir has written finds what that Weir found', () => {
  const written = runTiny('backtest', '--events', '12000', '--keys', '500');
  assertMet(written, /the backtest finds what the live Weir found/);
  assertMet(written, /a selective rule fires/);
  for (const name of ['10 mixed rules', 'a selective rule']) figureOf(written, name);
});
