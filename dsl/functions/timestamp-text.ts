const form = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|([+-])(\d{2}):?(\d{2}))$/;

/**
 * Epoch milliseconds of an ISO 8601 text with a zone (`2026-03-01T10:15:00.250+01:00`), or null. A text without a
 * zone is refused: nobody knows when it was. Digits behind the millisecond are cut.
 */
export function parseTimestamp(text: string): number | null {
  const match = form.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number);
  const second = Number(match[6] ?? 0);
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offsetHour = Number(match[10] ?? 0);
  const offsetMinute = Number(match[11] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute, second, millisecond);
  const offset_ms = (offsetHour * 60 + offsetMinute) * 60_000 * (match[9] === '-' ? -1 : 1);
  return date.getTime() - offset_ms;
}

/** ISO 8601 in UTC with milliseconds, or null outside of the range of a date. */
export function printTimestamp(timestamp_ms: number): string | null {
  const date = new Date(timestamp_ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
