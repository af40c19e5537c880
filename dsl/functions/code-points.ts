/** The code points of a text; an unpaired surrogate counts as one. */
export function codePointsOf(text: string): number[] {
  const points: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    points.push(point);
    if (point > 0xffff) i++;
  }
  return points;
}

/** How many code points a text has, without making a list of them. */
export function codePointCount(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    if ((text.codePointAt(i) as number) > 0xffff) i++;
    count++;
  }
  return count;
}

/** The code points from `start` up to but not including `end` (0-based), as text. */
export function sliceCodePoints(text: string, start: number, end: number): string {
  if (end <= Math.max(0, start)) return '';
  let at = 0;
  let from = start <= 0 ? 0 : -1;
  for (let i = 0; i < text.length; i++, at++) {
    if (at === start) from = i;
    if (at === end) return from < 0 ? '' : text.slice(from, i);
    if ((text.codePointAt(i) as number) > 0xffff) i++;
  }
  return from < 0 ? '' : text.slice(from);
}
