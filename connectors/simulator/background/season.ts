/** How busy the world is, as a factor of its mean, and what happens on certain days of each week (UTC). */
const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;

/** A span of each week: day (0 is Monday), hour, and length in hours. */
function within(time_ms: number, day: number, hour: number, hours: number): boolean {
  // 1 January 1970 was a Thursday.
  const into_week = (((time_ms + 3 * day_ms) % (7 * day_ms)) + 7 * day_ms) % (7 * day_ms);
  const into = into_week - day * day_ms - hour * hour_ms;
  return into >= 0 && into < hours * hour_ms;
}

/** Day of the week from 0, Monday, in UTC. */
export function weekday(time_ms: number): number {
  return (((Math.floor(time_ms / day_ms) + 3) % 7) + 7) % 7;
}

/** The greatest that `season` can be. */
export const season_max = 1.5;

/** Daily and weekly season of the whole world: its people live in many zones, so the night is only half as busy. */
export function season(time_ms: number): number {
  const hour = (time_ms / hour_ms) % 24;
  const daily = 1 + 0.35 * Math.cos(((hour - 15) / 12) * Math.PI);
  return daily * (weekday(time_ms) >= 5 ? 0.7 : 1.1);
}

/** A product is launched on Wednesday evening: three times as many people log in. */
export function isLaunch(time_ms: number): boolean {
  return within(time_ms, 2, 17, 2);
}

/** A carrier is down on Friday morning; then its customers come back, all at once, with sessions that have expired. */
export function outage(time_ms: number): 'down' | 'coming_back' | null {
  if (within(time_ms, 4, 9, 0.75)) return 'down';
  return within(time_ms, 4, 9.75, 0.25) ? 'coming_back' : null;
}

/** Minutes in which the marketing team edits, from the start of an hour: Tuesday and Thursday afternoon. */
export function isMarketingHour(time_ms: number): boolean {
  return within(time_ms, 1, 14, 1) || within(time_ms, 3, 14, 1);
}
