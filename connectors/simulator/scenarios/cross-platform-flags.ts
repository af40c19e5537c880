import { type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { hour_ms, minute_ms, type Scenario, type Stage } from './scenario.ts';

/** Flags on several platforms of one owner: each platform by itself sees nothing unusual. */
export const crossPlatformFlags: Scenario = {
  name: 'cross-platform-flags',
  summary: 'policy flags on two or more platforms of each of 4 owners within 30 minutes',
  found_within_ms: 30 * minute_ms,
  least_confidence: 0,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2 * hour_ms,
  attack: (stage) => inTimeOrder(Array.from({ length: 4 }, (_, i) => flags(stage, i)).flat()),
};

function flags({ people, random, from_ms }: Stage, number: number): Draft[] {
  const owner = people.draw(random, (person) => people.isListed(person.number) && person.accounts.length >= 2);
  const mark = { attack: `cross-platform-flags/${number + 1}`, kind: 'flag' };
  const begin_ms = from_ms + number * 10 * minute_ms;
  return owner.accounts.slice(0, 3).flatMap((account, i) => {
    const times = Array.from(
      { length: 1 + random.below(2) },
      () => begin_ms + random.between(i * 6, i * 6 + 5) * minute_ms,
    );
    return times.map((time_ms) => draft(time_ms, 'policy_flag', account, null, mark, { details: { by: 'auto' } }));
  });
}
