import { RE2JS } from 're2js';
import { BoundedCache } from './bounded-cache.ts';
import { bounds } from './bounds.ts';

/** A compiled expression, or what is wrong with it. */
type Compiled = { readonly expression: RE2JS } | { readonly error: string };

function compile(pattern: string): Compiled {
  if (pattern.length > bounds.pattern_units) {
    return { error: `the pattern has ${pattern.length} characters, at most ${bounds.pattern_units} are allowed` };
  }
  try {
    return { expression: RE2JS.compile(pattern) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      error: `${reason.replace(/^error parsing regexp: /, '')} (RE2 syntax: no look-around, no back references)`,
    };
  }
}

const compiled = new BoundedCache(compile);

/** The compiled form of a pattern in RE2 syntax, which matches in linear time; null when it is not one. */
export function regularExpression(pattern: string): RE2JS | null {
  const result = compiled.get(pattern);
  return 'expression' in result ? result.expression : null;
}

/** Says what is wrong with a pattern, or null. A pattern that is not a literal could come from an attacker. */
export function checkPattern(pattern: unknown): string | null {
  if (typeof pattern !== 'string') return "the pattern must be a literal text, such as '^svc_'";
  const result = compiled.get(pattern);
  return 'error' in result ? result.error : null;
}

/** The text of a group of the first match, or null. */
export function extractGroup(expression: RE2JS, text: string, group: number): string | null {
  if (group < 0 || group > expression.groupCount()) return null;
  const matcher = expression.matcher(text);
  return matcher.find() ? matcher.group(group) : null;
}

/** Every match replaced; \1 to \9 in the replacement are groups, \0 the match, \\ a backslash. */
export function replaceMatches(expression: RE2JS, text: string, replacement: string): string | null {
  const groups = expression.groupCount();
  const parts: string[] = [];
  const matcher = expression.matcher(text);
  let length = 0;
  let from = 0;
  const add = (part: string): void => {
    parts.push(part);
    length += part.length;
  };
  while (length <= bounds.text_units && matcher.find()) {
    add(text.slice(from, matcher.start()));
    add(
      replacement.replace(/\\([0-9\\])/g, (_, which: string) => {
        if (which === '\\') return '\\';
        return Number(which) <= groups ? (matcher.group(Number(which)) ?? '') : '';
      }),
    );
    from = matcher.end();
  }
  add(text.slice(from));
  return length > bounds.text_units ? null : parts.join('');
}
