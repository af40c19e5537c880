import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecs } from '../../../../connectors/codecs/registry.ts';
import { at, briefly, eventsOf, refusedOf } from './events-of.ts';

test('github: an owner is added by another one, with everything that the event has', () => {
  const added = {
    ...{ '@timestamp': at.ms, _document_id: 'd1', action: 'business.add_admin', actor: 'cat', user: 'bob' },
    ...{ actor_ip: '203.0.113.7', actor_location: { country_code: 'NL' }, user_agent: 'Mozilla/5.0' },
  };
  assert.deepEqual(eventsOf('github', added), [
    {
      ...{ timestamp: at.ms, platform: 'github', event_type: 'admin_role_granted', account_id: 'bob' },
      ...{ event_id: 'github:d1', actor: { id: 'cat', ip: '203.0.113.7', user_agent: 'Mozilla/5.0' } },
      geo: { country: 'NL' },
    },
  ]);
  const member = { ...added, action: 'org.update_member' };
  assert.deepEqual(briefly('github', { ...member, permission: 'admin' }), ['admin_role_granted', 'bob']);
  assert.deepEqual(briefly('github', { ...member, permission: 'read' }), ['role_granted', 'bob']);
  const off = { created_at: at.ms, action: 'org.disable_two_factor_requirement', actor: 'cat', org: 'acme' };
  assert.deepEqual(briefly('github', off), ['mfa_disabled', 'cat']);
  assert.deepEqual(briefly('github', { ...off, action: 'repo.create', actor: null }), ['github.repo.create', 'acme']);
});

test('google_workspace: an activity with several events, parameters by name', () => {
  const activity = {
    ...{
      kind: 'admin#reports#activity',
      ipAddress: '203.0.113.7',
      actor: { email: 'ann@example.com', profileId: '1' },
    },
    id: { time: at.iso, uniqueQualifier: '-77', applicationName: 'admin', customerId: 'C01' },
  };
  const role = [
    { name: 'ROLE_NAME', value: '_SEED_ADMIN_ROLE' },
    { name: 'USER_EMAIL', value: 'bob@example.com' },
  ];
  const events = [
    { type: 'DELEGATED_ADMIN_SETTINGS', name: 'ASSIGN_ROLE', parameters: role },
    { type: 'USER_SETTINGS', name: 'CHANGE_PASSWORD', parameters: [{ name: 'USER_EMAIL', value: 'eve@example.com' }] },
  ];
  const found = eventsOf('google_workspace', { ...activity, events });
  assert.deepEqual(
    found.map((event) => [event.event_type, event.account_id, event.event_id, event.timestamp]),
    [
      ['admin_role_granted', 'bob@example.com', 'google:-77:1', at.ms],
      ['password_reset', 'eve@example.com', 'google:-77:2', at.ms],
    ],
  );
  assert.deepEqual(found[0]?.actor, { id: 'ann@example.com', ip: '203.0.113.7' });
  const failure = [{ name: 'login_failure_type', value: 'login_failure_invalid_password' }];
  const login = { ...activity, events: [{ type: 'login', name: 'login_failure', parameters: failure }] };
  assert.deepEqual(eventsOf('google_workspace', login)[0]?.auth, { result: 'fail', failure: 'wrong_password' });
  const twice = { ...activity, events: [{ name: 'logout', parameters: [...failure, ...failure] }] };
  assert.deepEqual(refusedOf('google_workspace', twice), [
    [1, "parameters.USER_EMAIL: an object was expected before 'USER_EMAIL'"],
  ]);
});

test('google_workspace: a list that is no activity is rejected, a flattened export is one event', () => {
  const flat = {
    id: { time: at.iso, applicationName: 'login' },
    actor: { email: 'ann@example.com' },
    name: '2sv_disable',
  };
  assert.deepEqual(briefly('google_workspace', flat), ['mfa_disabled', 'ann@example.com']);
  assert.deepEqual(refusedOf('google_workspace', { ...flat, events: [3] }), [[1, 'the record is no JSON object']]);
});

test('onelogin: types are numbers, or their digits', () => {
  const event = {
    id: 9,
    created_at: at.iso,
    event_type_id: 6,
    user_id: 123,
    user_name: 'Bob Cat',
    ipaddr: '203.0.113.7',
  };
  assert.deepEqual(eventsOf('onelogin', { ...event, actor_user_id: 4 }), [
    {
      ...{ timestamp: at.ms, platform: 'onelogin', event_type: 'login', account_id: '123', event_id: 'onelogin:9' },
      ...{ actor: { id: '4', ip: '203.0.113.7' }, auth: { result: 'fail' } },
    },
  ]);
  assert.deepEqual(briefly('onelogin', { ...event, event_type_id: '5' }), ['login', '123', 'success']);
  const granted = { ...event, event_type_id: 72 };
  assert.deepEqual(briefly('onelogin', { ...granted, privilege_name: 'Super user' }), ['admin_role_granted', '123']);
  assert.deepEqual(briefly('onelogin', granted), ['role_granted', '123']);
  assert.deepEqual(briefly('onelogin', { ...event, event_type_id: 8 }), ['onelogin.8', '123']);
});

