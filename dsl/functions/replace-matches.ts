import { bounds } from './bounds.ts';
import type { MatchProgram } from './match-program.ts';
import { MatchScan } from './match-scan.ts';

/** A replacement taken apart: texts, and the numbers of groups. */
function partsOf(replacement: string): (string | number)[] {
  return replacement
    .split(/(\\[0-9\\])/)
    .filter((part) => part !== '')
    .map((part) => (/^\\[0-9]$/.test(part) ? Number(part[1]) : part === '\\\\' ? '\\' : part));
}

/**
 * Every match replaced; \1 to \9 in the replacement are groups, \0 the match, \\ a backslash. NULL where the result is
 * longer than a text may be, or the replacement longer than a pattern may be: it is gone through once for each match.
 */
export function replaceMatches(program: MatchProgram, text: string, replacement: string): string | null {
  if (replacement.length > bounds.pattern_units) return null;
  const replacements = partsOf(replacement);
  const matches = new MatchScan(program, text);
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const add = (part: string): void => {
    if (part === '') return;
    parts.push(part);
    length += part.length;
  };
  while (length <= bounds.text_units && matches.next()) {
    add(text.slice(from, matches.start()));
    for (const part of replacements) {
      if (typeof part === 'string') add(part);
      else if (part <= program.group_count && matches.start(part) >= 0) {
        add(text.slice(matches.start(part), matches.end(part)));
      }
    }
    from = matches.end();
  }
  add(text.slice(from));
  return length > bounds.text_units ? null : parts.join('');
}
