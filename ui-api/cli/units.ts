/** Numbers and times as people read them. The locale is fixed: output does not change with the machine. */

const wholeNumbers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 7121 -> '7,121'. */
export function formatCount(count: number): string {
  return wholeNumbers.format(count);
}

/** (1, 'rule') -> '1 rule'; (2, 'rule') -> '2 rules'. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

/** 84 KB, 3.2 MB: powers of 1000, as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : formatCount(value)} ${units[unit]}`;
}

/** A span of time by its two largest units: '6 m 12 s', '24 days', '0.3 s', '12 ms'. */
export function formatDuration(duration_ms: number): string {
  const ms = Math.max(0, Math.round(duration_ms));
  if (ms < 100) return `${ms} ms`;
  if (ms < 60_000)
    return ms % 1000 === 0 || ms >= 10_000 ? `${Math.round(ms / 1000)} s` : `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoUnits(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
  return `${Math.round(minutes / 1440)} days`;
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Which zone times are shown in: the reader's own, or UTC with --utc. */
export type TimeZone = 'local' | 'utc';

/** '30 Mar 15:54:38', with the year where it is not the year of `now_ms` and a year helps; in the chosen zone. */
export function formatTime(time_ms: number, zone: TimeZone, parts: 'time' | 'day' | 'day-time' = 'day-time'): string {
  const options: Intl.DateTimeFormatOptions = { hour12: false, ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) };
  const date = new Date(time_ms);
  if (Number.isNaN(date.getTime())) return String(time_ms);
  const clock = (): string => date.toLocaleTimeString('en-GB', options);
  const day = (): string => date.toLocaleDateString('en-GB', { ...options, day: '2-digit', month: 'short' });
  if (parts === 'time') return clock();
  if (parts === 'day') return day();
  return `${day()} ${clock()}`;
}
