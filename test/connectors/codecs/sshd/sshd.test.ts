import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sshdCodec } from '../../../../connectors/codecs/sshd/sshd.ts';
import type { CodecResult } from '../../../../engine/index.ts';

interface Event {
  timestamp: string;
  event_type: string;
  account_id: string;
  actor?: { ip: string };
  auth?: { method: string; result: string; failure?: string };
  details: Record<string, unknown>;
}

function decode(message: string, program = 'sshd[99]'): CodecResult {
  return sshdCodec({ year: 2026 }).decode(Buffer.from(`Mar 27 13:06:56 host1 ${program}: ${message}`));
}

function eventsOf(result: CodecResult): Event[] {
  assert.equal(result.kind, 'events');
  return (result as { events: readonly object[] }).events as Event[];
}

function eventOf(message: string): Event {
  const events = eventsOf(decode(message));
  assert.equal(events.length, 1);
  return events[0];
}

test('a failed password, whole', () => {
  assert.deepEqual(eventOf('Failed password for root from 10.1.2.3 port 4022 ssh2'), {
    schema_version: 'v1',
    timestamp: '2026-03-27T13:06:56.000Z',
    platform: 'sshd',
    event_type: 'login',
    account_id: 'root',
    actor: { ip: '10.1.2.3' },
    auth: { method: 'password', result: 'fail', failure: 'wrong_password' },
    details: { host: 'host1', pid: 99, port: 4022 },
  });
});

test('logins: who, from where, how and with what result', () => {
  const cases: [string, string, string | undefined, string, string, string | undefined][] = [
    [
      'Failed password for invalid user bob from 10.1.2.3 port 1 ssh2',
      'bob',
      '10.1.2.3',
      'password',
      'fail',
      'unknown_user',
    ],
    [
      'Failed password for invalid user  from 10.1.2.3 port 1 ssh2',
      '(empty)',
      '10.1.2.3',
      'password',
      'fail',
      'unknown_user',
    ],
    ['Failed none for invalid user a b from ::1 port 1 ssh2', 'a b', '::1', 'none', 'fail', 'unknown_user'],
    [
      'Failed keyboard-interactive/pam for root from 2001:db8::7 port 1 ssh2',
      'root',
      '2001:db8::7',
      'keyboard-interactive',
      'fail',
      'wrong_password',
    ],
    [
      'Failed publickey for root from fe80::1%eth0 port 1 ssh2: ED25519 SHA256:abc',
      'root',
      'fe80::1',
      'publickey',
      'fail',
      undefined,
    ],
    ['Accepted password for root from 10.1.2.3 port 1 ssh2', 'root', '10.1.2.3', 'password', 'success', undefined],
    [
      'Accepted publickey for u from 10.1.2.3 port 1 ssh2: RSA-CERT SHA256:abc ID me (serial 0) CA RSA SHA256:d',
      'u',
      '10.1.2.3',
      'publickey',
      'success',
      undefined,
    ],
    [
      'Accepted gssapi-with-mic for u from 10.1.2.3 port 1 ssh2',
      'u',
      '10.1.2.3',
      'gssapi-with-mic',
      'success',
      undefined,
    ],
    [
      'Failed hostbased for u from 10.1.2.3 port 1 ssh2: RSA SHA256:abc, client user "x", client host "y"',
      'u',
      '10.1.2.3',
      'hostbased',
      'fail',
      undefined,
    ],
    [
      'Failed password for root from client.example.com port 1 ssh2',
      'root',
      undefined,
      'password',
      'fail',
      'wrong_password',
    ],
  ];
  for (const [message, account, ip, method, result, failure] of cases) {
    const event = eventOf(message);
    assert.deepEqual(
      [
        event.event_type,
        event.account_id,
        event.actor?.ip,
        event.auth?.method,
        event.auth?.result,
        event.auth?.failure,
      ],
      ['login', account, ip, method, result, failure],
      message,
    );
  }
  assert.equal(
    eventOf('Failed password for root from client.example.com port 1 ssh2').details.remote_host,
    'client.example.com',
  );
  const { details } = eventOf('Failed publickey for root from 10.1.2.3 port 1 ssh2: ED25519 SHA256:abc');
  assert.deepEqual([details.key_type, details.key_fingerprint], ['ED25519', 'SHA256:abc']);
});

