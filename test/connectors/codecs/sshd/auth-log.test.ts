import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sshdCodec } from '../../../../connectors/codecs/sshd/sshd.ts';

interface Event {
  timestamp: string;
  event_type: string;
  account_id: string;
  actor?: { ip: string };
  auth?: { method: string; result: string; failure?: string };
}

/** 24 days of one real host. It stands beside the clone and is not part of it. */
const file = new URL('../../../../../shared/data/auth.log', import.meta.url);
const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : null;

function decodeAll(all: readonly string[]) {
  const codec = sshdCodec({ year: 2017 });
  const events: Event[] = [];
  const skipped = new Map<string, number>();
  for (const line of all) {
    const result = codec.decode(Buffer.from(line));
    if (result.kind === 'events') events.push(...(result.events as Event[]));
    else if (result.kind === 'skipped') skipped.set(result.reason, (skipped.get(result.reason) ?? 0) + 1);
    else throw new Error(`${result.kind}: ${line}`);
  }
  return { events, skipped };
}

if (lines === null) {
  process.stderr.write('shared/data/auth.log does not stand beside the clone: its tests are not run\n');
} else {
  test('auth.log: every Failed and Accepted line is as many login events as it stands for', () => {
    const attempts = lines.flatMap((line) => {
      const match = / sshd\[\d+\]: (?:message repeated (\d+) times: \[ )?((Failed|Accepted) (\w+) for .*)/.exec(line);
      return match === null ? [] : Array<string>(Number(match[1] ?? 1)).fill(`${match[3]} ${match[4]}`);
    });
    const expected = Map.groupBy(attempts, (attempt) => attempt);
    const { events } = decodeAll(lines);
    const logins = events.filter(({ event_type }) => event_type === 'login');
    const count = (method: string, result: string) =>
      logins.filter(({ auth }) => auth?.method === method && auth.result === result).length;
    assert.equal(count('password', 'fail'), expected.get('Failed password')?.length);
    assert.equal(count('publickey', 'fail'), expected.get('Failed publickey')?.length);
    assert.equal(count('password', 'success'), expected.get('Accepted password')?.length);
    assert.equal(count('publickey', 'success'), expected.get('Accepted publickey')?.length);
    assert.equal(logins.length, attempts.length);
    assert.deepEqual(
      [
        count('password', 'fail'),
        count('publickey', 'fail'),
        count('password', 'success'),
        count('publickey', 'success'),
      ],
      [1038, 4, 190, 36],
    );
  });

  test('auth.log: every line is an event or skipped with a reason, none is rejected', () => {
    const { events, skipped } = decodeAll(lines);
    const other = lines.filter((line) => !/ sshd\[\d+\]: /.test(line)).length;
    assert.equal(skipped.get('other program'), other);
    const byType = Map.groupBy(events, ({ event_type }) => event_type);
    const counts = [...byType].map(([type, of]) => [type, of.length]).sort();
    assert.deepEqual(counts, [
      ['login', 1268],
      ['login_attempts_exceeded', 189],
      ['login_invalid_user', 178],
      ['session_end', 225],
      ['session_new', 226],
    ]);
    const [first, last] = [events[0], events.at(-1) as Event].map(({ timestamp }) => timestamp);
    assert.ok(first > '2017-03-27' && last < '2017-04-21', `${first} to ${last}`);
  });

  test('auth.log: the takeover of elastic_user_0 on 30 March', () => {
    const { events } = decodeAll(lines);
    const logins = events.filter(
      ({ event_type, account_id }) => event_type === 'login' && account_id === 'elastic_user_0',
    );
    const guessing = logins.filter(
      ({ auth, timestamp }) => auth?.result === 'fail' && timestamp > '2017-03-30T15' && timestamp < '2017-03-30T17',
    );
    assert.equal(guessing.length, 147);
    assert.equal(guessing[0].timestamp, '2017-03-30T15:54:19.000Z');
    assert.equal(guessing.at(-1)?.timestamp, '2017-03-30T16:01:35.000Z');
    assert.deepEqual(new Set(guessing.map(({ actor }) => actor?.ip)), new Set(['24.151.103.17']));
    const next = logins[logins.indexOf(guessing.at(-1) as Event) + 1];
    assert.deepEqual(
      [next.timestamp, next.actor?.ip, next.auth],
      ['2017-03-30T16:01:36.000Z', '24.151.103.17', { method: 'password', result: 'success' }],
    );
  });
}
