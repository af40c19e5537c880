import type { Column } from '../batch.ts';
import type { JoinSpec, Program } from '../program.ts';
import { columnOf } from '../route/column-values.ts';
import { passesResidual } from '../route/residual.ts';
import { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { MISSING } from '../state/key-table.ts';
import { isOuter, type Side } from './join-parts.ts';
import { NULL_NUMBER } from './join-side.ts';

/** Of a row that came: that it does not pass its side's WHERE. */
export const STOPPED = -3;
/** Of a row that came: that there is a NULL in its key. */
export const NULL_KEY = -4;

/** HOT. The rows of one side of a join as they come: whether they pass its WHERE, and the numbers of their keys. */
export class JoinInput {
  readonly #router: Router;
  /** Of this side among those that the router routes for. */
  readonly #position: number;
  readonly #key: readonly number[];
  readonly #keyIsId: readonly boolean[];
  /** Whether a row with NULL in its key is of interest. */
  readonly #keepsNull: boolean;
  /** Of the row that was asked for last. */
  readonly parts: number[];
  readonly #sources: Column[] = [];

  constructor(spec: JoinSpec, side: Side, router: Router, keyIsId: readonly boolean[]) {
    const { key } = spec[side];
    this.#router = router;
    this.#position = side === 'right' && spec.left.stream === spec.right.stream ? 1 : 0;
    this.#key = key;
    this.#keyIsId = keyIsId;
    this.#keepsNull = side === 'left' && isOuter(spec.kind);
    this.parts = key.map(() => 0);
  }

  /** Must be called before rows of a batch are asked for; their router has routed them. */
  bind(rows: StreamRows): void {
    this.#sources.length = 0;
    for (const column of this.#key) this.#sources.push(columnOf(rows, column));
  }

  /** STOPPED where row i is of no interest; NULL_KEY; else MISSING, and leaves the numbers of its key in `parts`. */
  keyOf(i: number): number {
    const router = this.#router;
    const position = this.#position;
    const members = router.classes.members[router.rowClass[i]];
    let isMember = false;
    for (let k = 0; k < members.length; k++) isMember ||= members[k] === position;
    if (!isMember) return STOPPED;
    const tests = router.tests[position];
    if (tests !== null && !passesResidual(router.residual, tests, i)) return STOPPED;
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

/** What says of the rows of each side which WHERE they pass; one and the same where a stream is joined with itself. */
export function routersOf(program: Program, { left, right }: JoinSpec, symbols: Symbols): Record<Side, Router> {
  if (left.stream === right.stream) {
    const router = new Router(program.streams[left.stream], [left, right], symbols);
    return { left: router, right: router };
  }
  const routerOf = (side: JoinSpec['left']) => new Router(program.streams[side.stream], [side], symbols);
  return { left: routerOf(left), right: routerOf(right) };
}
