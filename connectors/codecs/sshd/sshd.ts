import type { Codec, CodecResult } from '../../../engine/index.ts';
import { isAddress, parseMessage, type SshdMessage, unfoldRepeats } from './messages.ts';
import { type SyslogLine, type SyslogOptions, SyslogParser } from './syslog-line.ts';

/** OpenSSH 9.8 splits the daemon: what was logged by sshd is now logged by its parts. */
const programs = new Set(['sshd', 'sshd-session', 'sshd-auth']);

/** More than any syslog daemon joins; a line that claims more is not believed. */
const MOST_REPEATS = 10_000;

/** sshd's own messages end at 1 KiB. Longer text is not put before patterns that an attacker could make slow. */
const MESSAGE_LENGTH = 4096;

function toEvent(line: SyslogLine, message: SshdMessage): object {
  const { remote } = message;
  const ip = remote !== null && isAddress(remote) ? remote.split('%', 1)[0] : null;
  return {
    schema_version: 'v1',
    timestamp: new Date(line.timestamp).toISOString(),
    platform: 'sshd',
    event_type: message.event_type,
    account_id: message.account_id,
    ...(ip === null ? {} : { actor: { ip } }),
    ...(message.auth === null ? {} : { auth: message.auth }),
    details: {
      host: line.host,
      ...(line.pid === null ? {} : { pid: line.pid }),
      ...(remote !== null && ip === null ? { remote_host: remote } : {}),
      ...message.details,
    },
  };
}

function decodeText(text: string, parser: SyslogParser): CodecResult {
  if (text.trim() === '') return { kind: 'skipped', reason: 'blank line' };
  // journalctl's "-- Boot 4f0e... --" and "-- No entries --".
  if (text.startsWith('-- ')) return { kind: 'skipped', reason: 'other program' };
  const line = parser.parse(text);
  if (typeof line === 'string') return { kind: 'rejected', message: line };
  if (line.program === null || !programs.has(line.program)) return { kind: 'skipped', reason: 'other program' };
  if (line.message.length > MESSAGE_LENGTH) {
    return { kind: 'rejected', message: `a message of ${line.message.length} characters is longer than any of sshd's` };
  }
  const { message, times } = unfoldRepeats(line.message);
  const parsed = parseMessage(message);
  if (parsed === null) return { kind: 'skipped', reason: 'no event' };
  if (times > MOST_REPEATS) {
    return { kind: 'rejected', message: `'message repeated ${times} times' is more than the ${MOST_REPEATS} allowed` };
  }
  return { kind: 'events', events: Array<object>(times).fill(toEvent(line, parsed)) };
}

/**
 * Lines that OpenSSH's server writes to syslog, as normalised events of platform 'sshd' (README.md has the table).
 * One codec for one file: the year of classic times follows from line to line. A line that is not UTF-8 is rejected,
 * whichever program wrote it: sshd and rsyslog escape what is not text.
 */
export function sshdCodec(options: SyslogOptions = {}): Codec {
  const parser = new SyslogParser(options);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return {
    name: 'sshd',
    summary: 'syslog lines of OpenSSH: /var/log/auth.log, /var/log/secure, journalctl -u ssh',
    decode(line) {
      let text: string;
      try {
        text = decoder.decode(line);
      } catch {
        return { kind: 'rejected', message: 'the line is not UTF-8' };
      }
      return decodeText(text, parser);
    },
  };
}
