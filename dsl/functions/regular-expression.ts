import { RE2JS } from 're2js';
import { BoundedCache } from './bounded-cache.ts';
import { bounds } from './bounds.ts';
import { MatchProgram } from './match-program.ts';

/** A compiled expression, or what is wrong with it. */
type Compiled = { readonly expression: RE2JS; program: MatchProgram | null } | { readonly error: string };

/** What may hold {n} as text: quoted text, a code point, an escape, and a class with its escapes and its [:names:]. */
const notRepetition = /\\Q.*?(?:\\E|$)|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/gs;

/**
 * How many steps the repetitions of a pattern have at least, read off its text: each {n} or {n,m} writes out what it
 * repeats so often. Compiling comes to the same, and takes a quarter of a second for what a thousand characters can say.
 */
function leastSteps(pattern: string): number {
  const bare = pattern.replace(notRepetition, 'x');
  const times = [...bare.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) => Number(most || least));
  return times.filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
}

function tooLarge(steps: number, isExact: boolean): Compiled {
  return {
    error: `the pattern is too large: ${isExact ? '' : 'more than '}${steps} steps when its repetitions are written out, at most ${bounds.pattern_steps} are allowed; repetitions inside one another multiply, and .{0,100} counts 200`,
  };
}

/** Matching in linear time and looking around do not go together: what is written in place of it. Null: there is none. */
function lookAround(pattern: string): string | null {
  const [, group] = /(\(\?<?[=!])/.exec(pattern.replace(notRepetition, 'x')) ?? [];
  if (group === undefined) return null;
  const instead = group.endsWith('!')
    ? "ask for what must not be there in a condition of its own: x ~ 'a' AND NOT x ~ 'b'"
    : `match what stands ${group.includes('<') ? 'before' : 'behind'} it too, and take out the part with a group: regexp_extract(x, 'user=([a-z]+);')`;
  return `there is no look-${group.includes('<') ? 'behind' : 'ahead'} \`${group}\` in a pattern (RE2 syntax: no look-around, no back references); ${instead}`;
}

function compile(pattern: string): Compiled {
  if (pattern.length > bounds.pattern_units) {
    return { error: `the pattern has ${pattern.length} characters, at most ${bounds.pattern_units} are allowed` };
  }
  const least = leastSteps(pattern);
  if (least > bounds.pattern_steps) return tooLarge(least, false);
  try {
    const expression = RE2JS.compile(pattern);
    const size = expression.programSize();
    if (size <= bounds.pattern_steps) return { expression, program: null };
    return tooLarge(size, true);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const around = lookAround(pattern);
    if (around !== null) return { error: around };
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

/** The same as a graph for the search of all matches; null when the pattern is none. */
export function matchProgram(pattern: string): MatchProgram | null {
  const result = compiled.get(pattern);
  if ('error' in result) return null;
  result.program ??= new MatchProgram(result.expression);
  return result.program;
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
