/** What the clock of a zone shows and when it shows a beginning, from Intl alone and by looking at every quarter of an hour. */
const quarter_ms = 900_000;
/** No clock is turned back by more. */
const furthest_ms = 4 * 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** Offsets change at quarters of an hour only, in the years of the cases. */
function offsetAt(zone: string, instant: number): number {
  const quarter = Math.floor(instant / quarter_ms) * quarter_ms;
  const ofZone = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, ofZone);
  const known = ofZone.get(quarter);
  if (known !== undefined) return known;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const written = format.formatToParts(quarter).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(written) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  ofZone.set(quarter, offset);
  return offset;
}

/** What the clock shows, as if it were UTC. */
export const localAt = (zone: string, instant: number) => instant + offsetAt(zone, instant);

/** Whether the clock shows a multiple of `unit` shifted by `shift` at the instant, or leaps over one to it. */
function begins(zone: string, instant: number, unit: number, shift: number): boolean {
  const number = (local: number) => Math.floor((local - shift) / unit);
  const local = localAt(zone, instant);
  if ((local - shift) % unit !== 0) return number(localAt(zone, instant - 1)) < number(local);
  return !goesOn(zone, instant, local, unit, shift);
}

/** Whether the clock was turned back over what it shows, before it had shown all of the unit that begins with that, or another. */
function goesOn(zone: string, instant: number, local: number, unit: number, shift: number): boolean {
  for (let at = instant; at > instant - furthest_ms; at -= quarter_ms) {
    const before = localAt(zone, at - 1) + 1;
    if (before >= local + unit) return false;
    if (at < instant && localAt(zone, at) === local) return true;
    if (at < instant && (localAt(zone, at) - shift) % unit === 0) return false;
  }
  return false;
}

/** The last instant up to `instant` that begins a multiple of `unit`, which is one of quarters of an hour, and so is `shift`. */
export function beginningAt(zone: string, instant: number, unit: number, shift: number): number {
  let at = Math.floor(instant / quarter_ms) * quarter_ms;
  while (!begins(zone, at, unit, shift)) at -= quarter_ms;
  return at;
}

/** All instants in [from, to] that begin one. */
export function beginningsIn(zone: string, from: number, to: number, unit: number, shift: number): number[] {
  const all: number[] = [];
  for (let at = beginningAt(zone, from, unit, shift); at <= to; at += quarter_ms) {
    if (begins(zone, at, unit, shift)) all.push(at);
  }
  return all;
}
