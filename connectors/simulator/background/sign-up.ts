import { type Draft, draft } from '../draft.ts';
import { originOf } from '../world/origins.ts';
import { type People, socialPlatforms } from '../world/people.ts';
import type { Random } from '../world/random.ts';

/** Somebody who has no account yet makes one, from home or on the way. */
export function signUp(people: People, time_ms: number, random: Random): Draft[] {
  const person = people.person(people.count + random.below(1_000_000));
  const platform = random.pick([...socialPlatforms, 'inhouse', 'google']);
  const account = { ...person.accounts[0], platform, account_id: people.pseudonym(platform, random.bits()) };
  const origin = originOf(person, time_ms, random);
  const mark = { attack: null, kind: origin.kind };
  return [
    draft(time_ms, 'account_created', account, origin, mark),
    draft(time_ms + 1500 + random.exponential(4000), 'session_new', account, origin, mark, {
      session_id: random.hex(24),
    }),
  ];
}
