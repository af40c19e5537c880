import type { Reporter } from '../diagnostics/diagnostic.ts';
import type { LookupStatement, StreamStatement, Word } from '../syntax/tree.ts';
import type { CheckedLookup } from './checked.ts';
import { checkLookup } from './lookup.ts';

/** A statement that has a name: its kind as it is written of it, where the name stands, and in which file. */
export interface Named {
  /** With its article: 'a rule'. */
  readonly what: string;
  readonly name: Word;
  readonly reporter: Reporter;
}

/** The lookups of all files; null: wrong, and reported. `named` has where each of them stands. */
export interface DeclaredLookups {
  readonly lookups: Map<string, CheckedLookup | null>;
  readonly named: Map<string, Named>;
}

/**
 * Refuses a second statement of a name, and says where the other one stands.
 * @param kind what the second one is, without an article
 * @param other null: it stands in no file, or cannot be read; `what` says what it is then
 */
export function refuseTakenName(second: Named, kind: string, what: string, other: Named | null): void {
  const { name, reporter } = second;
  reporter.error({
    code: 'W0101',
    span: name.span,
    message: `there is already ${what} named ${name.text}`,
    label: `give this ${kind} another name`,
    hints: other === null ? [] : [standsAt(other)],
  });
}

/** "the other one stands in rules/a.rule.sql:9:13": file, line and column as terminals and editors open them. */
export function standsAt({ name, reporter }: Pick<Named, 'name' | 'reporter'>): string {
  return `the other one stands in ${reporter.placeOf(name.span)}`;
}

export function declareLookup(statement: LookupStatement, reporter: Reporter, declared: DeclaredLookups): void {
  const { name } = statement;
  const known = declared.named.get(name.text);
  const one = { what: 'a lookup', name, reporter };
  if (known !== undefined) {
    refuseTakenName(one, 'lookup', known.what, known);
    return;
  }
  declared.named.set(name.text, one);
  declared.lookups.set(name.text, checkLookup(statement, reporter));
}

export function refuseSecondStream({ name }: StreamStatement, reporter: Reporter, first: Named): void {
  reporter.error({
    code: 'W0101',
    span: name.span,
    message: 'a second CREATE STREAM',
    label: 'a set of rules has one stream; remove one of them',
    hints: [standsAt(first)],
  });
}
