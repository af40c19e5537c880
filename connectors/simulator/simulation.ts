import { background } from './background/background.ts';
import { type Draft, toEvent } from './draft.ts';
import { merged } from './merge.ts';
import { minute_ms, type Scenario } from './scenarios/scenario.ts';
import { People, tenantNames } from './world/people.ts';
import { Random } from './world/random.ts';

export interface SimulationOptions {
  /** Played in one background; their attacks begin one after the other. */
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** Time of the first event, epoch milliseconds; absent: a time of the week of 2 March 2026 that the seed chooses. */
  readonly start_ms?: number;
  /** Mean of the background over a week. */
  readonly events_per_hour: number;
  /** Ends an attack's part so long after its beginning; absent: it is played whole. */
  readonly cut_ms?: number;
  /** When the first attack begins, and how far apart the next ones begin; absent: after their leads, hours apart. */
  readonly pace?: { readonly lead_ms: number; readonly gap_ms: number };
  /** How many times the 60,000 people there are, so that a higher rate makes nobody busier; absent: once. */
  readonly communities?: number;
  /** The same rate at all hours: no night, no weekend. Absent: with the season of day and week. */
  readonly flat?: boolean;
  /** Another day of the same people: other events with other ids. Absent: 0. */
  readonly round?: number;
}

/** What is true of an event: which attack it belongs to, if any, and what it is (typo, vpn, spray, takeover, ...). */
export interface Truth {
  readonly event_id: string;
  readonly attack: string | null;
  readonly kind: string;
}

export interface SimulatedEvent {
  readonly time_ms: number;
  readonly event: object;
  readonly truth: Truth;
}

const monday_ms = Date.UTC(2026, 2, 2);
const hour_ms = 60 * minute_ms;
const population = 60_000;
const gap_ms = 30 * minute_ms;

/**
 * A seeded world and what happens in it: same options, same events. Events come one at a time in time order; what is
 * held is what the open visits, and the short attacks, still have ahead of them.
 */
export class Simulation implements Iterable<SimulatedEvent> {
  readonly #options: SimulationOptions;
  readonly #people: People;
  /** The first event is not before, the last one before. */
  readonly start_ms: number;
  readonly end_ms: number;
  readonly #begins: readonly number[];

  constructor(options: SimulationOptions) {
    const { scenarios, seed, start_ms, pace } = options;
    this.#options = options;
    this.#people = new People(seed, population, options.communities ?? 1);
    this.start_ms =
      start_ms ?? monday_ms + (scenarios.some(isWeek) ? 0 : Random.of(seed, 'start').below(4 * 24) * hour_ms);
    // One alone has its whole history before it; of several the first one's lead serves all.
    const alone = scenarios.length === 1;
    let at_ms = this.start_ms + (pace?.lead_ms ?? (alone ? scenarios[0].lead_ms : 60 * minute_ms));
    let end_ms = this.start_ms;
    this.#begins = scenarios.map((scenario) => {
      const begin_ms = at_ms;
      const span_ms = Math.min(
        scenario.span_ms - scenario.lead_ms,
        isWeek(scenario) ? Number.POSITIVE_INFINITY : (options.cut_ms ?? Number.POSITIVE_INFINITY),
      );
      end_ms = Math.max(end_ms, begin_ms + (alone || !isWeek(scenario) ? span_ms : 0));
      if (!isWeek(scenario)) at_ms = begin_ms + (pace?.gap_ms ?? Math.min(span_ms, 2 * hour_ms) + gap_ms);
      return begin_ms;
    });
    this.end_ms = end_ms;
  }

  *[Symbol.iterator](): Generator<SimulatedEvent> {
    const { start_ms, end_ms } = this;
    const { events_per_hour, seed, round = 0, flat = false } = this.#options;
    const people = this.#people;
    const ids = Random.of(seed, 'ids', round);
    const quiet = background({ people, from_ms: start_ms, to_ms: end_ms, events_per_hour, round, flat });
    const sources = [quiet, ...this.#attacks()];
    for (const draft of merged(sources)) {
      if (draft.time_ms < start_ms) continue;
      if (draft.time_ms >= end_ms) return;
      const event_id = ids.hex(20);
      const { attack, kind, time_ms } = draft;
      yield { time_ms, event: toEvent(draft, event_id), truth: { event_id, attack, kind } };
    }
  }

  #attacks(): Iterable<Draft>[] {
    const { scenarios, seed, round = 0 } = this.#options;
    return scenarios.map((scenario, i) => {
      const stage = { people: this.#people, random: Random.of(seed, scenario.name, round), from_ms: this.#begins[i] };
      return scenario.attack(stage);
    });
  }

  /** The lookup `owners`, as CSV: which accounts belong to one owner. */
  ownersCsv(): string {
    const lines = ['platform,account_id,owner_id'];
    for (let number = 0; number < this.#people.count; number++) {
      if (!this.#people.isListed(number)) continue;
      const owner = this.#people.pseudonym('owner', number);
      for (const { platform, account_id } of this.#people.person(number).accounts) {
        lines.push(`${platform},${account_id},${owner}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  /** The tenants whose events are made. */
  get tenants(): readonly string[] {
    return tenantNames;
  }
}

function isWeek({ found_within_ms }: Scenario): boolean {
  return found_within_ms === null;
}
