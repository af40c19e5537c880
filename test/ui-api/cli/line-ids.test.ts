import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { LineIds } from '../../../ui-api/cli/line-ids.ts';
import { DoorRun, doorProgram } from '../../engine/door/harness.ts';

function complete(ids: LineIds, text: string, number: number): string {
  return Buffer.from(ids.complete(Buffer.from(text), number)).toString('utf8');
}

test('S4 an event without id gets hash of canonical content, ~, occurrence; key order does not matter', () => {
  const ids = new LineIds();
  const hash = createHash('sha256').update('{"a":{"x":1,"y":[2]},"b":"é"}').digest('hex').slice(0, 16);
  assert.equal(
    complete(ids, '{"b":"é", "a": {"y":[2],"x":1}}', 1),
    `{"event_id":"${hash}~1","seq":1,"b":"é", "a": {"y":[2],"x":1}}`,
  );
  assert.ok(complete(ids, '{"a":{"x":1,"y":[2]},"b":"é"}', 7).startsWith(`{"event_id":"${hash}~2","seq":7,`));
});

test('what an event has is kept; what is no object stays as it is', () => {
  const ids = new LineIds();
  assert.equal(complete(ids, ' {"event_id":"e","seq":9}', 3), ' {"event_id":"e","seq":9}');
  assert.equal(complete(ids, '{"event_id":"e"}', 3), '{"seq":3,"event_id":"e"}');
  assert.match(complete(ids, '{}', 3), /^\{"event_id":"[0-9a-f]{16}~1","seq":3\}$/);
  for (const text of ['', 'x', '[1]', '"{"', '{"a":']) assert.equal(complete(ids, text, 1), text);
});

test('S4 the id is the one that the door gives, also where numbers are beyond 2^53', () => {
  const text = '{"timestamp":1000,"details":{"n":12345678901234567891,"f":1.50,"z":-0.0,"t":"\\u00e9\\n"}}';
  const ids = new LineIds();
  const given = JSON.parse(complete(ids, text, 1)).event_id as string;
  const run = new DoorRun(doorProgram());
  const bytes = Buffer.from(text);
  run.apply({ kind: 'record', record: { partition: 'file:a', position: 1, received_at: 2000, bytes } });
  run.end();
  assert.deepEqual(run.released, [given]);
  const neighbour = JSON.parse(complete(ids, text.replace('891', '892'), 2)).event_id as string;
  assert.notEqual(neighbour.split('~')[0], given.split('~')[0]);
});

test('S4 null and the empty text are missing for the door, and so they are here', () => {
  const ids = new LineIds();
  const completed = complete(ids, '{"event_id":null,"seq": null,"a":1}', 4);
  assert.match(completed, /^\{"event_id":"[0-9a-f]{16}~1","seq": 4,"a":1\}$/);
  const run = new DoorRun(doorProgram());
  const bytes = Buffer.from('{"event_id":null,"timestamp":1000,"seq":null}');
  run.apply({ kind: 'record', record: { partition: 'file:a', position: 1, received_at: 2000, bytes } });
  run.end();
  assert.deepEqual(run.released, [JSON.parse(complete(ids, bytes.toString(), 1)).event_id]);
});

test('occurrences are counted over the last contents; what lies far behind is forgotten, not kept for ever', () => {
  const ids = new LineIds(2);
  const occurrence = (n: number) => JSON.parse(complete(ids, `{"n":${n}}`, 1)).event_id.split('~')[1];
  assert.deepEqual([1, 1, 2, 3, 1, 4, 5, 1].map(occurrence), ['1', '2', '1', '1', '3', '1', '1', '4']);
  assert.deepEqual([6, 7, 8, 9, 10, 1].map(occurrence), ['1', '1', '1', '1', '1', '1']);
});
