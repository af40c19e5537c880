import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillMembers } from '../../ui-api/fill-members.ts';

const fill = (text: string, values: Record<string, string | number>) =>
  Buffer.from(fillMembers(Buffer.from(text), values)).toString('utf8');

test('what is missing goes to the head, what is null or empty is replaced in its place', () => {
  assert.equal(fill(' { } ', { a: 1 }), '{"a":1 } ');
  assert.equal(fill('{"b":[null,{"a":null}]}', { a: 1 }), '{"a":1,"b":[null,{"a":null}]}');
  assert.equal(fill('{"\\u0061":null,"b":"}\\""}', { a: 1 }), '{"\\u0061":1,"b":"}\\""}');
  assert.equal(fill('{"a":"","s":"null,"}', { a: 'x"' }), '{"a":"x\\"","s":"null,"}');
});

test('any object: the members asked for have their values, the others are as they were', () => {
  const value = fc.oneof(fc.constant(null), fc.constant(''), fc.jsonValue());
  const object = fc.dictionary(fc.string(), value, { noNullPrototype: true });
  fc.assert(
    fc.property(object, fc.constantFrom(null, '', undefined), fc.constantFrom(0, 1, 2), (others, id, indent) => {
      const event = Object.fromEntries(Object.entries(others).filter(([name]) => name !== '__proto__'));
      delete event.event_id;
      const given = id === undefined ? event : { ...event, event_id: id };
      const filled = JSON.parse(fill(JSON.stringify(given, null, indent), { event_id: 'x' }));
      assert.deepEqual(filled, JSON.parse(JSON.stringify({ ...event, event_id: 'x' })));
    }),
  );
});
