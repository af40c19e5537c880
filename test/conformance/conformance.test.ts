import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowdsec } from './crowdsec.ts';
import { elastalert2 } from './elastalert2.ts';
import { flink } from './flink.ts';
import { nexmark } from './nexmark.ts';
import { pantherNormaliser } from './panther-normaliser.ts';
import { pantherRules } from './panther-rules.ts';
import { pinned } from './pinned.ts';
import { floorOf, type Score, scoreLine } from './score.ts';
import { siddhi } from './siddhi.ts';

const missing = 'the shared cases do not stand beside the clone';

/** A text that is refused for a slip of ours must not pass as one that the language cannot say. */
function refusedFor(score: Score, reasons: RegExp): void {
  const notes = score.notes.filter((note) => note.includes(': inexpressible, '));
  assert.deepEqual(
    notes.filter((note) => !reasons.test(note)),
    [],
  );
}

test('S2 S3 S4 S8 S13 pinned: every door and every expressible rule equal, order too', (t) => {
  const score = pinned();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  refusedFor(score, /: inexpressible, not yet: (SEQUENCE|OVER)/);
  const others = score.notes.filter((note) => !note.includes(': inexpressible, '));
  assert.deepEqual([score.differ, score.refused, others.slice(0, 5)], [0, 0, []]);
  assert.ok(score.agree >= floorOf('pinned'));
  // 200 doors; 49 single-event, 162 sliding, 90 tumbling, 86 hopping, 87 session and 371 join rules.
  assert.equal(score.agree, 200 + 49 + 162 + 90 + 86 + 87 + 371);
});

test('crowdsec: at least 74 of the 75 sliding cases, the odd one named', (t) => {
  const score = crowdsec();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  for (const note of score.notes) t.diagnostic(note);
  assert.ok(score.agree >= floorOf('crowdsec'), score.notes.join('\n'));
  const named = score.notes.filter((note) => note.includes(': named, '));
  assert.deepEqual([score.differ, score.refused], [named.length, 0], score.notes.join('\n'));
  assert.equal(score.agree + score.differ + score.inexpressible + score.refused, 78, 'every case is in the score');
});

test('nexmark: every query that compiles equal on both event sets, by both doors', (t) => {
  const score = nexmark();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  assert.deepEqual([score.differ, score.refused], [0, 0], score.notes.join('\n'));
  assert.equal(score.inexpressible, 0, score.notes.join('\n'));
  assert.ok(score.agree >= floorOf('nexmark'), score.notes.join('\n'));
});

test('siddhi: event-time windows and output rate limits that compile agree, three batches of the wall clock named', (t) => {
  const score = siddhi();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  const unnamed = score.notes.filter((note) => note.endsWith('(unnamed)'));
  assert.deepEqual([score.differ, score.refused, unnamed], [3, 0, []]);
  refusedFor(score, /Siddhi refuses|`LENGTH` cannot stand|\d of what/);
  assert.ok(score.agree >= floorOf('siddhi'), score.notes.join('\n'));
  assert.equal(score.agree + score.differ + score.inexpressible, 28 + 13, 'every case is in the score');
});

test('flink: windows, joins and OVER stopped and restored, from memory and from a file: equal, or the difference pinned', async (t) => {
  const score = await flink();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  const named = score.notes.filter((note) => note.includes(': named, '));
  assert.deepEqual([score.differ - named.length, score.refused], [0, 0], score.notes.join('\n'));
  refusedFor(score, /MATCH_RECOGNIZE/);
  // A difference that semantics.md asks for is as good as agreement: the answer that it gives is compared in full.
  assert.ok(score.agree + named.length >= floorOf('flink'), score.notes.join('\n'));
  assert.equal(score.agree + score.differ + score.inexpressible, 13, 'every case is in the score');
});

test('elastalert2: what compiles agrees, but for the silence that its peer repeats', (t) => {
  const score = elastalert2();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  const unnamed = score.notes.filter((note) => !/: inexpressible, |^flatline_keyed: /.test(note));
  assert.deepEqual([score.refused, unnamed], [0, []]);
  refusedFor(score, /not yet: (SEQUENCE|OVER)/);
  assert.ok(score.agree >= floorOf('elastalert2'), score.notes.join('\n'));
  assert.equal(score.agree + score.differ + score.inexpressible, 21, 'every case is in the score');
});

test('panther normaliser: raw events of ten platforms are what the peer says, but for a sample that says the opposite', (t) => {
  const score = pantherNormaliser();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  const named = score.notes.filter((note) => note.includes(': named, '));
  assert.deepEqual([score.differ, score.inexpressible, score.refused], [named.length, 0, 0], score.notes.join('\n'));
  // The sample that is named must agree when its two values are exchanged, or it is no such note.
  assert.ok(score.agree + named.length >= floorOf('normaliser'), score.notes.join('\n'));
  assert.ok(score.agree >= 38);
  assert.equal(score.agree + score.differ, 39, 'every case is in the score');
});

test('panther: 52 rules about accounts answer the 170 tests of their peers, thresholds to the event, by both doors', (t) => {
  const score = pantherRules();
  if (score === null) return t.skip(missing);
  t.diagnostic(scoreLine(score));
  assert.deepEqual([score.differ, score.inexpressible, score.refused], [0, 0, 0], score.notes.join('\n'));
  assert.ok(score.agree >= floorOf('panther'), score.notes.join('\n'));
  assert.equal(score.agree, 170, 'every test is in the score');
});
