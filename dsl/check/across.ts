import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { Reporter } from '../diagnostics/diagnostic.ts';
import type { Checked, CheckedOperator, CheckedStream } from './checked.ts';
import { ofTenants } from './tune.ts';

/**
 * ACROSS TENANTS: the rule sees the events of those tenants that share (CREATE STREAM … SHARING TENANTS) and of no
 * other, and groups them together. Nobody shares without being asked: without that setting the rule is refused.
 */
export function applyAcross(operators: CheckedOperator[], stream: CheckedStream, diagnostics: Diagnostic[]): void {
  operators.forEach((operator, i) => {
    const { across, select, path, tunes } = operator;
    if (across === null) return;
    const reporter = new Reporter(path, diagnostics);
    const refused = (message: string, label: string, hints: readonly string[] = []) =>
      reporter.error({ code: 'W0227', span: across, message, label, hints });
    const { sharing = [] } = stream;
    if (select.window === null) {
      refused('ACROSS TENANTS is for rules with a WINDOW', 'an event by itself has one tenant');
    } else if (tunes.length > 0) {
      refused('a rule ACROSS TENANTS cannot be tuned for some of them', 'their events stand in one group');
    } else if (sharing.length < 2) {
      refused(
        'ACROSS TENANTS needs tenants that share',
        sharing.length === 0
          ? 'no tenant lets its events be seen together with those of others'
          : 'one alone shares with nobody',
        [
          "say which agreed to it: CREATE STREAM events … SHARING TENANTS 'shop', 'bank'",
          'where none did, leave the rule out: of the shipped packs only rules/tenants needs it',
        ],
      );
    } else operators[i] = { ...operator, select: { ...select, where: among(sharing, select.where, across) } };
  });
}

function among(tenants: readonly string[], where: Checked | null, span: Checked['span']): Checked {
  const theirs = ofTenants(tenants, span);
  return where === null ? theirs : { kind: 'and', arguments: [theirs, where], type: 'bool', span };
}
