import type { TableRow } from '../detection.ts';
import { DetectionNames } from '../detections/id.ts';
import type { Program } from '../program.ts';
import { type Emission, inOrder } from './emission.ts';
import { type Piece, takeIn } from './pieces.ts';

/**
 * The rows of CREATE TABLE, which leave the engine beside being a stream like a view's (S8): each once, when its window has
 * ended, in the total order of the window ends.
 */
export class TableRows {
  readonly #give: (row: TableRow) => void;
  /** By operator; null where it is no table. */
  readonly #names: readonly (DetectionNames | null)[];
  /** Of this push, and not given yet. */
  readonly #runs: Emission[][] = [];

  constructor(program: Program, give: (row: TableRow) => void) {
    this.#give = give;
    this.#names = program.operators.map(({ table, plan_hash }) =>
      table === undefined ? null : new DetectionNames(table, plan_hash, program.digest),
    );
  }

  /** What one operator emitted in a push, in order; nothing where it is no table. */
  add(operator: number, emissions: Emission[]): void {
    if (this.#names[operator] !== null) this.#runs.push(emissions);
  }

  /** At the end of a piece of a push: all windows that ended by its time are there, of every table. */
  give(piece: Piece): void {
    if (this.#runs.length === 0) return;
    for (const emission of inOrder(takeIn(this.#runs, piece))) this.#give(this.#rowOf(emission));
  }

  /** Written out: a million windows may end at once. */
  #rowOf(emission: Emission): TableRow {
    const { operator, spec, tenant, key, window } = emission;
    if (window === null) throw new Error(`the table ${spec.name} has a row without a window`);
    return {
      operator,
      table: spec.table as string,
      plan_hash: spec.plan_hash,
      id: (this.#names[operator] as DetectionNames).id(emission),
      tenant,
      key,
      window,
      values: emission.values,
      rows: emission.evidence_total,
      first_event_at: emission.first_event_at,
      last_event_at: emission.last_event_at,
    };
  }
}
