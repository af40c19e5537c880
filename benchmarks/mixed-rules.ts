import type { PlainRule } from './plain-engine.ts';
import type { WorkloadEvent } from './workload.ts';

/** Ten rules of different shapes, each in Weir SQL and as the plain engine's hand-written form. */
export interface MixedRule {
  sql: string;
  plain: PlainRule;
}

const minute = 60_000;
const isFailedLogin = (e: WorkloadEvent) => e.event_type === 'login' && e.auth.result === 'fail';

function counting(
  name: string,
  where: [string, (e: WorkloadEvent) => boolean],
  key: [string, (e: WorkloadEvent) => string],
  window: ['SLIDING' | 'TUMBLING', number],
  least: number,
  distinct?: [string, (e: WorkloadEvent) => string],
): MixedRule {
  const count = distinct ? `count(DISTINCT ${distinct[0]})` : 'count(*)';
  return {
    sql: [
      `CREATE RULE ${name} AS SELECT ${key[0]} AS key_value, ${count} AS n FROM events WHERE ${where[0]}`,
      `GROUP BY ${key[0]} WINDOW ${window[0]} ${window[1]} MINUTES HAVING n >= ${least};`,
    ].join('\n'),
    plain: {
      ...{ name, where: where[1], key: key[1], least, size_ms: window[1] * minute },
      ...{ sliding: window[0] === 'SLIDING', distinct: distinct ? distinct[1] : null },
    },
  };
}

const failedLogin: [string, (e: WorkloadEvent) => boolean] = [
  "event_type = 'login' AND result = 'fail'",
  isFailedLogin,
];
const ofType = (type: string): [string, (e: WorkloadEvent) => boolean] => [
  `event_type = '${type}'`,
  (e) => e.event_type === type,
];
const byAccount: [string, (e: WorkloadEvent) => string] = ['account_id', (e) => e.account_id];
const byAddress: [string, (e: WorkloadEvent) => string] = ['actor.ip', (e) => e.actor.ip];
const byPlatform: [string, (e: WorkloadEvent) => string] = ['platform', (e) => e.platform];
const byCountry: [string, (e: WorkloadEvent) => string] = ['geo.country', (e) => e.geo.country];

export const mixedRules: readonly MixedRule[] = [
  counting('guessing', failedLogin, byAccount, ['SLIDING', 15], 10),
  counting('guessing_spread', failedLogin, byAccount, ['SLIDING', 15], 5, byAddress),
  counting('address_many_accounts', failedLogin, byAddress, ['SLIDING', 10], 20, byAccount),
  counting('address_failures', failedLogin, byAddress, ['SLIDING', 5], 30),
  counting('platform_failures', failedLogin, byPlatform, ['TUMBLING', 1], 5_000),
  counting('resets', ofType('password_reset'), byAccount, ['SLIDING', 60], 4),
  counting('challenges', ofType('mfa_challenge'), byAccount, ['TUMBLING', 5], 5),
  counting('countries', ofType('login'), byAccount, ['SLIDING', 60], 6, byCountry),
  counting('downloads', ofType('file_download'), byAddress, ['TUMBLING', 10], 10),
  counting('token_storm', ofType('token_refreshed'), byAccount, ['SLIDING', 5], 15),
];
