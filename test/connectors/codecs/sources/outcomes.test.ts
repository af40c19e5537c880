import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCodec } from '../../../../connectors/codecs/registry.ts';
import { at, briefly, eventsOf } from './events-of.ts';

const authOf = (format: string, record: { readonly [name: string]: unknown }) => eventsOf(format, record)[0]?.auth;

test('aws_cloudtrail: a name that does not exist is hidden; the root user’s own changes', () => {
  const base = { eventID: 'e', eventTime: at.iso, eventSource: 'signin.amazonaws.com' };
  const failed = (userName: string) => ({
    ...base,
    eventName: 'ConsoleLogin',
    userIdentity: { type: 'IAMUser', userName },
    responseElements: { ConsoleLogin: 'Failure' },
  });
  const hidden = failed('HIDDEN_DUE_TO_SECURITY_REASONS');
  assert.deepEqual(authOf('aws_cloudtrail', hidden), { result: 'fail', failure: 'unknown_user' });
  assert.deepEqual(authOf('aws_cloudtrail', failed('ann')), { result: 'fail' });
  const root = { type: 'Root', arn: 'arn:aws:iam::123456789012:root' };
  const byRoot = (eventName: string, outcome = 'Success') =>
    eventsOf('aws_cloudtrail', {
      ...base,
      eventName,
      userIdentity: root,
      responseElements: { [eventName]: outcome },
    })[0];
  assert.equal(byRoot('PasswordUpdated', 'Failure')?.event_type, 'aws.PasswordUpdated');
  assert.equal(byRoot('PasswordRecoveryRequested')?.event_type, 'password_reset');
  assert.deepEqual(byRoot('EmailUpdated')?.change, { field: 'email' });
  assert.deepEqual(byRoot('PasswordUpdated')?.change, { field: 'password' });
});

test('entra_id: an interrupt is no failure, Conditional Access denies, a second factor that failed is not the password', () => {
  const signIn = (errorCode: number) => ({
    time: at.iso,
    operationName: 'Sign-in activity',
    properties: { id: 'i', userPrincipalName: 'ann@example.com', status: { errorCode } },
  });
  const said = (errorCode: number) => briefly('entra_id', signIn(errorCode));
  for (const code of [50140, 50058, 65001]) assert.deepEqual(said(code), ['login', 'ann@example.com'], String(code));
  for (const code of [50072, 50158]) assert.deepEqual(said(code), ['mfa_challenge', 'ann@example.com'], String(code));
  for (const code of [53000, 530032]) assert.deepEqual(said(code), ['login', 'ann@example.com', 'denied']);
  assert.deepEqual(said(500121), ['mfa_challenge', 'ann@example.com', 'fail']);
  assert.deepEqual(authOf('entra_id', signIn(50144)), { result: 'fail', failure: 'expired' });
  assert.deepEqual(said(81010), ['login', 'ann@example.com', 'fail']);
  assert.deepEqual(findCodec('entra_id')?.create({}).lists, { key: 'records' });
});

test('okta: second factors and their outcomes, a locked account', () => {
  const of = (eventType: string, result: string, reason?: string) =>
    briefly('okta', {
      uuid: 'u',
      published: at.iso,
      eventType,
      outcome: { result, reason },
      actor: { alternateId: 'ann' },
    });
  const factor = 'user.authentication.auth_via_mfa';
  assert.deepEqual(of(factor, 'SUCCESS'), ['mfa_challenge', 'ann', 'success']);
  assert.deepEqual(of(factor, 'FAILURE'), ['mfa_challenge', 'ann', 'fail']);
  assert.deepEqual(of(factor, 'CHALLENGE'), ['mfa_challenge', 'ann']);
  assert.deepEqual(of('user.mfa.okta_verify.deny_push', 'SUCCESS'), ['mfa_challenge', 'ann', 'denied']);
  assert.deepEqual(of('system.push.send_factor_verify_push', 'SUCCESS'), ['mfa_challenge', 'ann']);
  assert.deepEqual(of('user.account.privilege.revoke', 'SUCCESS'), ['role_revoked', 'ann']);
  const locked = { uuid: 'u', published: at.iso, eventType: 'user.session.start', actor: { alternateId: 'ann' } };
  const outcome = { result: 'FAILURE', reason: 'LOCKED_OUT' };
  assert.deepEqual(authOf('okta', { ...locked, outcome }), { result: 'fail', failure: 'locked' });
});

