import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mappedCodec } from '../../../../connectors/codecs/mapping/mapped-codec.ts';
import { okta } from '../../../../connectors/codecs/sources/okta.ts';

const login = {
  ...{ uuid: 'u1', published: '2026-03-01T10:00:00.250Z', eventType: 'user.session.start' },
  ...{ actor: { id: '00u1', alternateId: 'ann@example.com' }, client: { ipAddress: '203.0.113.7' } },
  outcome: { result: 'FAILURE', reason: 'VERIFICATION_ERROR' },
};
const decode = (event: unknown) => mappedCodec(okta).decode(Buffer.from(JSON.stringify(event)));

function typeOf(event: object): unknown {
  const result = decode(event);
  return result.kind === 'events' ? (result.events[0] as { event_type: string }).event_type : result;
}

test('okta: a failed login, whole', () => {
  assert.deepEqual(decode(login), {
    kind: 'events',
    events: [
      {
        ...{ schema_version: 'v1', timestamp: Date.UTC(2026, 2, 1, 10, 0, 0, 250), platform: 'okta' },
        ...{ event_type: 'login', account_id: 'ann@example.com', event_id: 'okta:u1' },
        ...{ actor: { id: 'ann@example.com', ip: '203.0.113.7' }, auth: { result: 'fail' }, details: login },
      },
    ],
  });
});

test('okta: a factor taken away is mfa_disabled, the own reset is not', () => {
  const away = { ...login, eventType: 'user.mfa.factor.deactivate', outcome: { result: 'SUCCESS' } };
  assert.equal(typeOf(away), 'mfa_disabled');
  assert.equal(typeOf({ ...away, eventType: undefined, eventtype: away.eventType }), 'mfa_disabled');
  const own = { result: 'SUCCESS', reason: 'User reset FIDO_WEBAUTHN factor' };
  assert.equal(typeOf({ ...away, outcome: own }), 'mfa_changed');
  assert.equal(typeOf({ ...away, eventType: 'user.mfa.factor.update' }), 'mfa_changed');
  assert.equal(typeOf({ ...away, eventType: 'user.risk.detect' }), 'okta.user.risk.detect');
});

test('okta: account_id is the user of target[], the actor is who did it; without a user it is the actor', () => {
  const reset = { ...login, eventType: 'user.account.reset_password', outcome: { result: 'SUCCESS' } };
  const of = (event: object) => {
    const result = decode(event);
    const { account_id, actor } = (result.kind === 'events' ? result.events[0] : {}) as {
      account_id?: string;
      actor?: { id: string };
    };
    return result.kind === 'events' ? [account_id, actor?.id] : result;
  };
  const user = { id: '00u2', alternateId: 'bob@example.com', type: 'User' };
  const factor = { id: 'f1', alternateId: 'unknown', type: 'AuthenticatorEnrollment' };
  assert.deepEqual(of({ ...reset, target: [factor, user] }), ['bob@example.com', 'ann@example.com']);
  assert.deepEqual(of({ ...reset, target: [{ ...user, alternateId: 'unknown' }] }), ['00u2', 'ann@example.com']);
  for (const target of [undefined, null, [], [factor]]) {
    assert.deepEqual(of({ ...login, target }), ['ann@example.com', 'ann@example.com']);
  }
  assert.deepEqual(of({ ...reset, target: [{ ...user, alternateId: true }] }), {
    ...{ kind: 'rejected', message: 'target: alternateId: a text was expected' },
  });
  assert.deepEqual(of({ ...reset, target: ['bob'] }), {
    ...{ kind: 'rejected', message: 'target: a list of objects was expected' },
  });
});

test('okta: an administrator is made', () => {
  const debugContext = { debugData: { privilegeGranted: 'Super administrator, Report administrator' } };
  const grant = { ...login, eventType: 'user.account.privilege.grant', outcome: { result: 'SUCCESS' }, debugContext };
  assert.equal(typeOf(grant), 'admin_role_granted');
  assert.equal(typeOf({ ...grant, debugContext: {} }), 'role_granted');
  assert.equal(typeOf({ ...grant, outcome: { result: 'FAILURE' } }), 'okta.user.account.privilege.grant');
});

test('okta: a field of whatever type, or absent, gives an event or a rejection with a reason', () => {
  for (const name of Object.keys(login)) {
    for (const value of [undefined, null, 1, true, [], [[]], {}, 'x', '']) {
      const result = decode({ ...login, [name]: value });
      assert.ok(result.kind === 'events' || (result.kind === 'rejected' && result.message !== ''), name);
    }
  }
  for (const text of ['{', '[]', '{"a":1,"a":2}', '['.repeat(9999), '{"__proto__":{"eventType":"x"}}']) {
    assert.equal(mappedCodec(okta).decode(Buffer.from(text)).kind, 'rejected', text);
  }
});
