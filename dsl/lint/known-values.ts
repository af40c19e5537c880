import type { Checked, CheckedColumn } from '../check/checked.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { listOf, nearest } from '../diagnostics/suggest.ts';
import { partsOfChecked } from './parts.ts';

/** Values of the normalised event schema. The sets are open, so only a value that looks like one of them is doubted. */
const known: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'event_type',
    [
      ...['login', 'logout', 'session_new', 'session_end', 'token_refreshed', 'token_rotated', 'token_revoked'],
      ...['mfa_challenge', 'mfa_changed', 'password_reset', 'account_changed', 'account_created', 'role_granted'],
      ...['oauth_grant', 'api_key_created', 'file_download', 'mailbox_rule_changed', 'content_edited'],
      ...['content_removed', 'follow', 'policy_report', 'policy_flag', 'enforcement'],
      // What the codecs of vendors' audit logs say besides.
      ...['mfa_disabled', 'admin_role_granted', 'role_revoked', 'role_changed'],
    ],
  ],
  ['auth.result', ['success', 'fail', 'denied', 'timeout']],
]);

/** What other schemas say for the same. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ...['failed', 'failure', 'error', 'invalid'].map((word) => [word, 'fail'] as const),
  ...['ok', 'succeeded', 'successful'].map((word) => [word, 'success'] as const),
  ...['signin', 'sign_in', 'logon', 'user_login', 'authentication'].map((word) => [word, 'login'] as const),
]);

/** Comparisons of a field with a text that is not one of its known values and looks like one: `result = 'failed'`. */
export function misspelledValues(condition: Checked | null): Finding[] {
  if (condition === null) return [];
  return [...here(condition), ...partsOfChecked(condition).flatMap(misspelledValues)];
}

/** A column and the literals with which `=`, `<>` or IN compare it; null: it is no such comparison. */
export function valuesCompared(condition: Checked): {
  readonly column: CheckedColumn;
  readonly literals: readonly Extract<Checked, { kind: 'literal' }>[];
} | null {
  const [subject, ...others] =
    condition.kind === 'in'
      ? [condition.argument, ...condition.list]
      : condition.kind === 'call' && (condition.function === '=' || condition.function === '<>')
        ? condition.arguments
        : [];
  if (subject === undefined) return null;
  const [column, given] = subject.kind === 'column' ? [subject, others] : [others[0], [subject]];
  if (column?.kind !== 'column') return null;
  return { column, literals: given.flatMap((one) => (one.kind === 'literal' ? [one] : [])) };
}

function here(condition: Checked): Finding[] {
  const compared = valuesCompared(condition);
  const values = known.get(compared?.column.name ?? '');
  if (compared === null || values === undefined) return [];
  const { column, literals } = compared;
  return literals.flatMap((literal) => {
    if (typeof literal.value !== 'string' || values.includes(literal.value)) return [];
    const word = literal.value.toLowerCase();
    const synonym = synonyms.get(word);
    const meant = synonym !== undefined && values.includes(synonym) ? synonym : nearest(word, values);
    if (meant === null) return [];
    return [
      {
        code: 'W0305' as const,
        span: literal.span,
        message: `'${literal.value}' is a value that ${column.written} hardly ever has`,
        label: `did you mean '${meant}'?`,
        hints: [`known values of ${column.written}: ${listOf(values, 8)}`],
      },
    ];
  });
}
