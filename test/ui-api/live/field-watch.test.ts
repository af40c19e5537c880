import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import type { Program } from '../../../engine/index.ts';
import { BlindWatch } from '../../../ui-api/live/blind-watch.ts';
import { type FieldNews, FieldWatch } from '../../../ui-api/live/field-watch.ts';

const minute = 60_000;

function programOf(where: string): Program {
  const text = `CREATE RULE r AS SELECT account_id, actor.ip AS ip FROM events WHERE ${where};`;
  const { plan } = compile([{ path: 'r.rule.sql', text }]);
  assert.ok(plan !== null);
  return buildProgram(plan);
}

const program = programOf("event_type = 'login' AND result = 'fail' AND details.app = 'web'");
const event = (more: object) => Buffer.from(JSON.stringify({ platform: 'x', event_type: 'login', ...more }));
const whole = { actor: { ip: '203.0.113.7' }, auth: { result: 'fail' }, details: { app: 'web' } };

/** Looks at so many events, one a second from a time on; what was said. */
function look(watch: FieldWatch, more: object, count: number, from_ms: number): FieldNews[] {
  return Array.from({ length: count }, (_, i) => watch.look(event(more), program, from_ms + i * 1000)).flat();
}

test('law 7: a field that rules read and that events used to have is missed when it is gone for long enough, and told when it is back', () => {
  const watch = new FieldWatch(15 * minute);
  assert.deepEqual(look(watch, whole, 200, 0), []);
  const { auth, ...without } = whole;
  const gone = look(watch, without, 1000, 200_000);
  assert.deepEqual(gone, [{ source: 'x login: auth.result', gone_since_ms: 199_000 }], 'once');
  assert.deepEqual(look(watch, { ...without, result: 'fail' }, 1, 2_000_000), [
    { source: 'x login: auth.result', gone_since_ms: null },
  ]);
  const blind = new BlindWatch(0);
  blind.begin(null, [], 0);
  blind.field(gone[0], 1_100_000);
  blind.field({ source: 'x login: auth.result', gone_since_ms: null }, 2_000_000);
  assert.deepEqual(
    blind.look(2_000_000).map(({ cause, source, status, start, end }) => [cause, source, status, start, end]),
    [
      ['field', 'x login: auth.result', 'open', '1970-01-01T00:03:19.000Z', null],
      ['field', 'x login: auth.result', 'closed', '1970-01-01T00:03:19.000Z', '1970-01-01T00:33:20.000Z'],
    ],
  );
});

test('what is not missed: a field that was rare, of few events, of another kind of events, unread, or written elsewhere', () => {
  const { auth, ...without } = whole;
  const rare = new FieldWatch(minute);
  for (let i = 0; i < 2000; i++) assert.deepEqual(look(rare, i % 50 === 0 ? whole : without, 1, i * 1000), []);
  assert.deepEqual(look(rare, without, 3000, 2_000_000), [], 'a fiftieth of the events had it');
  const few = new FieldWatch(minute);
  look(few, whole, 99, 0);
  assert.deepEqual(look(few, without, 1000, 99_000), []);
  const other = new FieldWatch(minute);
  look(other, whole, 500, 0);
  assert.deepEqual(look(other, { event_type: 'logout' }, 1000, 500_000), [], 'logouts never had it');
  const unread = new FieldWatch(minute);
  look(unread, { ...whole, geo: { city: 'Delft' } }, 500, 0);
  assert.deepEqual(look(unread, { ...without, result: 'fail', details: {}, app: 'web' }, 1000, 500_000), []);
  const never = new FieldWatch(0);
  assert.equal(never.wants(1e12), false);
  assert.deepEqual(new FieldWatch(minute).look(Buffer.from('{'), program, 0), []);
});

test('an event is looked at twenty times in a second at most, and kinds of events are bounded', () => {
  const watch = new FieldWatch(minute);
  assert.equal(watch.wants(0), true);
  watch.look(event(whole), program, 0);
  assert.deepEqual([watch.wants(49), watch.wants(50)], [false, true]);
  for (let i = 0; i < 300; i++) look(watch, { ...whole, event_type: `type ${i}` }, 150, 0);
  const { auth, ...without } = whole;
  assert.equal(look(watch, { ...without, event_type: 'type 100' }, 300, 150_000).length, 1);
  assert.equal(look(watch, { ...without, event_type: 'type 299' }, 300, 150_000).length, 0);
});