test('duo: nobody answered, a wrong passcode, a locked user and a refusal are told apart', () => {
  const entry = { event_type: 'authentication', txid: 't', timestamp: at.s, user: { name: 'ann' }, result: 'denied' };
  const auth = (reason: string) => authOf('duo', { ...entry, reason });
  for (const reason of ['no_response', 'no_keys_pressed', 'call_timed_out'])
    assert.deepEqual(auth(reason), { result: 'timeout' }, reason);
  assert.deepEqual(auth('invalid_passcode'), { result: 'fail' });
  assert.deepEqual(auth('locked_out'), { result: 'denied', failure: 'locked' });
  assert.deepEqual(auth('user_cancelled'), { result: 'denied' });
});

test('google_workspace: a disabled account is denied; a challenge says how it ended', () => {
  const event = (name: string, parameter: string, value: string) => ({
    ...{ id: { time: at.iso, applicationName: 'login', uniqueQualifier: '1' }, actor: { email: 'ann@example.com' } },
    events: [{ name, parameters: [{ name: parameter, value }] }],
  });
  const failure = (type: string) => event('login_failure', 'login_failure_type', type);
  assert.deepEqual(authOf('google_workspace', failure('login_failure_account_disabled')), { result: 'denied' });
  assert.deepEqual(authOf('google_workspace', failure('login_failure_unknown')), { result: 'fail' });
  const challenge = (status: string) =>
    authOf('google_workspace', event('login_challenge', 'login_challenge_status', status));
  assert.deepEqual(
    [challenge('Challenge Passed.'), challenge('Challenge Failed.')],
    [{ result: 'success' }, { result: 'fail' }],
  );
});

test('onelogin: the form of its webhooks, whose times end in UTC', () => {
  const event = { uuid: 'd210', event_timestamp: '2026-03-01 10:00:00 UTC', event_type_id: 5, user_id: 7 };
  const [found] = eventsOf('onelogin', event);
  assert.deepEqual([found?.timestamp, found?.event_id, found?.event_type], [at.ms, 'onelogin:d210', 'login']);
});

test('asana, auth0, box, notion, onepassword: what was left as the vendor’s own name', () => {
  const role = (old_value: string, new_value: string) =>
    briefly('asana', {
      ...{ gid: 'g', created_at: at.iso, event_type: 'user_workspace_admin_role_changed' },
      ...{ resource: { resource_type: 'user', email: 'a@b' }, details: { old_value, new_value } },
    })[0];
  assert.equal(role('member', 'domain_admin'), 'admin_role_granted');
  assert.equal(role('super_admin', 'member'), 'role_revoked');
  assert.equal(role('super_admin', 'domain_admin'), 'role_changed');
  assert.equal(role('guest', 'member'), 'role_changed');
  const auth0 = (type: string) => authOf('auth0', { log_id: 'l', data: { date: at.iso, type, user_name: 'ann' } });
  assert.deepEqual(auth0('limit_sul'), { result: 'denied', failure: 'throttled' });
  assert.deepEqual(auth0('pwd_leak'), { result: 'denied' });
  assert.deepEqual(auth0('gd_recovery_failed'), { result: 'fail' });
  const box = (event_type: string) =>
    briefly('box', { event_type, event_id: 'e', created_at: at.iso, created_by: { login: 'a@b' } })[0];
  assert.equal(box('MULTI_FACTOR_AUTH_DISABLE'), 'mfa_disabled');
  const notion = (type: string) =>
    eventsOf('notion', { event: { id: 'n', timestamp: at.iso, type, actor: { person: { email: 'a@b' } } } })[0];
  assert.deepEqual(notion('user.settings.login_method.password_removed')?.change, { field: 'password' });
  assert.equal(notion('user.settings.login_method.mfa_totp_updated')?.event_type, 'mfa_changed');
  const attempt = { uuid: 'u', timestamp: at.iso, target_user: { email: 'a@b' }, category: 'mfa_failed' };
  assert.deepEqual(authOf('onepassword', { ...attempt, type: 'totp_timeout' }), { result: 'timeout' });
  assert.deepEqual(authOf('onepassword', { ...attempt, type: 'totp_bad' }), { result: 'fail' });
});
