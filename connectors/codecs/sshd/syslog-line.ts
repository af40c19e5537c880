import { TimeZone } from '../mapping/time-zone.ts';
import { ClassicYear, type YearOptions } from './classic-year.ts';

/** A syslog line in its parts. */
export interface SyslogLine {
  /** Epoch milliseconds; finer fractions are cut off. */
  readonly timestamp: number;
  readonly host: string;
  /** 'sshd'; null where the line names no program. */
  readonly program: string | null;
  readonly pid: number | null;
  readonly message: string;
}

export interface SyslogOptions extends YearOptions {
  /** IANA zone of times that have none; 'UTC' unless given. */
  readonly time_zone?: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const PRIORITY = '(?:<\\d{1,3}>)?';
/** 'Mar 27 13:06:56 host ', with 'Mar  7' or 'Mar 07'. */
const classic = new RegExp(`^${PRIORITY}([A-Z][a-z]{2}) ([ 0-3]?\\d) (\\d\\d):(\\d\\d):(\\d\\d) (\\S+) (.*)$`, 's');
const isoTime = '(\\d{4})-(\\d\\d)-(\\d\\d)[T ](\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?(Z|[+-]\\d\\d:?\\d\\d)?';
/** rsyslog's '2026-03-27T13:06:56.123456+00:00 host ', journalctl's short-iso. */
const iso = new RegExp(`^${PRIORITY}${isoTime} (\\S+) (.*)$`, 's');
/** RFC 5424: '<38>1 2026-03-27T13:06:56Z host sshd 1291 - - message', with structured data in brackets. */
const structured = new RegExp(
  `^<\\d{1,3}>1 ${isoTime} (\\S+) (\\S+) (\\S+) \\S+ (?:-|(?:\\[(?:[^"\\]]|"(?:[^"\\\\]|\\\\.)*")*\\])+)(?: \uFEFF?(.*))?$`,
  's',
);
const tag = /^([^\s[:]+)(?:\[(\d{1,10})\])?: ?(.*)$/s;

/** Milliseconds of the parts read as UTC, or null where there is no such day or time. A leap second is the next one. */
function utc(year: number, month: number, day: number, hour: number, minute: number, second: number): number | null {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return null;
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  if (time.getUTCDate() !== day) return null;
  return time.setUTCHours(hour, minute, second);
}

function zoneOffset(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Reads the three forms of syslog lines. One instance for one file: years of classic times follow from line to line. */
export class SyslogParser {
  readonly #zone: TimeZone;
  readonly #year: ClassicYear;

  constructor(options: SyslogOptions) {
    this.#zone = new TimeZone(options.time_zone ?? 'UTC');
    this.#year = new ClassicYear(options);
  }

  /** The parts of a line, or a sentence that says why it is none. */
  parse(line: string): SyslogLine | string {
    const short = classic.exec(line);
    if (short !== null) return this.#classicLine(line, short);
    const dated = iso.exec(line);
    if (dated !== null) {
      const timestamp = this.#isoTime(dated);
      return timestamp === null ? noSuchTime(line) : tagged(timestamp, dated[9], dated[10]);
    }
    const fields = structured.exec(line);
    if (fields === null) return 'not a syslog line: it does not begin with a time and a host name';
    const timestamp = this.#isoTime(fields);
    if (timestamp === null) return noSuchTime(line);
    const [host, program, pid, message] = fields.slice(9);
    return { timestamp, host, program, pid: /^\d{1,10}$/.test(pid) ? Number(pid) : null, message: message ?? '' };
  }

  #classicLine(line: string, parts: RegExpExecArray): SyslogLine | string {
    const month = MONTHS.indexOf(parts[1]) + 1;
    const [day, hour, minute, second] = parts.slice(2, 6).map(Number);
    // 2000 was a leap year: what is no time in it is none in any year.
    if (utc(2000, month, day, hour, minute, second) === null) return noSuchTime(line);
    if (!this.#year.isKnown) return 'the time of the line has no year: give it with --year';
    const timestamp = this.#year.place((year) => {
      const local = utc(year, month, day, hour, minute, second);
      return local === null ? null : this.#zone.toEpoch(local);
    });
    return timestamp === null
      ? `${noSuchTime(line)} in the year that --year makes it`
      : tagged(timestamp, parts[6], parts[7]);
  }

  #isoTime(parts: RegExpExecArray): number | null {
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
    const local = utc(year, month, day, hour, minute, second);
    if (local === null) return null;
    const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
    const zone = parts[8] as string | undefined;
    return (zone === undefined ? this.#zone.toEpoch(local) : local - zoneOffset(zone)) + milliseconds;
  }
}

function noSuchTime(line: string): string {
  return `there is no such time: '${line.slice(0, 25)}'`;
}

function tagged(timestamp: number, host: string, rest: string): SyslogLine {
  const parts = tag.exec(rest);
  if (parts === null) return { timestamp, host, program: null, pid: null, message: rest };
  const pid = parts[2] as string | undefined;
  return { timestamp, host, program: parts[1], pid: pid === undefined ? null : Number(pid), message: parts[3] };
}
