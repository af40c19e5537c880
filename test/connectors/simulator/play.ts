import assert from 'node:assert/strict';
import { type Scenario, Simulation, scenarios } from '../../../connectors/index.ts';

export function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((one) => one.name === name);
  assert.ok(scenario, name);
  return scenario;
}

/** One scenario's simulation, with little background unless more is asked for. */
export function play(options: { name: string; seed: number; rate?: number; cut_ms?: number }): Simulation {
  const { name, seed, rate = 60, cut_ms } = options;
  const cut = cut_ms === undefined ? {} : { cut_ms };
  return new Simulation({ scenarios: [scenarioNamed(name)], seed, events_per_hour: rate, ...cut });
}
