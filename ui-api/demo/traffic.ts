import { type Scenario, Simulation, scenarios } from '../../connectors/index.ts';

export interface DemoOptions {
  readonly seed: number;
  /** Events of background in a second. */
  readonly rate: number;
  /** Time of the first event. */
  readonly from_ms: number;
}

/** What happens in a round, in this order, an attack every two minutes: what is short and clear comes first. */
const story = [
  ...['contact-swap', 'account-guessing', 'reset-wave', 'impossible-travel', 'session-hijack', 'signup-burst'],
  ...['flag-brigade', 'password-spray', 'campaign'],
];
const minute_ms = 60_000;
const pace = { lead_ms: 20_000, gap_ms: 2 * minute_ms };
/** The last attack of a round has so long; those before it end with it. */
const last_ms = 14 * minute_ms;
/** Background events an hour in which the simulator's 60,000 people are as busy as its scenarios were tuned for. */
const usual_rate = 1800;

/** The events of a demo, in time order, without end: rounds of all attacks that need no weeks of history. */
export function* demoTraffic({ seed, rate, from_ms }: DemoOptions): Generator<{ time_ms: number; event: object }> {
  const chosen = story.flatMap((name) => scenarios.filter((scenario: Scenario) => scenario.name === name));
  for (let start_ms = from_ms; ; ) {
    // Numbered by its time: a demo that is started again has the same people, and events with other ids.
    const round = Math.floor(start_ms / 1000);
    const events_per_hour = rate * 3600;
    const communities = Math.max(1, Math.round(events_per_hour / usual_rate));
    const shape = { scenarios: chosen, pace, cut_ms: last_ms };
    const simulation = new Simulation({ ...shape, seed, start_ms, round, events_per_hour, communities, flat: true });
    yield* simulation;
    start_ms = simulation.end_ms;
  }
}