test('zendesk: roles and settings are read off the description', () => {
  const entry = {
    ...{ id: 1, actor_id: 7, source_id: 8, source_type: 'user', action: 'update', created_at: at.iso },
    ...{
      ip_address: '203.0.113.7',
      source_label: 'Bob',
      change_description: 'Role changed from Agent to Administrator',
    },
  };
  assert.deepEqual(briefly('zendesk', entry), ['admin_role_granted', '8']);
  const changed = (change_description: string) => briefly('zendesk', { ...entry, change_description })[0];
  assert.equal(
    changed('Guide role changed from not set to Agent\nTalk role changed from not set to Admin'),
    'admin_role_granted',
  );
  assert.equal(changed('Role changed from Administrator to Agent'), 'role_changed');
  assert.equal(changed('Phone changed'), 'zendesk.user.update');
  const setting = { ...entry, source_type: 'account_setting', source_label: 'Require Two Factor' };
  assert.deepEqual(briefly('zendesk', { ...setting, change_description: 'Disabled' }), ['mfa_disabled', '7']);
  assert.deepEqual(briefly('zendesk', { ...setting, change_description: 'Enabled' }), ['mfa_changed', '7']);
});

test('asana: an admin role is granted or taken away by its new value', () => {
  const event = {
    ...{ gid: '22', created_at: at.iso, event_type: 'user_workspace_admin_role_changed', event_category: 'roles' },
    ...{ actor: { actor_type: 'user', email: 'homer@example.com', gid: '1' }, context: { client_ip_address: '::1' } },
    resource: { resource_type: 'user', email: 'marge@example.com', gid: '2' },
  };
  const changed = (old_value: string, new_value: string) =>
    briefly('asana', { ...event, details: { old_value, new_value } });
  assert.deepEqual(changed('member', 'super_admin'), ['admin_role_granted', 'marge@example.com']);
  assert.deepEqual(changed('super_admin', 'member'), ['role_revoked', 'marge@example.com']);
  const created = { ...event, event_type: 'task_created', resource: { resource_type: 'task', gid: '3' } };
  assert.deepEqual(briefly('asana', created), ['asana.task_created', 'homer@example.com']);
});

test('aws_cloudtrail: sign-ins, calls to IAM about another user, and a file of records', () => {
  const userIdentity = { type: 'IAMUser', accountId: '123456789012', userName: 'ann', principalId: 'AIDA1' };
  const login = {
    ...{
      eventTime: at.iso,
      eventID: 'e1',
      eventName: 'ConsoleLogin',
      eventSource: 'signin.amazonaws.com',
      userIdentity,
    },
    ...{ sourceIPAddress: '203.0.113.7', userAgent: 'Mozilla', requestParameters: null },
    responseElements: { ConsoleLogin: 'Failure' },
  };
  assert.deepEqual(eventsOf('aws_cloudtrail', login), [
    {
      ...{ timestamp: at.ms, platform: 'aws', event_type: 'login', account_id: 'ann', event_id: 'aws:e1' },
      ...{ actor: { id: 'ann', ip: '203.0.113.7', user_agent: 'Mozilla' }, auth: { result: 'fail' } },
    },
  ]);
  const iam = {
    ...{ ...login, eventSource: 'iam.amazonaws.com', eventName: 'DeactivateMFADevice', responseElements: null },
    requestParameters: { userName: 'bob' },
  };
  assert.deepEqual(briefly('aws_cloudtrail', iam), ['mfa_disabled', 'bob']);
  const denied = { ...iam, errorCode: 'AccessDenied' };
  assert.deepEqual(briefly('aws_cloudtrail', denied), ['aws.DeactivateMFADevice', 'bob']);
  const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  const attached = { ...iam, eventName: 'AttachUserPolicy', requestParameters: { userName: 'bob', policyArn } };
  assert.deepEqual(briefly('aws_cloudtrail', attached), ['admin_role_granted', 'bob']);
  const root = { type: 'Root', arn: 'arn:aws:iam::123456789012:root', accountId: '123456789012' };
  assert.deepEqual(briefly('aws_cloudtrail', { ...login, userIdentity: root }), ['login', root.arn, 'fail']);
  assert.equal(eventsOf('aws_cloudtrail', { Records: [login, iam] }).length, 2);
});