test('a name that imitates the rest of the line does not move the address', () => {
  const names = [
    'root from 1.1.1.1',
    'root from 1.1.1.1 port 22',
    'root from 1.1.1.1 port 22 ssh2',
    'root from 1.1.1.1 port 22 ssh2: RSA SHA256:abc',
    'x from 1.1.1.1 port 22 ssh2: RSA SHA256:abc, client user "y", client host "z"',
    'invalid user root',
    ' from ',
    ': from : ssh2',
    '"',
  ];
  for (const name of names) {
    const event = eventOf(`Failed password for invalid user ${name} from 6.6.6.6 port 666 ssh2`);
    assert.deepEqual([event.account_id, event.actor?.ip, event.details.port], [name, '6.6.6.6', 666]);
    const probe = eventOf(`Invalid user ${name} from 6.6.6.6 port 666`);
    assert.deepEqual([probe.account_id, probe.actor?.ip, probe.details.port], [name, '6.6.6.6', 666]);
    const old = eventOf(`Invalid user ${name} from 6.6.6.6`);
    assert.deepEqual([old.account_id, old.actor?.ip, old.details.port], [name, '6.6.6.6', undefined]);
    const many = eventOf(
      `error: maximum authentication attempts exceeded for invalid user ${name} from 6.6.6.6 port 666 ssh2 [preauth]`,
    );
    assert.deepEqual([many.account_id, many.actor?.ip], [name, '6.6.6.6']);
    const closed = eventOf(`Connection closed by invalid user ${name} 6.6.6.6 port 666 [preauth]`);
    assert.deepEqual([closed.account_id, closed.actor?.ip], [name, '6.6.6.6']);
  }
  const hostbased =
    'Failed hostbased for u from 6.6.6.6 port 6 ssh2: RSA SHA256:a, client user "v from 1.1.1.1 port 1 ssh2: R", client host "h"';
  assert.deepEqual([eventOf(hostbased).account_id, eventOf(hostbased).actor?.ip], ['u', '6.6.6.6']);
});

test('a repeated message stands for that many events', () => {
  const events = eventsOf(decode('message repeated 5 times: [ Failed password for root from 1.2.3.4 port 22 ssh2]'));
  assert.equal(events.length, 5);
  for (const event of events) assert.deepEqual([event.account_id, event.auth?.result], ['root', 'fail']);
  assert.equal(decode('message repeated 2 times: [ PAM service(sshd) ignoring max retries; 6 > 3]').kind, 'skipped');
  const absurd = decode('message repeated 999999 times: [ Failed password for root from 1.2.3.4 port 22 ssh2]');
  assert.equal(absurd.kind, 'rejected');
});

test('other lines of sshd about an account have their own event types, so that logins stay exact', () => {
  const cases: [string, string, string][] = [
    ['Invalid user bob from 10.1.2.3 port 22', 'login_invalid_user', 'bob'],
    [
      'error: maximum authentication attempts exceeded for root from 10.1.2.3 port 1 ssh2 [preauth]',
      'login_attempts_exceeded',
      'root',
    ],
    ['Connection closed by authenticating user root 10.1.2.3 port 22 [preauth]', 'login_aborted', 'root'],
    ['Disconnected from invalid user  10.1.2.3 port 22 [preauth]', 'login_aborted', '(empty)'],
    ['Connection reset by invalid user a b 10.1.2.3 port 22 [preauth]', 'login_aborted', 'a b'],
    ['Disconnected from user root 10.1.2.3 port 22', 'session_disconnected', 'root'],
    ['pam_unix(sshd:session): session opened for user root by (uid=0)', 'session_new', 'root'],
    ['pam_unix(sshd:session): session opened for user root(uid=0) by root(uid=0)', 'session_new', 'root'],
    ['pam_unix(sshd:session): session closed for user root', 'session_end', 'root'],
  ];
  for (const [message, event_type, account_id] of cases) {
    const event = eventOf(message);
    assert.deepEqual([event.event_type, event.account_id, event.auth], [event_type, account_id, undefined]);
  }
});

