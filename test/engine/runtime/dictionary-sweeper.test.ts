import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programOf } from '../../../benchmarks/program.ts';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { Engine } from '../../../engine/index.ts';
import { DictionarySweeper } from '../../../engine/runtime/dictionary-sweeper.ts';
import { coreText } from '../../simulation/parity.ts';
import { seeded } from '../../simulation/random.ts';
import { utf8 } from '../decode/json-text.ts';

test('few long texts are swept like many short ones, and what is held stays', () => {
  const dictionary = new Dictionary();
  const kept = dictionary.idOf('kept');
  const holder = {
    markUsed: (used: Uint8Array) => {
      used[kept] = 1;
    },
    forget: () => undefined,
  };
  const sweeper = new DictionarySweeper(dictionary, [holder], () => undefined, { texts: 1_000, length: 10_000 });
  let most = 0;
  for (let i = 0; i < 500; i++) {
    dictionary.idOf(`${i}`.padEnd(900, 'x'));
    most = Math.max(most, dictionary.length);
    sweeper.sweepIfGrown();
  }
  assert.ok(most <= 11_000, `${most} characters`);
  assert.equal(dictionary.textOf(kept), 'kept');
  for (let i = 0; i < 5_000; i++) {
    dictionary.idOf(`short-${i}`);
    sweeper.sweepIfGrown();
    assert.ok(dictionary.size <= 1_000);
  }
});

const rules = `CREATE STREAM events LATENESS 1 SECONDS;
  CREATE RULE many AS SELECT account_id, count(DISTINCT actor.ip) AS ips, max(platform) AS last_of FROM events
    WHERE event_type = 'login' GROUP BY account_id WINDOW SLIDING 8 SECONDS HAVING ips >= 3 EMIT EARLY;
  CREATE RULE lowered AS SELECT lower(account_id) AS who, count(*) AS n FROM events WHERE event_type = 'reset'
    GROUP BY who WINDOW TUMBLING 6 SECONDS HAVING n >= 2 AND max(platform) >= 'p2';
  CREATE RULE pairs AS SELECT a.account_id AS account_id, b.actor.ip AS ip FROM events AS a
    JOIN events AS b WITHIN 10 SECONDS ON a.account_id = b.account_id
    WHERE a.event_type = 'login' AND b.event_type = 'reset';
  CREATE RULE sessions AS SELECT platform, count(*) AS n, top(account_id, 2) AS most FROM events
    WHERE event_type IN ('login', 'reset') GROUP BY platform, account_id WINDOW SESSION GAP 3 SECONDS MAX 9 SECONDS
    HAVING n >= 3;`;

test('sweeps without end, in small parts and in the middle of restarts, cannot show in any result', () => {
  const program = programOf([rules]);
  const random = seeded(23);
  const pick = (most: number) => Math.floor(random() * most);
  const sweep = { texts: 8, ids_at_once: 2 };
  const swept = { sweep, batch_rows: 16 };
  let [usual, often] = [new Engine(program), new Engine(program, swept)];
  const [expected, found]: string[][] = [[], []];
  for (let n = 0; n < 6_000; n++) {
    const at = 1_000_000 + n * 400 - pick(900);
    // Accounts of now: those of before are forgotten, and their ids are given to others.
    const account = `${['a', 'A', 'account-of-a-long-name-that-stands-in-no-record-of-the-dictionary-'][pick(3)]}${Math.floor(n / 12) + pick(2)}`;
    const event = {
      ...{ event_id: `e${n}`, timestamp: at, platform: `p${pick(4)}`, account_id: account },
      ...{
        event_type: ['login', 'reset', 'view'][pick(3)],
        actor: { ip: pick(3) === 0 ? `0:0::${1 + pick(300)}` : `10.9.${n >> 7}.${n & 127}` },
      },
      ...(pick(3) === 0 ? { tenant_id: `t${pick(3)}` } : {}),
    };
    const record = { partition: 'p', position: n, received_at: 1e12, bytes: utf8(JSON.stringify(event)) };
    for (const engine of [usual, often]) engine.apply(n, { kind: 'record', record });
    if (n % 7 !== 0) continue;
    expected.push(...usual.advance().detections.map(coreText));
    found.push(...often.advance().detections.map(coreText));
    if (n % 1_001 === 0) often = Engine.restore(program, often.snapshot(), swept);
  }
  assert.deepEqual(found, expected);
  assert.ok(expected.length > 300, `${expected.length} detections`);
  const [all, few] = [usual, often].map((engine) => engine.stats().dictionary_size);
  assert.ok(few * 10 < all, `${few} texts of ${all}`);
});
