export { scenarios } from './scenarios/index.ts';
export type { Scenario } from './scenarios/scenario.ts';
export { Simulation } from './simulation.ts';
