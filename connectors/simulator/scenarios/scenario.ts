import type { AccountName, Draft, Origin } from '../draft.ts';
import { type Device, drawDevice } from '../world/clients.ts';
import type { People, Person } from '../world/people.ts';
import type { Random } from '../world/random.ts';

/** Where and when an attack happens. */
export interface Stage {
  readonly people: People;
  readonly random: Random;
  /** Its first event comes then or soon after. */
  readonly from_ms: number;
}

/** What one attack does, and what counts as having found it. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** From the first event of an attack to its detection, in event time; null: there is nothing to find. */
  readonly found_within_ms: number | null;
  /** A detection counts as found in time only when its rule is at least so sure. */
  readonly least_confidence: number;
  /** What the rule language must have to say it, beside windows and joins: 'history' looks back for weeks. */
  readonly needs: 'windows and joins' | 'history';
  /** Background before the first event of the attack, and the length of the whole. */
  readonly lead_ms: number;
  readonly span_ms: number;
  /** Its events in time order, what only looks like it included (with attack null). */
  attack(stage: Stage): Iterable<Draft>;
}

export const minute_ms = 60_000;
export const hour_ms = 3_600_000;

/** The account of a person on a platform. */
export function accountOn(person: Person, platform: string): AccountName | undefined {
  return person.accounts.find((account) => account.platform === platform);
}

/** Somebody with an account on a platform of a tenant. */
export function drawAccount(
  { people, random }: Stage,
  tenant_id: string,
  platform: string,
): { person: Person; account: AccountName } {
  const isThere = (account: AccountName): boolean => account.platform === platform && account.tenant_id === tenant_id;
  const person = people.draw(random, ({ accounts }) => accounts.some(isThere));
  return { person, account: person.accounts.find(isThere) ?? person.accounts[0] };
}

/** A few devices that attackers work with, each many times. */
export function toolDevices(random: Random, count: number): Device[] {
  return Array.from({ length: count }, () => drawDevice(random, random.chance(0.5) ? 'phone' : 'desktop'));
}

export function withDevice(origin: Omit<Origin, 'device'>, device: Device): Origin {
  return { ...origin, device };
}
