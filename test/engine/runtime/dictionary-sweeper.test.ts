import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { DictionarySweeper } from '../../../engine/runtime/dictionary-sweeper.ts';

test('few long texts are swept like many short ones, and what is held stays', () => {
  const dictionary = new Dictionary();
  const kept = dictionary.idOf('kept');
  const holder = {
    markUsed: (used: Uint8Array) => {
      used[kept] = 1;
    },
    forget: () => undefined,
  };
  const sweeper = new DictionarySweeper(dictionary, [holder], () => undefined, 1_000, 10_000);
  let most = 0;
  for (let i = 0; i < 500; i++) {
    dictionary.idOf(`${i}`.padEnd(900, 'x'));
    most = Math.max(most, dictionary.length);
    sweeper.sweepIfGrown();
  }
  assert.ok(most <= 11_000, `${most} characters`);
  assert.equal(dictionary.textOf(kept), 'kept');
  for (let i = 0; i < 5_000; i++) {
    dictionary.idOf(`short-${i}`);
    sweeper.sweepIfGrown();
    assert.ok(dictionary.size <= 1_000);
  }
});
