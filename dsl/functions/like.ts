import { bounds } from './bounds.ts';
import { codePointsOf } from './code-points.ts';

const anyCodePoint = -1;
const percent = 0x25;
const underscore = 0x5f;
const backslash = 0x5c;

export type TextTest = (text: string) => boolean;

/** The pattern between its % signs: each segment is a list of code points, _ as anyCodePoint. */
function segmentsOf(pattern: string): number[][] {
  const points = codePointsOf(pattern);
  const segments: number[][] = [[]];
  for (let i = 0; i < points.length; i++) {
    const point = points[i];
    const segment = segments[segments.length - 1];
    if (point === backslash && i + 1 < points.length) segment.push(points[++i]);
    else if (point === percent) segments.push([]);
    else segment.push(point === underscore ? anyCodePoint : point);
  }
  return segments;
}

function matchesAt(text: readonly number[], at: number, segment: readonly number[]): boolean {
  for (let i = 0; i < segment.length; i++) {
    if (segment[i] !== anyCodePoint && segment[i] !== text[at + i]) return false;
  }
  return true;
}

/** Segments without _ are plain texts, which the runtime finds faster than a loop over code points does. */
function testPlain(segments: readonly string[]): TextTest {
  const first = segments[0];
  const last = segments[segments.length - 1];
  const middle = segments.slice(1, -1).filter((segment) => segment !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const segment of middle) {
      const found = text.indexOf(segment, at);
      if (found < 0 || found + segment.length > end) return false;
      at = found + segment.length;
    }
    return true;
  };
}

function testSegments(segments: readonly (readonly number[])[]): TextTest {
  const first = segments[0];
  const last = segments[segments.length - 1];
  return (text) => {
    const points = codePointsOf(text);
    const end = points.length - last.length;
    if (end < first.length || !matchesAt(points, 0, first) || !matchesAt(points, end, last)) return false;
    let at = first.length;
    for (let i = 1; i < segments.length - 1; i++) {
      const segment = segments[i];
      while (at + segment.length <= end && !matchesAt(points, at, segment)) at++;
      if (at + segment.length > end) return false;
      at += segment.length;
    }
    return true;
  };
}

/**
 * A LIKE pattern as a test: % is any text, _ one code point, \ takes the next code point as it is. Each segment
 * between two % is taken where it stands first, which is always right, so that nothing is ever tried again: the cost
 * is at most the length of the text times the length of the pattern, which is bounded (bounds.ts).
 */
export function compileLike(pattern: string): TextTest {
  const segments = segmentsOf(pattern);
  if (segments.some((segment) => segment.includes(anyCodePoint))) {
    if (segments.length > 1) return testSegments(segments);
    const only = segments[0];
    return (text) => {
      const points = codePointsOf(text);
      return points.length === only.length && matchesAt(points, 0, only);
    };
  }
  const texts = segments.map((segment) => segment.map((point) => String.fromCodePoint(point)).join(''));
  return texts.length > 1 ? testPlain(texts) : (text) => text === texts[0];
}

/** Says what is wrong with a LIKE pattern, or null. */
export function checkLike(pattern: string): string | null {
  if (pattern.length > bounds.pattern_units) {
    return `the pattern has ${pattern.length} characters, at most ${bounds.pattern_units} are allowed`;
  }
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0;
  return trailing % 2 === 1 ? 'the pattern ends with a backslash, which escapes nothing; write \\\\ for one' : null;
}
