import type { TableRow } from '../detection.ts';
import { DetectionNames } from '../detections/id.ts';
import type { Program } from '../program.ts';
import { compareEmissions, type Emission } from './emission.ts';

/**
 * The rows of CREATE TABLE, which leave the engine beside being a stream like a view's (S8): each once, when its window has
 * ended, in the total order of the window ends.
 */
export class TableRows {
  readonly #give: (row: TableRow) => void;
  /** By operator; null where it is no table. */
  readonly #names: readonly (DetectionNames | null)[];
  #emissions: Emission[] = [];

  constructor(program: Program, give: (row: TableRow) => void) {
    this.#give = give;
    this.#names = program.operators.map(({ table, plan_hash }) =>
      table === undefined ? null : new DetectionNames(table, plan_hash, program.digest),
    );
  }

  /** What one operator emitted in a push; nothing where it is no table. */
  add(operator: number, emissions: readonly Emission[]): void {
    if (this.#names[operator] === null) return;
    // One by one: a million windows may end at once, and they are no arguments of a call.
    for (const emission of emissions) this.#emissions.push(emission);
  }

  /** At the end of a push: all windows that ended by its time are there, of every table. */
  giveAll(): void {
    if (this.#emissions.length === 0) return;
    const emissions = this.#emissions.sort(compareEmissions);
    this.#emissions = [];
    for (const { operator, spec, tenant, key, anchor, window, values, evidence_total, ...times } of emissions) {
      if (window === null) throw new Error(`the table ${spec.name} has a row without a window`);
      const names = this.#names[operator] as DetectionNames;
      this.#give({
        ...{ operator, table: spec.table as string, plan_hash: spec.plan_hash, id: names.id({ tenant, key, anchor }) },
        ...{ tenant, key, window, values, rows: evidence_total },
        ...{ first_event_at: times.first_event_at, last_event_at: times.last_event_at },
      });
    }
  }
}
