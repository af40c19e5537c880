import { existsSync, readFileSync } from 'node:fs';
import type { Program } from '../../engine/index.ts';
import { eventsOf } from './panther-events.ts';
import { programOf, recordsOf, runSorted } from './runs.ts';
import { newScore, type Score } from './score.ts';

interface NormaliserCase {
  name: string;
  log_type: string;
  class: string;
  expected: boolean;
  event: { [name: string]: unknown };
}

const file = new URL('../../../shared/cases/panther/normaliser_cases.json', import.meta.url);

/** What the peer calls a class is a condition on normalised events here. */
const classes = `CREATE STREAM events;
CREATE RULE accepted AS SELECT account_id FROM events;
CREATE RULE FAILED_LOGIN AS SELECT account_id FROM events WHERE event_type = 'login' AND result IN ('fail', 'denied');
CREATE RULE MFA_DISABLED AS SELECT account_id FROM events WHERE event_type = 'mfa_disabled';
CREATE RULE ADMIN_ROLE_ASSIGNED AS SELECT account_id FROM events WHERE event_type = 'admin_role_granted';`;

const noon_ms = Date.UTC(2026, 0, 1, 12);

/** Where the peer's own answer contradicts its sample. */
const odd: ReadonlyMap<string, string> = new Map([
  ['Asana - Admin Added', 'named: the sample takes super_admin away (old_value super_admin, new_value member)'],
]);

/** Which of the classes the events of the case are, as the rules over them say. */
function classesOf(program: Program, { log_type, event }: NormaliserCase): Set<string> {
  const events = eventsOf(log_type, event, noon_ms, 'where absent');
  const fired = runSorted(program, recordsOf(log_type, events, noon_ms)).map(({ rule }) => rule);
  if (fired.filter((rule) => rule === 'accepted').length !== events.length) throw new Error('the door rejects it');
  return new Set(fired.filter((rule) => rule !== 'accepted'));
}

/** Panther's data models: raw records of ten platforms, and whether each is a failed login, a loss of MFA, a new admin. */
export function pantherNormaliser(): Score | null {
  if (!existsSync(file)) return null;
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: NormaliserCase[] };
  const score = newScore('normaliser', 'raw event of a platform');
  const compiled = programOf(classes);
  if ('refusal' in compiled) throw new Error(compiled.refusal);
  for (const one of cases) {
    try {
      const found = classesOf(compiled.program, one);
      if (found.has(one.class) === one.expected) score.agree++;
      else {
        score.differ++;
        const why = odd.get(one.name) ?? `got ${[...found].join(', ') || 'none of the classes'}`;
        score.notes.push(`${one.name}: ${one.class} expected ${one.expected}; ${why}`);
      }
    } catch (error) {
      score.refused++;
      score.notes.push(`${one.name}: refused, ${(error as Error).message}`);
    }
  }
  return score;
}
