/**
 * Number of insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment),
 * or `limit + 1` when it is more than `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (row[j - 1] as number) + 1,
        (last[j] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] as number) + 1);
      }
      row.push(least);
    }
    before = last;
    last = row;
  }
  return Math.min(last[b.length] as number, limit + 1);
}

/** The nearest of the names, at most a third of the letters away; a dotted name also by its last part. */
export function nearest(written: string, names: Iterable<string>): string | null {
  // Longer words than this are not typing errors, and the comparison would be quadratic in hostile input.
  if (written.length > 80) return null;
  const word = written.toLowerCase();
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | null = null;
  let least = limit + 1;
  for (const name of names) {
    const candidate = name.toLowerCase();
    const last = candidate.slice(candidate.lastIndexOf('.') + 1);
    const distance = isPartOf(word, candidate, last) ? 0.5 : distanceTo(word, candidate, limit, least);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

/** Of `account_id` also to `account`, where that is nearer: people leave the `_id` away, and then mistype the rest. */
function distanceTo(word: string, candidate: string, limit: number, least: number): number {
  const whole = editDistance(word, candidate, limit);
  const stem = word.length >= 4 && candidate.endsWith('_id') ? candidate.slice(0, -3) : null;
  return Math.min(whole, stem === null ? least : editDistance(word, stem, limit) + 0.5, least);
}

/** `ip` for `actor.ip`, `account` for `account_id`. */
function isPartOf(word: string, candidate: string, last: string): boolean {
  return candidate !== word && (last === word || (word.length >= 4 && candidate.startsWith(`${word}_`)));
}

/** "did you mean `x`?", or nothing. */
export function didYouMean(written: string, names: Iterable<string>): string {
  const name = nearest(written, names);
  return name === null ? '' : `did you mean \`${name}\`?`;
}

/** "a, b, c, … (9 more)": as many names as fit into about a line. */
export function listOf(names: readonly string[], most = 16): string {
  const shown = names.slice(0, most).join(', ');
  return names.length <= most ? shown : `${shown}, … (${names.length - most} more)`;
}