test('box: a file is no account', () => {
  const event = {
    ...{
      event_id: 'b1',
      created_at: '2026-03-01T02:00:00-08:00',
      event_type: 'FAILED_LOGIN',
      ip_address: '203.0.113.7',
    },
    created_by: { type: 'user', id: '1', login: 'cat@example.com' },
  };
  const user = { type: 'user', id: '2', login: 'bob@example.com' };
  assert.equal(eventsOf('box', event)[0]?.timestamp, at.ms);
  assert.deepEqual(briefly('box', { ...event, source: user }), ['login', 'bob@example.com', 'fail']);
  const file = { type: 'file', id: '3', owned_by: user };
  const download = { ...event, event_type: 'DOWNLOAD', source: file };
  assert.deepEqual(briefly('box', download), ['file_download', 'cat@example.com']);
});

test('gcp_audit: a policy that changes is an event for each member', () => {
  const bindingDeltas = [
    { action: 'ADD', member: 'user:cat@example.com', role: 'roles/owner' },
    { action: 'ADD', member: 'serviceAccount:x@p.iam.gserviceaccount.com', role: 'roles/viewer' },
    { action: 'REMOVE', member: 'group:ops@example.com', role: 'roles/resourcemanager.organizationAdmin' },
  ];
  const protoPayload = {
    ...{ methodName: 'SetIamPolicy', authenticationInfo: { principalEmail: 'ann@example.com' } },
    ...{ requestMetadata: { callerIp: '203.0.113.7' }, serviceData: { policyDelta: { bindingDeltas } } },
  };
  const found = eventsOf('gcp_audit', { insertId: 'i', timestamp: at.iso, protoPayload });
  assert.deepEqual(
    found.map((event) => [event.event_type, event.account_id, event.event_id]),
    [
      ['admin_role_granted', 'cat@example.com', 'gcp:i:1'],
      ['role_granted', 'x@p.iam.gserviceaccount.com', 'gcp:i:2'],
      ['role_revoked', 'group:ops@example.com', 'gcp:i:3'],
    ],
  );
  assert.deepEqual(found[0]?.actor, { id: 'ann@example.com', ip: '203.0.113.7' });
  const call = { insertId: 'i', timestamp: at.iso, protoPayload: { ...protoPayload, serviceData: null } };
  assert.deepEqual(briefly('gcp_audit', call), ['gcp.SetIamPolicy', 'ann@example.com']);
});

test('onepassword: categories are outcomes', () => {
  const attempt = {
    ...{
      uuid: 'p1',
      session_uuid: 's1',
      timestamp: at.iso,
      category: 'credentials_failed',
      type: 'password_secret_bad',
    },
    ...{ country: 'US', target_user: { email: 'homer@example.com', uuid: 'u' }, client: { ip_address: '203.0.113.7' } },
    location: { country: 'US', city: 'Portland', latitude: 45.5, longitude: -122.6 },
  };
  assert.deepEqual(eventsOf('onepassword', attempt), [
    {
      ...{ timestamp: at.ms, platform: '1password', event_type: 'login', account_id: 'homer@example.com' },
      ...{ event_id: '1password:p1', session_id: 's1', actor: { id: 'homer@example.com', ip: '203.0.113.7' } },
      geo: { country: 'US', city: 'Portland', lat: 45.5, lon: -122.6 },
      auth: { result: 'fail', failure: 'wrong_password' },
    },
  ]);
  const outcome = (category: string) => briefly('onepassword', { ...attempt, category }).at(-1);
  assert.deepEqual(['success', 'mfa_failed', 'firewall_failed'].map(outcome), ['success', 'fail', 'denied']);
});

test('every vendor’s codec: a blank line is skipped; what is no such record is rejected with a reason; nothing throws', () => {
  const fields = ['id', 'name', 'action', 'actor', 'event_type', 'created_at', 'timestamp', 'target', 'userIdentity'];
  const more = ['eventName', 'protoPayload', 'Records', 'events', 'parameters', 'source', 'resource', 'event_type_id'];
  for (const entry of codecs.filter(({ name }) => name !== 'json' && name !== 'sshd')) {
    const codec = entry.create({});
    assert.equal(codec.decode(Buffer.from('  ')).kind, 'skipped');
    for (const text of ['{', '[]', '{}', '{"a":1,"a":2}', '["x"]', '['.repeat(999), '{"__proto__":{}}']) {
      const result = codec.decode(Buffer.from(text));
      assert.ok(result.kind === 'rejected' && result.message !== '', `${entry.name}: ${text}`);
    }
    for (const name of [...fields, ...more]) {
      for (const value of [null, true, 1.5, 'x', [], [1], [{}], {}, { type: 3 }, { email: [] }]) {
        const result = codec.decode(Buffer.from(JSON.stringify({ [name]: value })));
        // A list without records holds no event; everything else lacks a time at least, as does each record of a list.
        const isEmpty = Array.isArray(value) && value.length === 0;
        if (result.kind === 'skipped') assert.ok(isEmpty, `${entry.name}: ${name}`);
        else if (result.kind === 'events') assert.deepEqual([result.events, result.refused?.length], [[], 1]);
        else assert.equal(result.kind, 'rejected');
      }
    }
  }
});
