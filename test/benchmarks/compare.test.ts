import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkoutOf } from '../../benchmarks/checkout.ts';
import { intervalOfMedian } from '../../benchmarks/compare.ts';
import { pictureOf } from '../../benchmarks/picture.ts';

test('the interval of a median is what the table of the sign test says', () => {
  const upTo = (n: number) => Array.from({ length: n }, (_, k) => n - k);
  // Five values cannot hold it with 95 %: 1 - 2 / 2^5 is less.
  assert.deepEqual(intervalOfMedian(upTo(5)), [0, Number.POSITIVE_INFINITY]);
  assert.deepEqual(intervalOfMedian(upTo(6)), [1, 6]);
  assert.deepEqual(intervalOfMedian(upTo(9)), [2, 8]);
  assert.deepEqual(intervalOfMedian(upTo(12)), [3, 10]);
  assert.deepEqual(intervalOfMedian(upTo(20)), [6, 15]);
});

test('a base that is neither a folder nor a revision is refused, and says both', () => {
  assert.throws(
    () => checkoutOf('no-such-revision'),
    /--compare no-such-revision: neither a folder .* nor a revision/s,
  );
});

test('names become text of the picture, and the longest bar is the greatest of its unit', () => {
  const machine = {
    ...{ cpu: 'A & B', cpus: 2, memory_gib: 8, system: 'linux 6', node: '26.0.0', load: 0.5, revision: null },
  };
  const picture = pictureOf(
    [
      { group: '<g>', name: '"slow"', value: 1, unit: 'M events/s' },
      { group: '<g>', name: 'fast', value: 4, unit: 'M events/s' },
    ],
    machine,
  );
  assert.match(picture, /A &amp; B/);
  assert.match(picture, /<desc>seeds: events 42 .*&quot;by the clock&quot;<\/desc>/);
  assert.match(picture, /&lt;g&gt;/);
  assert.match(picture, /&quot;slow&quot;/);
  const lengths = [...picture.matchAll(/<rect x="250" y="\d+" width="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert.equal(lengths.length, 2);
  assert.equal((lengths[1] as number) / (lengths[0] as number), 4);
});

test('wrong use of the benchmark is named and ends with 2 before anything runs', () => {
  const bench = fileURLToPath(new URL('../../benchmarks/bench.ts', import.meta.url));
  for (const [args, said] of [
    [['no-such'], 'there is no bench no-such'],
    [['--events', '0'], '--events is a whole number above 0, not 0'],
    [['--evnts', '3'], "Unknown option '--evnts'"],
    [['fold', '--compare', 'HEAD'], '--compare runs its own workloads'],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' });
    assert.equal(status, 2, args.join(' '));
    assert.ok(stderr.includes(said), stderr);
  }
});
