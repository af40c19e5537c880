import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, briefly, eventsOf } from './events-of.ts';

test('entra_id: a sign-in, whole; its error code says how it went', () => {
  const properties = {
    ...{
      id: 'e1',
      userPrincipalName: 'ann@example.com',
      ipAddress: '203.0.113.7',
      userAgent: 'curl/8',
      sessionId: 's1',
    },
    location: { countryOrRegion: 'NL', city: 'Delft', geoCoordinates: { latitude: 52, longitude: 4.36 } },
    status: { errorCode: 50126 },
  };
  const record = { time: at.iso, category: 'SignInLogs', operationName: 'Sign-in activity', properties };
  assert.deepEqual(eventsOf('entra_id', record), [
    {
      ...{ timestamp: at.ms, platform: 'entra', event_type: 'login', account_id: 'ann@example.com' },
      ...{ event_id: 'entra:e1', session_id: 's1' },
      actor: { id: 'ann@example.com', ip: '203.0.113.7', user_agent: 'curl/8' },
      geo: { country: 'NL', city: 'Delft', lat: 52, lon: 4.36 },
      auth: { result: 'fail', failure: 'wrong_password' },
    },
  ]);
  const how = (errorCode: number | null) => {
    const [event] = eventsOf('entra_id', { ...record, properties: { ...properties, status: { errorCode } } });
    return [event?.event_type, event?.auth];
  };
  assert.deepEqual(how(0), ['login', { result: 'success' }]);
  assert.deepEqual(how(50076), ['mfa_challenge', undefined]);
  assert.deepEqual(how(50053), ['login', { result: 'fail', failure: 'locked' }]);
  assert.deepEqual(how(53003), ['login', { result: 'denied' }]);
  assert.deepEqual(how(7000215), ['login', { result: 'fail' }]);
  assert.deepEqual(how(null), ['login', undefined]);
});

test('entra_id: an entry of the audit log is about its user, done by whoever began it', () => {
  const properties = {
    ...{ id: 'a1', initiatedBy: { user: { userPrincipalName: 'cat@example.com' } } },
    targetResources: [
      { type: 'Role', id: 'r' },
      { type: 'User', id: 'u', userPrincipalName: 'bob@example.com' },
    ],
  };
  const entry = { time: at.iso, category: 'AuditLogs', operationName: 'Add member to role', properties };
  const [event] = eventsOf('entra_id', entry);
  assert.deepEqual(
    [event?.event_type, event?.account_id, event?.actor],
    ['admin_role_granted', 'bob@example.com', { id: 'cat@example.com' }],
  );
  const named = { ...entry, operationName: 'Update device' };
  assert.deepEqual(briefly('entra_id', named), ['entra.Update device', 'bob@example.com']);
});

test('auth0: codes of one letter and more', () => {
  const data = { date: at.iso, type: 'fp', user_name: 'ann@example.com', user_id: 'auth0|1', ip: '203.0.113.7' };
  assert.deepEqual(eventsOf('auth0', { log_id: 'l1', data }), [
    {
      ...{ timestamp: at.ms, platform: 'auth0', event_type: 'login', account_id: 'ann@example.com' },
      ...{ event_id: 'auth0:l1', actor: { id: 'ann@example.com', ip: '203.0.113.7' } },
      auth: { result: 'fail', failure: 'wrong_password' },
    },
  ]);
  const of = (type: string) => briefly('auth0', { log_id: 'l1', data: { ...data, type } });
  assert.deepEqual(of('s'), ['login', 'ann@example.com', 'success']);
  assert.deepEqual(of('limit_wc'), ['login', 'ann@example.com', 'denied']);
  assert.deepEqual(of('gd_auth_rejected'), ['mfa_challenge', 'ann@example.com', 'denied']);
  assert.deepEqual(of('gd_unenroll'), ['mfa_disabled', 'ann@example.com']);
  assert.deepEqual(of('fsa'), ['auth0.fsa', 'ann@example.com']);
});

test('duo: a second factor, and what administrators do', () => {
  const push = {
    ...{ txid: 't1', timestamp: at.s, isotimestamp: '2026-03-01T10:00:00.351346+00:00', event_type: 'authentication' },
    ...{ factor: 'duo_push', result: 'denied', reason: 'user_cancelled', user: { name: 'ann', key: 'DU1' } },
    access_device: { ip: '203.0.113.7', location: { city: 'Delft', country: 'Netherlands' } },
  };
  assert.deepEqual(eventsOf('duo', push), [
    {
      ...{
        timestamp: at.ms + 351,
        platform: 'duo',
        event_type: 'mfa_challenge',
        account_id: 'ann',
        event_id: 'duo:t1',
      },
      ...{ actor: { id: 'ann', ip: '203.0.113.7' }, geo: { city: 'Delft' }, auth: { result: 'denied' } },
    },
  ]);
  assert.deepEqual(briefly('duo', { ...push, reason: 'no_response' }), ['mfa_challenge', 'ann', 'timeout']);
  assert.deepEqual(briefly('duo', { ...push, result: 'fraud' }), ['mfa_challenge', 'ann', 'denied']);
  const admin = { action: 'bypass_create', object: 'ann', username: 'Cat', timestamp: at.s };
  const [event] = eventsOf('duo', admin);
  assert.deepEqual([event?.timestamp, event?.account_id, event?.actor], [at.ms, 'ann', { id: 'Cat' }]);
  assert.deepEqual(briefly('duo', { ...admin, action: 'admin_lockout', object: null }), ['duo.admin_lockout', 'Cat']);
});

test('slack: times are seconds; a user among the entities is the account', () => {
  const entry = {
    ...{
      id: 'k1',
      date_create: at.s,
      action: 'role_change_to_admin',
      context: { ip_address: '203.0.113.7', ua: 'Slack' },
    },
    actor: { type: 'user', user: { id: 'W1', email: 'cat@example.com' } },
    entity: { type: 'user', user: { id: 'W2', email: 'bob@example.com' } },
  };
  assert.deepEqual(eventsOf('slack', entry), [
    {
      ...{ timestamp: at.ms, platform: 'slack', event_type: 'admin_role_granted', account_id: 'bob@example.com' },
      ...{ event_id: 'slack:k1', actor: { id: 'cat@example.com', ip: '203.0.113.7', user_agent: 'Slack' } },
    },
  ]);
  const login = { ...entry, action: 'user_login', entity: { type: 'workspace', workspace: { id: 'T1' } } };
  assert.deepEqual(briefly('slack', login), ['login', 'cat@example.com', 'success']);
});

test('notion: the event stands in event', () => {
  const event = {
    ...{ id: 'n1', timestamp: at.iso, type: 'user.login', ip_address: '203.0.113.7', workspace_id: 'w' },
    actor: { type: 'person', id: 'p1', person: { email: 'ann@example.com' } },
  };
  assert.deepEqual(briefly('notion', { event }), ['login', 'ann@example.com', 'success']);
  const bot = { ...event, type: 'page.viewed', actor: { type: 'bot', id: 'b1' } };
  assert.deepEqual(briefly('notion', { event: bot }), ['notion.page.viewed', 'b1']);
});
