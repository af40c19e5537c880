/** The known name that `name` is most likely a misspelling of, or null when none is near. */
export function closestName(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** The nearest known name as a whole, else those whose beginning is near: `acount` may mean `account_guessing`. */
export function closestNames(name: string, known: readonly string[]): readonly string[] {
  const closest = closestName(name, known);
  if (closest !== null) return [closest];
  // Of a few letters nearly every beginning is near.
  if (name.length < 4) return [];
  return known.filter((candidate) => closestName(name, [candidate.slice(0, name.length)]) !== null);
}

/** Levenshtein distance with swapped neighbours counted once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(last[j] + 1, row[j - 1] + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, before[j - 2] + 1);
      }
      row.push(distance);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
