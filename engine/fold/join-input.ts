import type { Column } from '../batch.ts';
import type { JoinSpec } from '../program.ts';
import { columnOf } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { MISSING } from '../state/key-table.ts';
import { NULL_NUMBER } from './join-key.ts';
import { isOuter, type Side } from './join-parts.ts';

/** Of a row that came: that the join need not see it. */
export const STOPPED = -3;
/** Of a row that came: that there is a NULL in its key. */
export const NULL_KEY = -4;

/** HOT. The rows of one side of a join as they come, those that pass its WHERE: the numbers of their keys. */
export class JoinInput {
  readonly #key: readonly number[];
  readonly #keyIsId: readonly boolean[];
  /** Whether a row with NULL in its key is of interest. */
  readonly #keepsNull: boolean;
  /** Of the row that was asked for last. */
  readonly parts: number[];
  readonly #sources: Column[] = [];

  constructor(spec: JoinSpec, side: Side, keyIsId: readonly boolean[]) {
    const { key } = spec[side];
    this.#key = key;
    this.#keyIsId = keyIsId;
    this.#keepsNull = side === 'left' && isOuter(spec.kind);
    this.parts = key.map(() => 0);
  }

  /** Must be called before rows of a batch are asked for. */
  bind(rows: StreamRows): void {
    this.#sources.length = 0;
    for (const column of this.#key) this.#sources.push(columnOf(rows, column));
  }

  /** Of a row that passes the side's WHERE. STOPPED where it is of no interest; NULL_KEY; else MISSING, and leaves the numbers of its key in `parts`. */
  keyOf(i: number): number {
    const { parts } = this;
    let hasNull = false;
    for (let k = 0; k < parts.length; k++) {
      const raw = this.#sources[k][i];
      const isNull = this.#keyIsId[k] ? raw === 0 : Number.isNaN(raw);
      parts[k] = isNull && !this.#keyIsId[k] ? NULL_NUMBER : raw;
      hasNull ||= isNull;
    }
    if (!hasNull) return MISSING;
    return this.#keepsNull ? NULL_KEY : STOPPED;
  }
}
