import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { LookupActivation } from '../../engine/index.ts';
import { eventsOf } from './panther-events.ts';
import { type Mock, mockedLookups } from './panther-mocks.ts';
import { programOf, recordsOf, runLive, runSorted } from './runs.ts';
import { newScore, type Score } from './score.ts';

type Sample = { readonly [name: string]: unknown };

interface PublishedTest {
  name: string;
  expected_match: boolean;
  event: Sample;
  mocked_state?: Mock[];
}

interface PublishedRule {
  id: string;
  log_types: string[];
  threshold: number;
  tests: PublishedTest[];
}

const file = new URL('../../../shared/cases/panther/single_event_rules.json', import.meta.url);
const folder = new URL('panther/', import.meta.url);

/** What must be different from event to event where a rule counts different values: a path into the record. */
const varied: ReadonlyMap<string, string> = new Map([
  ['AWS.CloudTrail.PasswordSpraying', 'userIdentity.userName'],
  ['Azure.Audit.GraphSessionMultipleIPs', 'properties.ipAddress'],
  ['Auth0.SamePhone.MultipleUsers.MFA', 'data.user_id'],
  ['OneLogin.ActiveLoginActivity', 'user_id'],
  ['Snowflake.Stream.PasswordSpray', 'USER_NAME'],
  ['OpenAI.CredentialStuffing', 'actor.session.ip_address'],
]);

/** 'Okta.Login.Success' is rule okta_login_success. */
const nameOf = (id: string) => id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');

/** Each rule of the folder by name, with the declarations and the views of its file: what its program is compiled from. */
function readRules(): Map<string, string> {
  const declared = readFileSync(new URL('declared.sql', folder), 'utf8');
  const rules = new Map<string, string>();
  for (const path of readdirSync(folder).filter((path) => path.endsWith('.sql') && path !== 'declared.sql')) {
    const statements = readFileSync(new URL(path, folder), 'utf8').split(/^(?=CREATE )/m);
    const views = statements.filter((statement) => statement.startsWith('CREATE VIEW'));
    for (const statement of statements) {
      const name = /^CREATE RULE (\w+)/.exec(statement)?.[1];
      if (name !== undefined) rules.set(name, [declared, ...views, statement].join('\n'));
    }
  }
  return rules;
}

/** The value in its n-th variant: of an address the last number, of a number itself, of a text its end. */
function variant(value: unknown, n: number): unknown {
  if (typeof value === 'number') return value + n;
  const address = /^(\d+\.\d+\.\d+\.)(\d+)$/.exec(String(value));
  return address === null ? `${value}-${n}` : `${address[1]}${(Number(address[2]) + n) % 256}`;
}

/** The sample with another value at the path, or as it is where it has none there. */
function varyAt(sample: Sample, path: readonly string[], n: number): Sample {
  const [name, ...rest] = path as [string, ...string[]];
  const value = sample[name];
  if (value === undefined || value === null) return sample;
  return { ...sample, [name]: rest.length === 0 ? variant(value, n) : varyAt(value as Sample, rest, n) };
}

/** The peer's time of the event where it is one, else noon of a day. It writes UTC without saying so. */
function timeOf(sample: Sample): number {
  const time = Date.parse(`${String(sample.p_event_time).replace(/Z$/, '')}Z`);
  return Number.isNaN(time) ? Date.UTC(2026, 0, 1, 12) : time;
}

/** `times` events a second apart, as the codec of their source makes them; ids are dropped, for they are one event's. */
function repeated(rule: PublishedRule, { event }: PublishedTest, times: number): object[] {
  const log_type = String(event.p_log_type ?? rule.log_types[0]);
  const path = varied.get(rule.id)?.split('.');
  return Array.from({ length: times }, (_, i) => {
    const sample = path === undefined || times === 1 ? event : varyAt(event, path, i);
    const events = eventsOf(log_type, sample, timeOf(event) + i * 1000, 'always');
    return events.map((one) => ({ ...one, event_id: undefined }));
  }).flat();
}

/**
 * Why the rule does not answer a test as published, or null. Where the rule has a threshold the event of the test comes
 * so often, for the peer's tests are one event each: a match must then fire once, and not for one event less.
 */
function difference(rule: PublishedRule, published: PublishedTest, text: string): string | null {
  const compiled = programOf(`${text}\nCREATE RULE accepted AS SELECT account_id FROM events;`);
  if ('refusal' in compiled) throw new Error(compiled.refusal);
  const firings = (times: number): number => {
    const events = repeated(rule, published, times);
    const lookups: LookupActivation[] = mockedLookups(rule.id, events, published.mocked_state ?? []);
    const received_at = timeOf(published.event) + times * 1000;
    const records = recordsOf(rule.id, events, received_at);
    const sorted = runSorted(compiled.program, records, lookups);
    const live = runLive(compiled.program, records, lookups).detections;
    const accepted = sorted.filter((detection) => detection.rule === 'accepted').length;
    if (accepted !== events.length) throw new Error(`the door accepted ${accepted} of ${events.length} events`);
    if (live.length !== sorted.length) throw new Error(`${live.length} detections live, ${sorted.length} sorted`);
    return sorted.length - accepted;
  };
  const expected = published.expected_match ? 1 : 0;
  const fired = firings(rule.threshold);
  if (fired !== expected) return `expected ${expected} detections, got ${fired}`;
  if (rule.threshold === 1) return null;
  const below = firings(rule.threshold - 1);
  return below === 0 ? null : `got ${below} detections for one event less than the threshold`;
}

/** Panther's rules of one event about accounts, written in Weir SQL in panther/, on the events of their own tests. */
export function pantherRules(): Score | null {
  if (!existsSync(file)) return null;
  const { rules } = JSON.parse(readFileSync(file, 'utf8')) as { rules: PublishedRule[] };
  const texts = readRules();
  const score = newScore('panther', 'test of a rule');
  for (const rule of rules) {
    const text = texts.get(nameOf(rule.id));
    if (text === undefined) throw new Error(`panther/ has no rule ${nameOf(rule.id)}`);
    const compiled = programOf(text);
    if ('refusal' in compiled) {
      score.inexpressible += rule.tests.length;
      score.notes.push(`${rule.id}: inexpressible, ${compiled.refusal}`);
      continue;
    }
    for (const published of rule.tests) {
      const differs = difference(rule, published, text);
      if (differs === null) score.agree++;
      else {
        score.differ++;
        score.notes.push(`${rule.id}: ${published.name}: ${differs}`);
      }
    }
  }
  return score;
}
