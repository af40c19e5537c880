import type { Draft } from '../draft.ts';
import { flattened, merged } from '../merge.ts';
import { localHour, originOf } from '../world/origins.ts';
import type { People, Person } from '../world/people.ts';
import { Random } from '../world/random.ts';
import { marketing } from './marketing.ts';
import { isLaunch, outage, season, season_max } from './season.ts';
import { signUp } from './sign-up.ts';
import { type Opening, visit } from './visit.ts';

export interface BackgroundOptions {
  readonly people: People;
  readonly from_ms: number;
  readonly to_ms: number;
  /** Mean over a week. */
  readonly events_per_hour: number;
  readonly round: number;
  readonly flat: boolean;
}

const hour_ms = 3_600_000;
/** What a visit gives on average (measured), so that a rate of events can be asked for. */
const events_per_visit = 3.3;
const login_share = 0.3;
const signup_share = 0.012;
/** Visits in a launch, and after an outage, as a factor of the usual. */
const launch_factor = 1.6;
const return_factor = 2;
const most_factor = 2;

/** Everything that is no attack, in time order, lazily: memory is what the open visits still have ahead of them. */
export function background(options: BackgroundOptions): Iterable<Draft> {
  return until(merged([flattened(visits(options)), marketing(options)]), options.to_ms);
}

function* until(drafts: Iterable<Draft>, to_ms: number): Generator<Draft> {
  for (const draft of drafts) {
    if (draft.time_ms >= to_ms) return;
    yield draft;
  }
}

/** A Poisson process of visits whose rate follows the season: candidates at the greatest rate, thinned (Lewis and Shedler 1979). */
function* visits({
  people,
  from_ms,
  to_ms,
  events_per_hour,
  round,
  flat,
}: BackgroundOptions): Generator<{ from_ms: number; drafts: Draft[] }> {
  const random = Random.of(people.seed, 'background', round);
  const mean_ms = (hour_ms * events_per_visit) / events_per_hour / (season_max * most_factor);
  for (let time_ms = from_ms + random.exponential(mean_ms); time_ms < to_ms; time_ms += random.exponential(mean_ms)) {
    const happening = outage(time_ms);
    const factor = isLaunch(time_ms) ? launch_factor : happening === 'coming_back' ? return_factor : 1;
    const busy = flat ? 1 : season(time_ms);
    if (!random.chance((busy * factor) / (season_max * most_factor))) continue;
    if (random.chance(signup_share)) yield { from_ms: time_ms, drafts: signUp(people, time_ms, random) };
    else yield { from_ms: time_ms, drafts: oneVisit(people, time_ms, happening, factor, random) };
  }
}

function oneVisit(
  people: People,
  time_ms: number,
  happening: ReturnType<typeof outage>,
  factor: number,
  random: Random,
): Draft[] {
  const person = whoIsAwake(people, time_ms, random);
  const account = random.pick(person.accounts);
  const origin = originOf(person, time_ms, random);
  const isCutOff = origin.network.type === 'mobile' && /Mobile One$/.test(origin.network.as_org);
  if (happening === 'down' && isCutOff) return [];
  // What comes on top of the usual visits in a launch, or when the carrier is back, are logins.
  const extra = random.chance(1 - 1 / factor);
  let opening: Opening = extra || random.chance(login_share) ? 'login' : 'session';
  if (happening === 'coming_back' && isCutOff) opening = 'login_after_outage';
  const drafts = visit(people, person, account, origin, time_ms, opening, random);
  const kind = opening === 'login_after_outage' ? 'outage' : extra && isLaunch(time_ms) ? 'launch' : null;
  return kind === null ? drafts : drafts.map((draft) => ({ ...draft, kind }));
}

/** By activity, among those whose hours these are. */
function whoIsAwake(people: People, time_ms: number, random: Random): Person {
  for (let tries = 0; ; tries++) {
    const person = people.person(people.drawNumber(random));
    const apart = Math.abs(localHour(person.place, time_ms) - person.active_hour);
    const hours = Math.min(apart, 24 - apart);
    if (tries === 8 || random.chance(hours < 4 ? 1 : hours < 7 ? 0.4 : 0.06)) return person;
  }
}
