import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatKeysOf, looked_at_records } from '../../../ui-api/cli/flat-keys.ts';
import { weir, workFolder } from './spawn-weir.ts';

const event = { platform: 'inhouse', event_type: 'login', account_id: 'mara' };

function lines(count: number, extra: object, from = 0): string {
  const one = (i: number) => ({
    timestamp: new Date(1772359200000 + (from + i) * 1000).toISOString(),
    ...event,
    ...extra,
  });
  return Array.from({ length: count }, (_, i) => `${JSON.stringify(one(i))}\n`).join('');
}

const flat = { 'actor.ip': '192.0.2.1', 'auth.result': 'fail', 'geo.city': 'Berlin', 'details.app': 'mail' };
const note =
  /note: events\.ndjson:2 has `actor\.ip`, `auth\.result`, `geo\.city` and 1 more as flat keys, which no rule reads: a field inside another one is written nested, "actor": \{"ip": …\}\. To nest them: jq -c '.*' \.\/events\.ndjson\n/g;

const commands = [
  ['backtest', 'rules', '--from', './events.ndjson'],
  ['ingest', './events.ndjson'],
  ['why', 'guessing', '--at', 'mara', '--from', './events.ndjson'],
];

for (const args of commands) {
  test(`weir ${args[0]} says once that no rule reads a flat key with the path of a field`, async (context) => {
    const folder = workFolder(context, { 'events.ndjson': lines(1, {}) + lines(5, flat, 1) });
    const { stderr } = await weir(context, folder, args);
    assert.equal(stderr.match(note)?.length, 1, stderr);
  });
}

test('nested fields and a dot in a name of the platform’s own are no flat keys; the beginning alone is looked at', async (context) => {
  const nested = { actor: { ip: '192.0.2.1' }, result: 'fail', 'my.own': 1 };
  const folder = workFolder(context, { 'events.ndjson': lines(looked_at_records, nested) + lines(1, flat, 500) });
  const { code, stderr } = await weir(context, folder, ['backtest', 'rules', '--from', 'events.ndjson']);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /flat key/);
});

test('what is no JSON object has no flat keys', () => {
  for (const text of ['nope', '[{"actor.ip":1}]', '"actor.ip"', 'null', '']) {
    assert.deepEqual(flatKeysOf(Buffer.from(text)), []);
  }
});
