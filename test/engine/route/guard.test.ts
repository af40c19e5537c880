import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programOf as programOfRules } from '../../../benchmarks/program.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { Dictionary, Engine, eventSchemaV1, type Program } from '../../../engine/index.ts';
import { Guard } from '../../../engine/route/guard.ts';
import { coreText } from '../../simulation/parity.ts';
import { seeded } from '../../simulation/random.ts';
import { utf8 } from '../decode/json-text.ts';

const programOf = (text: string): Program => programOfRules([text]);

const window = 'GROUP BY account_id WINDOW SLIDING 1 MINUTE HAVING n >= 3;';
const logins = `CREATE RULE logins AS SELECT account_id, count(*) AS n FROM events
  WHERE event_type = 'login' AND auth.result = 'fail' ${window}`;
const resets = `CREATE RULE resets AS SELECT account_id, count(*) AS n FROM events
  WHERE event_type IN ('reset', 'token') AND platform <> 'web' ${window}`;
const all = `CREATE RULE all_kinds AS SELECT account_id, count(*) AS n FROM events ${window}`;
const lowered = `CREATE RULE lowered AS SELECT lower(account_id) AS who, count(*) AS n FROM events
  WHERE event_type = 'login' GROUP BY who WINDOW SLIDING 1 MINUTE HAVING n >= 3;`;
const joined = `CREATE RULE joined AS SELECT a.account_id AS account_id FROM events AS a
  JOIN events AS b WITHIN 1 MINUTE ON a.account_id = b.account_id
  WHERE a.event_type = 'login' AND b.event_type = 'reset';`;

function record(fields: {
  type: string;
  account: string;
  platform?: string;
  result?: string;
  at?: number;
}): Uint8Array {
  const { type, account, platform = 'web', result = 'fail', at = 1 } = fields;
  return utf8(
    JSON.stringify({
      ...{ event_id: `${at}-${account}`, timestamp: at, platform, event_type: type, account_id: account },
      auth: { result },
    }),
  );
}

/** Whether the account of an event is looked up. */
function looksUp(program: Program, bytes: Uint8Array): boolean {
  const dictionary = new Dictionary();
  const { columns } = program.streams[0];
  const guard = Guard.of(program, dictionary);
  const decoder = new ScanningDecoder(program.schema, columns, dictionary, guard);
  assert.equal(decoder.decode(bytes), null);
  return decoder.event.values[columns.findIndex(({ name }) => name === 'account_id')] !== 0;
}

test('the account of an event that no rule can read is not looked up', () => {
  const program = programOf([logins, resets].join('\n'));
  assert.equal(looksUp(program, record({ type: 'login', account: 'a' })), true);
  assert.equal(looksUp(program, record({ type: 'login', account: 'a', result: 'success' })), false);
  assert.equal(looksUp(program, record({ type: 'token', account: 'a', platform: 'app' })), true);
  assert.equal(looksUp(program, record({ type: 'token', account: 'a' })), false);
  assert.equal(looksUp(program, record({ type: 'view', account: 'a', platform: 'app' })), false);
});

test('where a rule reads every event, or computes from a text, it is looked up always', () => {
  const unread = record({ type: 'view', account: 'a' });
  assert.equal(Guard.of(programOf([logins, all].join('\n')), new Dictionary()), null);
  assert.equal(looksUp(programOf([logins, all].join('\n')), unread), true);
  assert.equal(looksUp(programOf(lowered), unread), true);
});

test('both sides of a join are readers', () => {
  const program = programOf(joined);
  assert.equal(looksUp(program, record({ type: 'reset', account: 'a' })), true);
  assert.equal(looksUp(program, record({ type: 'login', account: 'a' })), true);
  assert.equal(looksUp(program, record({ type: 'view', account: 'a' })), false);
});

test('beyond thirty-two rules each of them is a reader', () => {
  const many = Array.from({ length: 70 }, (_, k) =>
    logins.replace('RULE logins', `RULE logins_${k}`).replace("'login'", `'login${k}'`),
  );
  const program = programOf(many.join('\n'));
  for (let k = 0; k < 70; k++)
    assert.equal(looksUp(program, record({ type: `login${k}`, account: 'a' })), true, `${k}`);
  assert.equal(looksUp(program, record({ type: 'login70', account: 'a' })), false);
});

test('it cannot show in any result, sweeps of the dictionary included', () => {
  const program = programOf([logins, resets, joined].join('\n'));
  const random = seeded(11);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)];
  const runs = (['plain', 'scanning'] as const).map((decoder) => new Engine(program, { decoder }));
  const found = runs.map((): string[] => []);
  for (let n = 0; n < 150_000; n++) {
    const isRare = random() < 0.95;
    const bytes = record({
      ...{
        type: pick(['login', 'reset', 'token', 'view', 'logout']),
        platform: pick(['web', 'app']),
        at: 1000 + n * 20,
      },
      ...{ account: isRare ? `rare${n}` : `a${Math.floor(random() * 5)}`, result: pick(['fail', 'success']) },
    });
    runs.forEach((run, k) => {
      run.apply(n, { kind: 'record', record: { partition: 'p', position: n, received_at: 1e12, bytes } });
      if (n % 512 === 511) found[k].push(...run.advance().detections.map(coreText));
    });
  }
  assert.deepEqual(found[1], found[0]);
  assert.ok(found[0].length > 100, `${found[0].length} detections`);
  const [plain, guarded] = runs.map((run) => run.stats().dictionary_size);
  assert.ok(guarded < plain, `${guarded} texts with the guard, ${plain} without`);
});

test('a schema name, a tenant and what a rule shows are read as before', () => {
  const program = programOf(logins);
  const dictionary = new Dictionary();
  const decoder = new ScanningDecoder(
    eventSchemaV1,
    program.streams[0].columns,
    dictionary,
    Guard.of(program, dictionary),
  );
  const bytes = utf8('{"timestamp":1,"tenant_id":"x","platform":"p","event_type":"view","account_id":"a"}');
  assert.equal(decoder.decode(bytes), null);
  assert.equal(dictionary.textOf(decoder.event.tenant), 'x');
});
