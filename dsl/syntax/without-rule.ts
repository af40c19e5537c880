import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.ts';
import { parse } from './parse.ts';

/**
 * The text of a rule file without one CREATE RULE, and without the comment right above it; '' where no statement is left.
 * null: the text does not declare the rule.
 */
export function withoutRule(text: string, rule: string): string | null {
  const diagnostics: Diagnostic[] = [];
  const { statements, unread } = parse({ path: '', text }, new Reporter('', diagnostics));
  const found = statements.find((one) => one.kind === 'rule' && one.name.text === rule);
  if (found === undefined) return null;
  if (statements.length === 1 && unread.length === 0) return '';
  const before = text.slice(0, found.span.offset).replace(/(?:(?:^|(?<=\n))[ \t]*--[^\n]*\n)+[ \t]*$/, '');
  // The semicolon is no part of the statement; the last one of a file may have none.
  const after = text.slice(found.span.offset + found.span.length).replace(/^(?:\s|--[^\n]*\n)*?;[ \t]*\n?/, '');
  return `${`${before.trimEnd()}\n\n${after.trimStart()}`.trim()}\n`;
}