test('lines that are no event are skipped, with the reason', () => {
  const noEvent = [
    'Connection closed by 10.1.2.3 port 22 [preauth]',
    'Received disconnect from 10.1.2.3 port 22:11: Bye Bye [preauth]',
    'PAM 5 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.1.2.3  user=root',
    'pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.1.2.3  user=root',
    'input_userauth_request: invalid user admin [preauth]',
    'Postponed publickey for root from 10.1.2.3 port 1 ssh2 [preauth]',
    'Server listening on :: port 22.',
    '',
  ];
  for (const message of noEvent) assert.deepEqual(decode(message), { kind: 'skipped', reason: 'no event' });
  const fail = 'Failed password for root from 10.1.2.3 port 1 ssh2';
  assert.deepEqual(decode(fail, 'notsshd[1]'), { kind: 'skipped', reason: 'other program' });
  assert.deepEqual(decode('x', 'sudo'), { kind: 'skipped', reason: 'other program' });
  const codec = sshdCodec({ year: 2026 });
  for (const line of ['', '   ', '\r']) {
    assert.deepEqual(codec.decode(Buffer.from(line)), { kind: 'skipped', reason: 'blank line' });
  }
  for (const line of ['-- Boot 4f0e --', 'Mar 27 13:06:56 host1 no program is named']) {
    assert.deepEqual(codec.decode(Buffer.from(line)), { kind: 'skipped', reason: 'other program' });
  }
});

test('the parts that OpenSSH 9.8 was split into are sshd too', () => {
  for (const program of ['sshd-session[5]', 'sshd-auth[5]', 'sshd']) {
    assert.equal(decode('Failed password for root from 10.1.2.3 port 1 ssh2', program).kind, 'events');
  }
});

test('what is not a syslog line is rejected with a message', () => {
  const codec = sshdCodec({ year: 2026 });
  const cases: [string | Uint8Array, RegExp][] = [
    ['garbage', /does not begin with a time and a host name/],
    ['{"timestamp":1}', /does not begin with a time/],
    ['Mar 32 13:06:56 host sshd[1]: x', /no such time: 'Mar 32 13:06:56 host sshd/],
    ['Mar 27 24:06:56 host sshd[1]: x', /no such time/],
    ['Feb 30 00:00:00 host sshd[1]: x', /no such time/],
    ['Feb 29 00:00:00 host sshd[1]: x', /no such time/],
    ['2026-02-29T00:00:00Z host sshd[1]: x', /no such time/],
    [
      Buffer.from('Mar 27 13:06:56 host sshd[1]: Failed password for \xff from 1.2.3.4 port 1 ssh2', 'latin1'),
      /not UTF-8/,
    ],
    [`Mar 27 13:06:56 host sshd[1]: ${'x'.repeat(5000)}`, /5000 characters/],
  ];
  for (const [line, message] of cases) {
    const result = codec.decode(Buffer.from(line as string));
    assert.equal(result.kind, 'rejected', String(line));
    assert.match((result as { message: string }).message, message);
  }
  const noYear = sshdCodec().decode(Buffer.from('Mar 27 13:06:56 host sshd[1]: x'));
  assert.match((noYear as { message: string }).message, /has no year: give it with --year/);
});

test('lines made to slow the patterns down end, and are judged like others', () => {
  const codec = sshdCodec({ year: 2026 });
  const head = 'Mar 27 13:06:56 host sshd[1]: ';
  const hostile: [string, string][] = [
    [`${head}Failed password for ${'x from 1 port 1: '.repeat(230)}"`, 'skipped'],
    [`${head}Failed password for ${'x from 1 port 1: '.repeat(20_000)}"`, 'rejected'],
    [`${head}Connection closed by invalid user ${'a '.repeat(2000)}`, 'skipped'],
    [`${head}pam_unix(sshd:session): session opened for user ${' by (uid=1)'.repeat(350)}\n`, 'events'],
    [`<1>1 2026-01-01T00:00:00Z h sshd 1 - ${'[a="'.repeat(60_000)}`, 'rejected'],
  ];
  for (const [line, kind] of hostile) assert.equal(codec.decode(Buffer.from(line)).kind, kind, line.slice(0, 60));
});
