/** 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what ISO 8601 writes with four digits. */
const first_ms = -62_135_596_800_000;
const last_ms = 253_402_300_799_999;
const day_ms = 86_400_000;
const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/**
 * Epoch milliseconds of an ISO 8601 text with a zone (`2026-03-01T10:15:00.250+01:00`, also `Z` and `+0100`), or of a
 * whole number of epoch milliseconds; null for anything else. Digits behind the millisecond are cut, never rounded up
 * into a time that has not come. A text without a zone is refused (nobody knows when it was), and so is a leap second:
 * epoch time has no place for it. The result lies in the years 0001 to 9999.
 */
export function parseTimestamp(value: unknown): number | null {
  if (typeof value === 'string') return parseText(value);
  if (typeof value !== 'number' || !Number.isInteger(value)) return null;
  return value >= first_ms && value <= last_ms ? value + 0 : null;
}

/** Whether the text is a date and time that lacks nothing but its zone: the commonest mistake deserves its own hint. */
export function lacksOnlyZone(text: string): boolean {
  return parseText(text) === null && parseText(`${text}Z`) !== null;
}

function parseText(text: string): number | null {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  if (!separatorsAreRight(text) || hour < 0 || minute < 0 || second < 0) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const days = daysSinceEpoch(year, month, day);
  if (Number.isNaN(days)) return null;
  let at = 19;
  let millisecond = 0;
  if (text[at] === '.') {
    const end = endOfDigits(text, ++at);
    if (end === at || end - at > 9) return null;
    for (let i = at, unit = 100; i < Math.min(end, at + 3); i++, unit /= 10) millisecond += digits(text, i, 1) * unit;
    at = end;
  }
  const offset_minutes = zone(text, at);
  if (Number.isNaN(offset_minutes)) return null;
  const time = days * day_ms + ((hour * 60 + minute - offset_minutes) * 60 + second) * 1000 + millisecond;
  return time >= first_ms && time <= last_ms ? time : null;
}

function separatorsAreRight(text: string): boolean {
  const between = text[10];
  return (
    (between === 'T' || between === 't' || between === ' ') &&
    text[4] === '-' &&
    text[7] === '-' &&
    text[13] === ':' &&
    text[16] === ':'
  );
}

/** The number of `count` ASCII digits at `at`; -1 when one of them is none. */
function digits(text: string, at: number, count: number): number {
  let number = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    // Behind the end of the text charCodeAt is NaN, for which no comparison is true.
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (digits(text, at, 1) >= 0) at++;
  return at;
}

/** Minutes east of UTC of the zone that fills the rest of the text; NaN when there is none. */
function zone(text: string, at: number): number {
  const sign = text[at];
  if (sign === 'Z' || sign === 'z') return text.length === at + 1 ? 0 : Number.NaN;
  if (sign !== '+' && sign !== '-') return Number.NaN;
  const colon = text[at + 3] === ':' ? 1 : 0;
  const hour = digits(text, at + 1, 2);
  const minute = digits(text, at + 3 + colon, 2);
  if (text.length !== at + 5 + colon || hour < 0 || hour > 23 || minute < 0 || minute > 59) return Number.NaN;
  return (sign === '-' ? -1 : 1) * (hour * 60 + minute);
}

/** Days from 1970-01-01 to a date of the Gregorian calendar; NaN for a date that does not exist. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  if (year < 0 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = daysBeforeMonth[month] - daysBeforeMonth[month - 1] + (leap && month === 2 ? 1 : 0);
  if (day > length) return Number.NaN;
  // 719528 days lie between 0000-01-01 and 1970-01-01; year 0 is itself a leap year, which the ceilings count.
  const leapDays = Math.ceil(year / 4) - Math.ceil(year / 100) + Math.ceil(year / 400);
  return year * 365 + leapDays + daysBeforeMonth[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1 - 719_528;
}
