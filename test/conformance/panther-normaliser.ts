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

/**
 * The one sample that contradicts its own answer: 'Admin Added' with super_admin as the old value and member as the new
 * one. Asana's documentation leaves no doubt which is which; with the two exchanged Weir must say what the peer says.
 */
const contradiction = 'Asana - Admin Added';

function turned(one: NormaliserCase): NormaliserCase {
  const { old_value, new_value, ...others } = one.event.details as { old_value: string; new_value: string };
  return { ...one, event: { ...one.event, details: { ...others, old_value: new_value, new_value: old_value } } };
}

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
        const isNamed = one.name === contradiction && classesOf(compiled.program, turned(one)).has(one.class);
        const why = isNamed ? 'named, the sample takes super_admin away: old_value super_admin, new_value member' : '';
        score.notes.push(
          `${one.name}: ${why || `${one.class} expected ${one.expected}, got ${[...found].join(', ')}`}`,
        );
      }
    } catch (error) {
      score.refused++;
      score.notes.push(`${one.name}: refused, ${(error as Error).message}`);
    }
  }
  return score;
}
