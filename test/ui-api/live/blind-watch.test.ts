import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../engine/index.ts';
import { BlindKeeper } from '../../../ui-api/live/blind-keeper.ts';
import { type BlindRecord, BlindWatch } from '../../../ui-api/live/blind-watch.ts';
import { atEnd } from '../../at-end.ts';

const minute = 60_000;
const short = ({ cause, source, revision, status, start, end }: BlindRecord) =>
  `${cause} ${source} ${revision} ${status} ${Date.parse(start) / 1000}-${end === null ? '' : Date.parse(end) / 1000}`;

test('law 7: a source that used to send and is silent is reported once, and again when it is back; a short one never', () => {
  const watch = new BlindWatch(10 * minute);
  watch.begin(null, [], 0);
  for (let at = 0; at <= 20 * minute; at += minute) watch.heard('web-1', at);
  watch.heard('file', minute);
  watch.heard('file', 2 * minute);
  assert.deepEqual(watch.look(30 * minute - 1), []);
  assert.deepEqual(watch.look(30 * minute).map(short), ['silent web-1 1 open 1200-']);
  assert.deepEqual(watch.look(40 * minute), []);
  assert.equal(watch.open.length, 1);
  watch.heard('web-1', 45 * minute);
  assert.deepEqual(watch.look(45 * minute).map(short), ['silent web-1 2 closed 1200-2700']);
  assert.deepEqual(watch.open, []);
  assert.deepEqual(watch.look(56 * minute).map(short), ['silent web-1 1 open 2700-']);
});

test('law 7: an outage is reported with the time from the last sign of life; it is no silence of the sources', () => {
  const before = new BlindWatch(10 * minute);
  before.begin(null, [], 0);
  for (let at = 0; at <= 20 * minute; at += minute) before.heard('web-1', at);
  const state = before.state(20 * minute);
  const after = new BlindWatch(10 * minute);
  after.begin(state, [], 60 * minute);
  assert.deepEqual(after.look(60 * minute).map(short), ['down null 1 closed 1200-3600']);
  assert.deepEqual(after.look(70 * minute).map(short), ['silent web-1 1 open 3600-']);
  const quick = new BlindWatch(10 * minute);
  quick.begin(state, [], 20 * minute + 9_999);
  assert.deepEqual(quick.look(21 * minute), []);
});

test('law 7: refused events are one interval while they come, with their number, and it closes half a minute later', () => {
  const watch = new BlindWatch(0);
  watch.begin(null, [], 0);
  watch.refused(5, 1000);
  assert.deepEqual(watch.look(2000).map(short), ['shed null 1 open 1-']);
  watch.refused(7, 20_000);
  assert.deepEqual(watch.look(49_999), []);
  const [closed] = watch.look(50_000);
  assert.equal(short(closed), 'shed null 2 closed 1-20');
  assert.equal(closed.refused_events, 12);
});

test('law 7: a watermark that stays too far behind is one interval from where it stood, with the source that it waits for', () => {
  const watch = new BlindWatch(0, 5 * minute);
  watch.begin(null, [], 0);
  watch.stands(null, null, 60 * minute);
  watch.stands(60 * minute - 5 * minute + 1, 'web-1', 60 * minute);
  assert.deepEqual(watch.look(60 * minute), []);
  watch.stands(55 * minute, 'web-1', 60 * minute);
  watch.stands(55 * minute, 'web-1', 60 * minute + 29_999);
  assert.deepEqual(watch.look(60 * minute + 29_999), [], 'after a start it may take seconds');
  watch.stands(56 * minute, 'web-2', 61 * minute);
  const [opened] = watch.look(61 * minute);
  assert.equal(short(opened), 'behind web-1 1 open 3300-');
  assert.match(opened.title, /since then: what happens is decided late: the watermark waits for the source web-1$/);
  watch.stands(57 * minute, 'web-2', 70 * minute);
  assert.deepEqual(watch.look(70 * minute), []);
  const after = new BlindWatch(0, 5 * minute);
  after.begin(watch.state(70 * minute), [opened], 70 * minute);
  after.stands(69 * minute, null, 71 * minute);
  assert.deepEqual(after.look(71 * minute).map(short), ['behind web-1 2 closed 3300-4260'], 'also by the next run');
  const never = new BlindWatch(0);
  never.stands(0, null, 1e12);
  never.stands(0, null, 2e12);
  assert.deepEqual(never.look(2e12), []);
});

test('a thousand sources at most are remembered', () => {
  const watch = new BlindWatch(minute);
  for (let i = 0; i < 3000; i++) watch.heard(`source ${i}`, 0);
  assert.equal(Object.keys(watch.state(0).sources).length, 1024);
});

test('law 7: what a run left open goes on in the next one: each record stands once in the file, whenever Weir was killed', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-blind-'));
  atEnd(context, () => rmSync(folder, { recursive: true }));
  const clock = new ManualClock(0);
  const published: string[] = [];
  const paths = { records: join(folder, 'blind.ndjson'), state: join(folder, 'blind-state.json') };
  const start = () => {
    const keeper = new BlindKeeper({
      ...{ ...paths, silent_ms: 10 * minute, behind_ms: 5 * minute, clock, report: () => undefined },
      engine: () => ({ watermark_ms: null, held_back_by: null }),
      published: (record) => published.push(short(record)),
    });
    keeper.begin();
    atEnd(context, () => keeper.stop());
    return keeper;
  };
  let keeper = start();
  for (let i = 0; i <= 20; i++) {
    keeper.watch.heard('web-1', clock.now_ms());
    clock.advance(minute);
  }
  clock.advance(10 * minute);
  keeper.look();
  // It is killed: nobody calls stop(). Then it is killed again at once.
  clock.advance(5000);
  keeper = start();
  clock.advance(minute);
  keeper = start();
  keeper.watch.heard('web-1', clock.now_ms());
  keeper.look();
  const expected = ['silent web-1 1 open 1200-', 'down null 1 closed 1865-1925', 'silent web-1 2 closed 1200-1925'];
  assert.deepEqual(published, expected);
  const lines = readFileSync(paths.records, 'utf8').trim().split('\n');
  assert.deepEqual(
    lines.map((line) => short(JSON.parse(line) as BlindRecord)),
    expected,
  );
});
