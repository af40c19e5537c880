import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { originOf } from '../world/origins.ts';
import { socialPlatforms } from '../world/people.ts';
import { Random } from '../world/random.ts';
import type { BackgroundOptions } from './background.ts';
import { isMarketingHour } from './season.ts';

const hour_ms = 3_600_000;
const edits = 200;
const length_ms = 10 * 60_000;

/** A marketing team goes through its posts: 200 edits of one account in ten minutes, by four people of one office. */
export function* marketing({
  people,
  from_ms,
  to_ms,
  round,
}: Omit<BackgroundOptions, 'events_per_hour' | 'flat'>): Generator<Draft> {
  const random = Random.of(people.seed, 'marketing', round);
  const isSocial = ({ platform }: { platform: string }): boolean => socialPlatforms.includes(platform);
  const brand = people.draw(random, ({ number, accounts }) => people.isListed(number) && accounts.some(isSocial));
  const account = brand.accounts.find(isSocial) ?? brand.accounts[0];
  const team = Array.from({ length: 4 }, () => {
    const person = people.draw(random, ({ office, place }) => office !== null && place.country === brand.place.country);
    return {
      actor_id: person.accounts[0].account_id,
      person: { ...person, habit: 'none' as const },
      session_id: random.hex(24),
    };
  });
  for (let hour = Math.ceil(from_ms / hour_ms) * hour_ms; hour < to_ms; hour += hour_ms) {
    if (!isMarketingHour(hour)) continue;
    const drafts = Array.from({ length: edits }, () => {
      const { actor_id, person, session_id } = random.pick(team);
      const time_ms = hour + random.between(0, length_ms);
      const origin = { ...originOf(person, time_ms, random), device: person.devices[1] };
      const parts = { actor_id, session_id, details: { post: random.hex(10) } };
      return draft(time_ms, 'content_edited', account, origin, { attack: null, kind: 'marketing' }, parts);
    });
    yield* inTimeOrder(drafts);
  }
}
