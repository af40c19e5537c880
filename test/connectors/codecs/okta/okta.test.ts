import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oktaCodec } from '../../../../connectors/codecs/okta/okta.ts';

const login = {
  ...{ uuid: 'u1', published: '2026-03-01T10:00:00.250Z', eventType: 'user.session.start' },
  ...{ actor: { id: '00u1', alternateId: 'ann@example.com' }, client: { ipAddress: '203.0.113.7' } },
  outcome: { result: 'FAILURE', reason: 'VERIFICATION_ERROR' },
};
const decode = (event: unknown) => oktaCodec().decode(Buffer.from(JSON.stringify(event)));

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
        ...{ actor: { id: '00u1', ip: '203.0.113.7' }, auth: { result: 'fail' }, details: login },
      },
    ],
  });
});

test('okta: a factor taken away is mfa_disabled, the own reset is not', () => {
  const away = { ...login, eventType: 'user.mfa.factor.deactivate', outcome: { result: 'SUCCESS' } };
  assert.equal(typeOf(away), 'mfa_disabled');
  assert.equal(typeOf({ ...away, eventType: undefined, eventtype: away.eventType }), 'mfa_disabled');
  const own = { result: 'SUCCESS', reason: 'User reset FIDO_WEBAUTHN factor' };
  assert.equal(typeOf({ ...away, outcome: own }), 'okta.user.mfa.factor.deactivate');
  assert.equal(typeOf({ ...away, eventType: 'user.mfa.factor.update' }), 'okta.user.mfa.factor.update');
});

test('okta: a field of whatever type, or absent, gives an event or a rejection with a reason', () => {
  for (const name of Object.keys(login)) {
    for (const value of [undefined, null, 1, true, [], [[]], {}, 'x', '']) {
      const result = decode({ ...login, [name]: value });
      assert.ok(result.kind === 'events' || (result.kind === 'rejected' && result.message !== ''), name);
    }
  }
  for (const text of ['{', '[]', '{"a":1,"a":2}', '['.repeat(9999), '{"__proto__":{"eventType":"x"}}']) {
    assert.equal(oktaCodec().decode(Buffer.from(text)).kind, 'rejected', text);
  }
});
