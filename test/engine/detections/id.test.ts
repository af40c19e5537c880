import assert from 'node:assert/strict';
import { createHash, hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DetectionName, DetectionNames } from '../../../engine/index.ts';

const byEvent: DetectionName = {
  ...{ rule: 'guessing', plan_hash: 'p1', tenant: 'T', key: ['mara', null, 3, true, ['x']] },
  anchor: { timestamp: 1000, id: 'e1' },
};
const detectionId = ({ rule, plan_hash, ...place }: DetectionName) => new DetectionNames(rule, plan_hash).id(place);
const anchorId = ({ rule, plan_hash, ...place }: DetectionName) =>
  new DetectionNames(rule, plan_hash).ids(place).anchor_id;

const byWindow: DetectionName = { ...byEvent, anchor: { window_start: 1000 } };

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

test('S7 id is the hash of rule, plan hash, tenant, key and anchor, each in its place', () => {
  assert.equal(detectionId(byEvent), sha256('["guessing","p1","T",["mara",null,3,true,["x"]],[1000,"e1"]]'));
  assert.equal(detectionId(byWindow), sha256('["guessing","p1","T",["mara",null,3,true,["x"]],[1000]]'));
});

test('S7 every part of the name changes the id; the plan hash leaves anchor_id as it is', () => {
  const others: DetectionName[] = [
    ...[{ rule: 'other' }, { plan_hash: 'p2' }, { tenant: 'U' }, { key: ['mara'] }].map((part) => ({
      ...byEvent,
      ...part,
    })),
    ...[
      { timestamp: 1001, id: 'e1' },
      { timestamp: 1000, id: 'e2' },
    ].map((anchor) => ({ ...byEvent, anchor })),
    byWindow,
  ];
  assert.equal(new Set([byEvent, ...others].map(detectionId)).size, others.length + 1);
  assert.equal(anchorId({ ...byEvent, plan_hash: 'p2' }), anchorId(byEvent));
  assert.equal(new Set([byEvent, ...others].map(anchorId)).size, others.length);
});

test('S7 a digest that the runtime brings gives the ids of the engine’s own, whatever the text', () => {
  const brought = (text: string) => hash('sha256', text, 'hex');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), fc.string({ unit: 'grapheme' }), (tenant, part) => {
      const place = { tenant, key: [part, null], anchor: { timestamp: 1, id: part } };
      assert.deepEqual(new DetectionNames('r', 'p', brought).ids(place), new DetectionNames('r', 'p').ids(place));
    }),
  );
});
