import { type AccountName, type Draft, draft } from '../draft.ts';
import { inTimeOrder } from '../merge.ts';
import { residentialProxies } from '../world/origins.ts';
import { socialPlatforms } from '../world/people.ts';
import { hour_ms, minute_ms, type Scenario, type Stage, toolDevices, withDevice } from './scenario.ts';

const owners = 3;

/** Somebody tries to get an owner's accounts back from the owner: resets on two platforms, and edits meanwhile. */
export const resetWave: Scenario = {
  name: 'reset-wave',
  summary:
    'password resets of one owner on two platforms from many addresses within 5 minutes, with a flood of content edits',
  found_within_ms: 3 * minute_ms,
  least_confidence: 0.9,
  needs: 'windows and joins',
  lead_ms: hour_ms,
  span_ms: 2 * hour_ms,
  attack: (stage) => inTimeOrder(Array.from({ length: owners }, (_, i) => wave(stage, i)).flat()),
};

function wave({ people, random, from_ms }: Stage, number: number): Draft[] {
  const owner = people.draw(
    random,
    (person) => people.isListed(person.number) && person.accounts.length >= 2 && person.accounts.some(isSocial),
  );
  const social = owner.accounts.find(isSocial) ?? owner.accounts[0];
  const other = owner.accounts.find((account) => account !== social) ?? owner.accounts[1];
  const origins = residentialProxies(random, 40, 18);
  const devices = toolDevices(random, 5);
  const mark = { attack: `reset-wave/${number + 1}`, kind: 'reset' };
  const begin_ms = from_ms + number * 12 * minute_ms;
  const origin = (i: number) => withDevice(origins[i % origins.length], random.pick(devices));
  const resets = 24 + random.below(20);
  const drafts = Array.from({ length: resets }, (_, i) => {
    const account = i % 2 === 0 ? social : other;
    const time_ms = begin_ms + (i / resets) * 5 * minute_ms + random.between(0, 5000);
    return draft(time_ms, 'password_reset', account, origin(i), mark, { auth: { result: 'requested' } });
  });
  const intruder = origin(random.below(40));
  const session_id = random.hex(24);
  for (let i = 0; i < 70; i++) {
    const time_ms = begin_ms + minute_ms + random.between(0, 4 * minute_ms);
    const details = { post: random.hex(10) };
    drafts.push(draft(time_ms, 'content_edited', social, intruder, { ...mark, kind: 'edit' }, { session_id, details }));
  }
  return drafts;
}

function isSocial({ platform }: AccountName): boolean {
  return socialPlatforms.includes(platform);
}
