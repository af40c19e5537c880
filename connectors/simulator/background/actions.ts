import type { AccountName, EventParts } from '../draft.ts';
import type { People } from '../world/people.ts';
import type { Random } from '../world/random.ts';

/** What an action needs to know, and how it adds events: of the own account, or of another one that it is done to. */
export interface Acting {
  readonly people: People;
  readonly account: AccountName;
  readonly isSocial: boolean;
  readonly random: Random;
  /** Within this visit. */
  changed_contact: boolean;
  /** `after_ms` > 0: the platform does it by itself, that much later. */
  add(event_type: string, parts?: EventParts, account?: AccountName, after_ms?: number): void;
}

const reportTypes = ['spam', 'abuse', 'impersonation', 'false_information'];
const quietChanges = ['profile_link', 'username', 'display_name', 'language'];

/** One thing that people do on a platform, by its usual share. */
export function act(acting: Acting): void {
  const share = acting.random.next();
  if (share < 0.35) acting.add('token_refreshed');
  else if (share < 0.37) changeAccount(acting);
  else if (acting.isSocial) actSocially(acting, share);
  else actAtWork(acting, share);
}

function actSocially(acting: Acting, share: number): void {
  const { random, add } = acting;
  if (share < 0.62) add('content_edited', { details: { post: random.hex(10) } });
  else if (share < 0.66) add('content_removed', { details: { post: random.hex(10) } });
  else if (share < 0.68) report(acting);
  else add('follow', { details: { target: random.hex(10) } });
}

function actAtWork({ random, add }: Acting, share: number): void {
  if (share < 0.75) add('file_download', { details: { bytes: Math.floor(random.exponential(400_000)) } });
  else if (share < 0.95) add('content_edited', { details: { document: random.hex(10) } });
  else if (share < 0.975) add('oauth_grant', { details: { scopes: ['profile', 'files.read'] } });
  else if (share < 0.985) add('api_key_created');
  else if (share < 0.993) add('mailbox_rule_changed');
  else add(random.chance(0.5) ? 'role_granted' : 'token_revoked');
}

/**
 * Mostly the harmless fields. After a change of contact the platform may rotate what it issued, at once or later; nobody
 * does it within the same two minutes.
 */
function changeAccount(acting: Acting): void {
  const { random, add } = acting;
  const isContact = random.chance(0.18);
  const field = isContact ? random.pick(['email', 'phone']) : random.pick(quietChanges);
  add('account_changed', { change: { field, from_hash: random.hex(16), to_hash: random.hex(16) } });
  if (isContact) {
    acting.changed_contact = true;
    if (random.chance(0.25)) add('token_rotated', {}, undefined, 150_000 + random.exponential(600_000));
    else if (random.chance(0.3)) add('token_rotated', {}, undefined, 1000 + random.exponential(15_000));
  } else if (!acting.changed_contact && random.chance(0.1))
    add('token_rotated', {}, undefined, 5000 + random.exponential(30_000));
}

/** Reports go to accounts that many see; a few have an effect. */
function report({ people, account, random, add }: Acting): void {
  const { accounts } = people.person(people.drawNumber(random));
  const target = accounts.find(({ platform }) => platform === account.platform);
  if (target === undefined || target.tenant_id !== account.tenant_id) return;
  const { account_id } = target;
  const reporter = { reporter_id: account.account_id, type: random.pick(reportTypes), target_account: account_id };
  add('policy_report', { report: reporter, actor_id: account.account_id }, target);
  if (random.chance(0.06))
    add('policy_flag', { details: { by: 'auto' } }, target, 60_000 + random.exponential(3_600_000));
}
