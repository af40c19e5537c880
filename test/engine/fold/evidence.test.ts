import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Fold } from '../../../engine/fold/fold.ts';
import type { SimulationEvent } from '../../simulation/case.ts';
import { batchOf, ProgramBuilder } from './programs.ts';

function programOf(least: number) {
  const builder = new ProgramBuilder();
  builder.add({ name: 'single', kind: 'single', where: ['=', ['f', 'type'], ['v', 'A']] });
  builder.add({
    ...{
      name: 'window',
      kind: 'window',
      where: null,
      group_by: ['k1'],
      emit: 'auto',
      aggs: [{ as: 'n', fn: 'count' }],
    },
    ...{ window: { type: 'sliding', size: 1000 }, having: ['>=', ['a', 'n'], ['v', least]] },
  });
  return builder.build();
}

function eventsOf(ids: readonly string[]): (SimulationEvent & { event_id: string; seq: number })[] {
  return ids.map((event_id, i) => ({
    ...{ timestamp: 1000 + i, event_id, seq: 0, tenant_id: 'T', type: 'A' },
    ...{ k1: 'a', k2: null, x: null, ip: null, res: null },
  }));
}

test('S7 S8 evidence and anchors give event ids back as they were: long, not ASCII, with a byte order mark', () => {
  const ids = [
    'plain',
    'é',
    '\uFEFFmark',
    '😀😀',
    'x'.repeat(36),
    'y'.repeat(37),
    `${'z'.repeat(35)}é`,
    'w'.repeat(5000),
  ];
  const dictionary = new Dictionary();
  const fold = new Fold(programOf(ids.length), dictionary, { shards: 1 });
  const detections = fold.push(batchOf(eventsOf(ids), dictionary), 0);
  const window = detections.find((detection) => detection.rule === 'window');
  assert.deepEqual(window?.evidence, ids);
  assert.deepEqual(window?.anchor, { timestamp: 1000 + ids.length - 1, id: ids.at(-1) });
  const singles = detections.filter((detection) => detection.rule === 'single');
  assert.deepEqual(
    singles.map((detection) => 'id' in detection.anchor && detection.anchor.id),
    ids,
  );
});

test('S8 evidence is the last twenty ids in order, and the total', () => {
  const ids = Array.from({ length: 30 }, (_, i) => `event ${i}`);
  const dictionary = new Dictionary();
  const fold = new Fold(programOf(30), dictionary, { shards: 1 });
  const window = fold.push(batchOf(eventsOf(ids), dictionary), 0).find((detection) => detection.rule === 'window');
  assert.deepEqual(window?.evidence, ids.slice(10));
  assert.equal(window?.evidence_total, 30);
  assert.deepEqual([window?.first_event_at, window?.last_event_at], [1000, 1029]);
});
