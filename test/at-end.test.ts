import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { atEnd } from './at-end.ts';

/** What a context's hooks do when its test ends: the oldest first, until one fails, as node:test does it. */
function endOf(use: (context: TestContext) => void): Promise<void> {
  const hooks: (() => unknown)[] = [];
  use({ after: (hook: () => unknown) => hooks.push(hook) } as unknown as TestContext);
  return hooks.reduce<Promise<void>>(async (before, hook) => {
    await before;
    await hook();
  }, Promise.resolve());
}

test('the newest is undone first, and waited for', async () => {
  const done: string[] = [];
  await endOf((context) => {
    atEnd(context, () => done.push('folder'));
    atEnd(context, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push('process');
    });
  });
  assert.deepEqual(done, ['process', 'folder']);
});

test('one that fails is told, and keeps no other from being undone', async () => {
  const done: string[] = [];
  const fails = (text: string) => () => {
    throw new Error(text);
  };
  const one = endOf((context) => {
    atEnd(context, () => done.push('first'));
    atEnd(context, fails('in use'));
  });
  await assert.rejects(one, /in use/);
  assert.deepEqual(done, ['first']);
  const both = endOf((context) => {
    atEnd(context, fails('a'));
    atEnd(context, fails('b'));
  });
  await assert.rejects(both, (fault) => fault instanceof AggregateError && fault.errors.length === 2);
});
