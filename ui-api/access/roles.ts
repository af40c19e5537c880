/**
 * What a token may do. A role holds nothing of another one: a token may have several.
 * sender: send events. reader: events, alerts, rules, runs. author: rules and runs. operator: runs, status, metrics, sending.
 * auditor: the audit, and what it speaks of (rules, runs).
 */
export const roles = ['sender', 'reader', 'author', 'operator', 'auditor'] as const;

export type Role = (typeof roles)[number];

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

/** Who asks: what the API and the audit know of a token. `id` names it without telling it. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The only tenant whose events and alerts it may send or see; null or absent: whichever it names. */
  readonly tenant?: string | null;
}

/** Roles that a token of one tenant may have: the others work on what is of all tenants. */
export const tenantRoles: readonly Role[] = ['sender', 'reader'];

/** A tenant that a token may be of: its name is a part of the names of partitions. */
export const tenantName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;
