import type { JoinSpec, Program } from '../program.ts';
import { passesResidual } from '../route/residual.ts';
import { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Side } from './join-parts.ts';

/** Rows of a stream's last batch that passed one side's WHERE, in order: the first `count` of `list`. */
export interface PassedRows {
  list: Int32Array;
  count: number;
}

interface StreamSides {
  readonly router: Router;
  /** By position in the router. */
  readonly passed: readonly PassedRows[];
}

/**
 * HOT. Which rows of a stream pass the WHEREs of the joins that read it: the stream is routed once for all of their
 * sides, so that a row that concerns few of a thousand joins costs those few alone.
 */
export class JoinRoutes {
  /** By stream; null where no join reads it. */
  readonly #streams: readonly (StreamSides | null)[];
  readonly #bySide = new Map<JoinSpec, Readonly<Record<Side, PassedRows>>>();

  constructor(program: Program, symbols: Symbols) {
    const specs = program.streams.flatMap(({ join }) => join ?? []);
    const none = () => ({ list: new Int32Array(0), count: 0 });
    for (const spec of specs) this.#bySide.set(spec, { left: none(), right: none() });
    this.#streams = program.streams.map((stream, number) => {
      const sides = specs.flatMap((spec) =>
        (['left', 'right'] as const).flatMap((side) => (spec[side].stream === number ? [{ spec, side }] : [])),
      );
      if (sides.length === 0) return null;
      const wheres = sides.map(({ spec, side }) => spec[side]);
      return {
        router: new Router(stream, wheres, symbols),
        passed: sides.map(({ spec, side }) => this.of(spec)[side]),
      };
    });
  }

  /** What route() fills for the sides of a join; the same two objects for good. */
  of(join: JoinSpec): Readonly<Record<Side, PassedRows>> {
    const passed = this.#bySide.get(join);
    if (passed === undefined) throw new Error('this join is not of the program that the routes were made for');
    return passed;
  }

  /** Takes a stream's rows, whose columns are complete; must be called in each push, with no rows too. */
  route(stream: number, rows: StreamRows): void {
    const sides = this.#streams[stream];
    if (sides === null) return;
    const { router, passed } = sides;
    for (let k = 0; k < passed.length; k++) passed[k].count = 0;
    if (rows.count === 0) return;
    router.route(rows);
    const { classes, rowClass, residual, tests } = router;
    for (let i = 0; i < rows.count; i++) {
      const members = classes.members[rowClass[i]];
      for (let k = 0; k < members.length; k++) {
        const asked = tests[members[k]];
        if (asked === null || passesResidual(residual, asked, i)) add(passed[members[k]], i);
      }
    }
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    for (const sides of this.#streams) sides?.router.forget();
  }
}

function add(passed: PassedRows, i: number): void {
  if (passed.count === passed.list.length) {
    const grown = new Int32Array(Math.max(16, passed.count * 2));
    grown.set(passed.list);
    passed.list = grown;
  }
  passed.list[passed.count++] = i;
}
