import { isIP } from 'node:net';

/** What an sshd message says, in the terms of the normalised event (schema v1). */
export interface SshdMessage {
  readonly event_type: string;
  readonly account_id: string;
  /** An address, or a host name where sshd was told to look names up; null where the message has none. */
  readonly remote: string | null;
  readonly auth: { readonly method?: string; readonly result?: string; readonly failure?: string } | null;
  readonly details: { readonly [name: string]: string | number | boolean };
}

/**
 * A user name is chosen by the attacker: it may be empty, hold spaces, or imitate the rest of the line ("root from
 * 10.0.0.1 port 22 ssh2"). All patterns are therefore anchored at the end, where sshd writes what it knows itself, and
 * the name takes as much as it can: the last " from ADDRESS port N" of the line is sshd's own.
 */
const attempt =
  /^(Failed|Accepted) (\S+) for (invalid user )?(.*) from (\S+) port (\d{1,5})(?: ssh\d?)?(?:: ([^"]*))?$/s;
/** hostbased: the client's user name stands behind sshd's own words, in quotes, and may imitate them. */
const hostbasedTail = /, client user ".*$/s;
const invalidUser = /^(?:Invalid|Illegal) user (.*) from (\S+?)(?: port (\d{1,5}))?$/s;
const exceeded =
  /^(?:error: )?maximum authentication attempts exceeded for (invalid user )?(.*) from (\S+) port (\d{1,5})(?: ssh\d?)?(?: \[preauth\])?$/s;
const ended =
  /^(?:Disconnected from|Connection (?:closed|reset) by) (authenticating user|invalid user|user) (.*) (\S+) port (\d{1,5})( \[preauth\])?$/s;
const session = /^pam_unix\(sshd:session\): session (opened|closed) for user (.+?)(?:\(uid=\d+\))?(?: by .*)?$/s;
const keyExtra = /^(\S+) (\S+)/;

/** records.md wants an account on every event; an empty name cannot be one, so it is written like this. */
const EMPTY_NAME = '(empty)';

function account(name: string): string {
  return name === '' ? EMPTY_NAME : name;
}

function failureOf(method: string, isInvalid: boolean): string | null {
  if (isInvalid) return 'unknown_user';
  // A key that is not the right one is the normal course: clients offer all they have.
  return method === 'password' || method === 'keyboard-interactive' ? 'wrong_password' : null;
}

function loginOf(message: string): SshdMessage | null {
  const parts = attempt.exec(message) ?? attempt.exec(message.replace(hostbasedTail, ''));
  if (parts === null) return null;
  const [, word, methods, invalid, user, remote, port, extra] = parts as (string | undefined)[];
  const [method, submethod] = (methods as string).split('/', 2);
  const failure = word === 'Failed' ? failureOf(method, invalid !== undefined) : null;
  const key = extra === undefined ? null : keyExtra.exec(extra);
  return {
    event_type: 'login',
    account_id: account(user as string),
    remote: remote as string,
    auth: { method, result: word === 'Failed' ? 'fail' : 'success', ...(failure === null ? {} : { failure }) },
    details: {
      port: Number(port),
      ...(submethod === undefined ? {} : { submethod }),
      ...(key === null ? {} : { key_type: key[1], key_fingerprint: key[2] }),
    },
  };
}

function otherOf(message: string): SshdMessage | null {
  const invalid = invalidUser.exec(message) as (string | undefined)[] | null;
  if (invalid !== null) {
    const details: { port?: number } = invalid[3] === undefined ? {} : { port: Number(invalid[3]) };
    const account_id = account(invalid[1] as string);
    return { event_type: 'login_invalid_user', account_id, remote: invalid[2] as string, auth: null, details };
  }
  const many = exceeded.exec(message) as (string | undefined)[] | null;
  if (many !== null) {
    const [, unknown, user, remote, port] = many;
    const details = { port: Number(port), invalid_user: unknown !== undefined };
    const account_id = account(user as string);
    return { event_type: 'login_attempts_exceeded', account_id, remote: remote as string, auth: null, details };
  }
  const end = ended.exec(message) as (string | undefined)[] | null;
  if (end !== null) {
    const [, who, user, remote, port] = end;
    const event_type = who === 'user' ? 'session_disconnected' : 'login_aborted';
    const details = { port: Number(port), invalid_user: who === 'invalid user' };
    return { event_type, account_id: account(user as string), remote: remote as string, auth: null, details };
  }
  const pam = session.exec(message);
  if (pam === null) return null;
  const event_type = pam[1] === 'opened' ? 'session_new' : 'session_end';
  return { event_type, account_id: pam[2], remote: null, auth: null, details: {} };
}

/** The event that a message of sshd stands for, or null for one that is no event of an account. */
export function parseMessage(message: string): SshdMessage | null {
  return loginOf(message) ?? otherOf(message);
}

const repeated = /^message repeated (\d{1,6}) times: \[ ?(.*)\]$/s;

/** rsyslog joins equal messages: "message repeated 5 times: [ Failed ... ]" stands for five more. */
export function unfoldRepeats(message: string): { readonly message: string; readonly times: number } {
  const parts = repeated.exec(message);
  return parts === null ? { message, times: 1 } : { message: parts[2], times: Number(parts[1]) };
}

/** Whether a remote party is an IP address (an IPv6 zone such as %eth0 aside) and not a host name. */
export function isAddress(remote: string): boolean {
  return isIP(remote.split('%', 1)[0]) !== 0;
}
