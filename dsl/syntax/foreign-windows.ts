import type { IToken } from 'chevrotain';

/**
 * How other dialects call the windows; in Flink's HOP the advance comes first, in its CUMULATE the step: TUMBLING of the
 * whole length, which HAVING is asked of at each event.
 */
const kinds: ReadonlyMap<string, 'TUMBLING' | 'HOPPING' | 'SLIDING' | 'SESSION'> = new Map([
  ['TUMBLE', 'TUMBLING'],
  ['TUMBLING', 'TUMBLING'],
  ['CUMULATE', 'TUMBLING'],
  ['HOP', 'HOPPING'],
  ['HOPPING', 'HOPPING'],
  ['SLIDING', 'SLIDING'],
  ['SESSION', 'SESSION'],
]);

/**
 * The first window in another dialect's form from a token on (`TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '5' MINUTE)`,
 * `TUMBLING (SIZE 5 MINUTES)`, `HOP 5 MINUTES`) as it is written here, with its lengths; null: there is none.
 */
export function foreignWindow(tokens: readonly IToken[], from: number): string | null {
  const words = tokens.map(({ image }) => image.toUpperCase());
  for (let at = from; at < words.length; at++) {
    const kind = kinds.get(words[at] as string);
    if (kind === undefined) continue;
    const lengths = lengthsFrom(words, at + 1);
    const window = windowOf(kind, words[at] === 'HOP' || words[at] === 'CUMULATE' ? lengths.reverse() : lengths);
    if (window !== null) return window;
  }
  return null;
}

function windowOf(kind: string, [first, second]: readonly string[]): string | null {
  if (first === undefined) return null;
  if (kind === 'SESSION') return `WINDOW SESSION GAP ${first}`;
  if (kind !== 'HOPPING') return `WINDOW ${kind} ${first}`;
  return `WINDOW HOPPING ${first} ADVANCE BY ${second ?? '1 MINUTE'}`;
}

/** The lengths of time in the brackets that open here, or directly here. */
function lengthsFrom(words: readonly string[], from: number): string[] {
  const lengths: string[] = [];
  const isOpen = words[from] === '(';
  let depth = 0;
  for (let i = from; i < words.length; i++) {
    if (words[i] === '(') depth++;
    else if (words[i] === ')') depth--;
    if (isOpen ? depth === 0 : i > from + 2) break;
    const unit = /^(MILLISECOND|SECOND|MINUTE|HOUR|DAY|WEEK)S?$/.exec(words[i + 1] ?? '');
    const number = /^'?(\d+)'?$/.exec(words[i] as string);
    if (unit === null || number === null) continue;
    lengths.push(`${number[1]} ${unit[1]}${number[1] === '1' ? '' : 'S'}`);
  }
  return lengths;
}
