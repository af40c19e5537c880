import { Lookups } from '../lookups/lookups.ts';
import type { Program } from '../program.ts';
import type { Symbols } from '../route/symbols.ts';
import { Join } from './join.ts';
import { joinPlace } from './join-parts.ts';
import { JoinRoutes } from './join-routes.ts';
import { SideQuestions } from './side-questions.ts';
import { Stage } from './stage.ts';
import { storeLimits } from './store-limits.ts';
import type { StoreOperator } from './store-operator.ts';

/** What a windowed operator's state costs, in bytes: for `explain`, before the rule is deployed (law 5). */
export interface StateBytes {
  /** Names of the other operators of its row store: rows and keys are shared with them. */
  readonly shared_with: readonly string[];
  /** With an event id of 36 bytes, which is a UUID's length. */
  readonly row_bytes: number;
  /** With the entry by which a key is found. */
  readonly key_bytes: number;
  /** A key with at most this many rows in the window is cold: HAVING cannot be true, whatever they are. */
  readonly cold_rows: number;
  /** On top of rows and key, for a hot key with few rows; shared with the others but its state. 0: needs the rows alone. */
  readonly hot_bytes: number;
  /** How long the store keeps a row: its longest window. */
  readonly rows_kept_ms: number;
}

/** Entry of a key in its table: a double's worth. */
const KEY_ENTRY_BYTES = 8;

const noSymbols: Symbols = {
  ...{ idOf: () => 0, textOf: () => '', hashOf: () => 0 },
  ...{ hasLong: false, longBytesOf: () => 0 },
};

/** The figures of an operator, read off the tables that the fold would make; null for a single-event operator. */
export function stateBytes(program: Program, operator: number): StateBytes | null {
  const spec = program.operators[operator];
  const limits = { ...storeLimits, key_groups: 1 };
  const options = { shards: 1, form: 'hot', limits, lookups: new Lookups(program), observed: null } as const;
  const home = new Stage(program, spec.input, noSymbols, options).homes.get(operator);
  if (home === undefined) return null;
  const [store] = home.stores;
  const own = store.operators[home.local];
  const bytes = store.bytesPerKey(home.local);
  return {
    shared_with: otherNames(store.operators, own),
    row_bytes: store.table.row_bytes,
    key_bytes: bytes.key + KEY_ENTRY_BYTES,
    cold_rows: own.bounds.least_rows - 1,
    hot_bytes: bytes.hot,
    rows_kept_ms: Math.max(...store.operators.map((other) => other.size_ms)),
  };
}

/** What a join keeps costs, in bytes: a row of each side, and a key, with the entry by which it is found. */
export interface JoinBytes {
  readonly left_row: number;
  readonly right_row: number;
  readonly key: number;
  /** How long a row of each side is kept; 0: it waits for no later one. */
  readonly left_kept_ms: number;
  readonly right_kept_ms: number;
}

/**
 * The figures of a stream's join, read off the tables that the fold would make. A row of a view or a join takes more for
 * its ids, which stand outside of them. Of a table as a baseline only right rows are kept.
 */
export function joinBytes(program: Program, stream: number): JoinBytes {
  const limits = { ...storeLimits, key_groups: 1 };
  const lookups = new Lookups(program);
  const { left, right, key } = new Join(program, stream, noSymbols, limits, {
    routes: new JoinRoutes(program, noSymbols),
    lookups,
    questions: new SideQuestions(program, noSymbols, lookups),
  }).record_bytes;
  const { keep_ms } = joinPlace(program, stream);
  const kept = { left_kept_ms: keep_ms.left, right_kept_ms: keep_ms.right };
  return { left_row: left, right_row: right, key: key + KEY_ENTRY_BYTES, ...kept };
}

/** A tuned rule is several operators of one name. */
function otherNames(operators: readonly StoreOperator[], own: StoreOperator): string[] {
  const names = operators.map(({ spec }) => spec.name).filter((name) => name !== own.spec.name);
  return [...new Set(names)];
}
