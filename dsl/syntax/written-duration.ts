/** Units as they are shortened elsewhere, and as they are written here. */
const units: ReadonlyMap<string, string> = new Map([
  ...['MS', 'MSEC', 'MILLIS', 'MILLISECOND'].map((word) => [word, 'MILLISECOND'] as const),
  ...['S', 'SEC', 'SECS', 'SECOND'].map((word) => [word, 'SECOND'] as const),
  ...['M', 'MIN', 'MINS', 'MINUTE'].map((word) => [word, 'MINUTE'] as const),
  ...['H', 'HR', 'HRS', 'HOUR'].map((word) => [word, 'HOUR'] as const),
  ...['D', 'DAY'].map((word) => [word, 'DAY'] as const),
  ...['W', 'WEEK'].map((word) => [word, 'WEEK'] as const),
]);

/** `30` and `m` as a rule writes it: `30 MINUTES`; null where the word is no unit of time. */
export function writtenDuration(number: string, word: string): string | null {
  const capitals = word.toUpperCase();
  const unit = units.get(capitals) ?? units.get(capitals.replace(/S$/, ''));
  if (unit === undefined) return null;
  return `${number} ${unit}${number === '1' ? '' : 'S'}`;
}

/** `'1 hour'`, the text of an INTERVAL with its unit in it, as a rule writes it; null where it is none. */
export function durationInText(image: string): string | null {
  const parts = /^'\s*(\d+)\s*([a-z]+)\s*'$/i.exec(image);
  return parts === null ? null : writtenDuration(parts[1] as string, parts[2] as string);
}
