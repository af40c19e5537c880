import { type AccountName, type Draft, draft, type EventParts, type Mark, type Origin } from '../draft.ts';
import type { People, Person } from '../world/people.ts';
import { socialPlatforms } from '../world/people.ts';
import type { Random } from '../world/random.ts';
import { type Acting, act } from './actions.ts';

/** What a visit begins with: nothing (a session that goes on), or a login. */
export type Opening = 'session' | 'login' | 'login_after_outage';

const minute_ms = 60_000;
const most_failures = 5;
/** Of the first mistakes so many are in the name, not in the password. */
const wrong_names = 0.12;

/** The events of one person's stay on a platform, in time order, the first at `from_ms` or later. */
export function visit(
  people: People,
  person: Person,
  account: AccountName,
  origin: Origin,
  from_ms: number,
  opening: Opening,
  random: Random,
): Draft[] {
  return new Visit(people, person, account, origin, from_ms, random).run(opening);
}

class Visit {
  readonly #people: People;
  readonly #person: Person;
  readonly #account: AccountName;
  readonly #origin: Origin;
  readonly #random: Random;
  readonly #mark: Mark;
  readonly #session_id: string;
  readonly #drafts: Draft[] = [];
  #time_ms: number;

  constructor(people: People, person: Person, account: AccountName, origin: Origin, from_ms: number, random: Random) {
    this.#people = people;
    this.#person = person;
    this.#account = account;
    this.#origin = origin;
    this.#random = random;
    this.#time_ms = from_ms;
    this.#mark = { attack: null, kind: origin.kind };
    this.#session_id = random.hex(24);
  }

  run(opening: Opening): Draft[] {
    const random = this.#random;
    if (opening !== 'session' && !this.#logIn(opening === 'login_after_outage')) return this.#drafts;
    if (opening === 'session') this.#add('token_refreshed');
    const acting = this.#acting();
    const actions = Math.floor(random.exponential(2.2));
    for (let i = 0; i < actions; i++) {
      this.#time_ms += 4000 + random.exponential(90_000);
      act(acting);
    }
    if (random.chance(0.12)) {
      this.#time_ms += random.exponential(5 * minute_ms);
      this.#add(random.chance(0.6) ? 'logout' : 'session_end');
    }
    return this.#drafts;
  }

  /** True when the person got in. */
  #logIn(wasCutOff: boolean): boolean {
    const { method, typo_rate, has_mfa } = this.#person;
    const random = this.#random;
    if (wasCutOff && random.chance(0.35)) this.#fail('timeout', 'expired');
    if (method === 'password') {
      let failures = 0;
      // Somebody who has mistyped once is unsure of the password.
      while (random.chance(failures === 0 ? typo_rate : 0.38)) {
        if (failures === 0 && random.chance(wrong_names)) this.#fail('fail', 'unknown_user', 'typo', this.#misspelt());
        else this.#fail('fail', 'wrong_password', 'typo');
        if (++failures === most_failures) {
          this.#fail('denied', 'locked', 'typo');
          return false;
        }
      }
      if (failures >= 2 && random.chance(0.4) && !this.#reset()) return false;
    }
    this.#add('login', { auth: { method, result: 'success' } });
    if (has_mfa && method === 'password') {
      this.#time_ms += 3000 + random.exponential(9000);
      this.#add('mfa_challenge', { auth: { method: random.chance(0.6) ? 'push' : 'totp', result: 'success' } });
    }
    this.#time_ms += 300 + random.exponential(600);
    this.#add('session_new');
    return true;
  }

  /** A name that nobody has. */
  #misspelt(): AccountName {
    const { platform } = this.#account;
    const account_id = this.#people.pseudonym(platform, 2 ** 30 + this.#random.below(2 ** 20));
    return { ...this.#account, account_id };
  }

  #fail(
    result: 'fail' | 'timeout' | 'denied',
    failure: string,
    kind = this.#origin.kind,
    account = this.#account,
  ): void {
    const parts = { auth: { method: this.#person.method, result, failure } };
    this.#drafts.push(draft(this.#time_ms, 'login', account, this.#origin, { attack: null, kind }, parts));
    this.#time_ms += 3000 + this.#random.exponential(9000);
  }

  /** Asks for a reset, sometimes twice because the mail is slow. False: gave up. */
  #reset(): boolean {
    const random = this.#random;
    this.#add('password_reset', { auth: { result: 'requested' } });
    if (random.chance(0.2)) {
      this.#time_ms += 40_000 + random.exponential(60_000);
      this.#add('password_reset', { auth: { result: 'requested' } });
    }
    if (random.chance(0.25)) return false;
    this.#time_ms += 45_000 + random.exponential(2 * minute_ms);
    this.#add('password_reset', { auth: { result: 'confirmed' } });
    this.#time_ms += 5000;
    return true;
  }

  #acting(): Acting {
    const account = this.#account;
    return {
      people: this.#people,
      account,
      isSocial: socialPlatforms.includes(account.platform),
      random: this.#random,
      changed_contact: false,
      add: (event_type, parts = {}, on = account, after_ms = 0) => {
        const own = on === account ? { session_id: this.#session_id, ...parts } : parts;
        const origin = after_ms > 0 ? null : this.#origin;
        this.#drafts.push(draft(this.#time_ms + after_ms, event_type, on, origin, this.#mark, own));
      },
    };
  }

  #add(event_type: string, parts: EventParts = {}): void {
    const session =
      event_type.startsWith('login') || event_type.startsWith('password') ? {} : { session_id: this.#session_id };
    this.#drafts.push(
      draft(this.#time_ms, event_type, this.#account, this.#origin, this.#mark, { ...session, ...parts }),
    );
  }
}
