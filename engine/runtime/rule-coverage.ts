import type { Detection } from '../detection.ts';
import { joinHorizon, quietNeeded, windowMemory } from '../fold/memory.ts';
import { expectsKeys, type Program } from '../program.ts';

/** Whether a rule saw all the history that its answers from `since` on depend on (S14). */
export interface RuleCoverage {
  readonly rule: string;
  readonly coverage: 'warm' | 'partial';
  /** How far back the rule's windows and those of the views it reads remember. */
  readonly horizon_ms: number;
  /** SUPPRESS and RESET remember back to a stretch of this length without a firing; null (and lives): to the beginning. */
  readonly quiet_ms: number | null;
}

/**
 * Per rule `warm` or `partial`: does the history, which begins with its first accepted event, reach back to since less
 * the rule's horizon; and where the rule has SUPPRESS or RESET, does the warm-up, from where its firings are known on,
 * have a stretch without a firing that is long enough for what happened earlier not to matter. Without `since` the whole
 * history is asked about, and nothing lies before it: all are warm.
 */
export class Coverage {
  readonly #program: Program;
  readonly #since_ms: number | null;
  /** By operator: of its windows and those below it. */
  readonly #horizons: readonly number[];
  /** By operator; null also where a view below it has no end of its memory. */
  readonly #quiet: readonly (number | null)[];
  readonly #last_ms: Float64Array;
  readonly #isProven: Uint8Array;

  constructor(program: Program, since_ms: number | null) {
    this.#program = program;
    this.#since_ms = since_ms;
    const byStream: number[] = [0];
    const horizonOf = (stream: number): number => {
      const { join } = program.streams[stream];
      if (join === undefined) return byStream[stream];
      return joinHorizon(join, horizonOf(join.left.stream), horizonOf(join.right.stream));
    };
    this.#horizons = program.operators.map((operator) => {
      const horizon_ms = windowMemory(operator) + horizonOf(operator.input);
      const { kind, output_stream } = operator;
      // Several SELECTs of a UNION ALL make one stream.
      if (kind === 'view') byStream[output_stream] = Math.max(byStream[output_stream] ?? 0, horizon_ms);
      return horizon_ms;
    });
    const isOpenEnded: boolean[] = [false];
    const isOpen = (stream: number): boolean => {
      const { join } = program.streams[stream];
      return join === undefined ? isOpenEnded[stream] : isOpen(join.left.stream) || isOpen(join.right.stream);
    };
    this.#quiet = program.operators.map((operator) => {
      const quiet_ms = isOpen(operator.input) ? null : quietNeeded(operator);
      if (operator.kind === 'view') isOpenEnded[operator.output_stream] ||= quiet_ms === null;
      return quiet_ms;
    });
    this.#last_ms = new Float64Array(program.operators.length).fill(Number.NEGATIVE_INFINITY);
    this.#isProven = new Uint8Array(program.operators.length);
  }

  /**
   * How far back the operators of the program remember at most, views and tables too; and the longest stretch without a
   * firing that one of them has to see. null: one remembers to the beginning, RISK and WITH EMPTY KEYS OF among them, for
   * which silence begins with the first event of a tenant.
   */
  get reach(): Pick<RuleCoverage, 'horizon_ms' | 'quiet_ms'> {
    const quiet = this.#quiet.filter((quiet_ms) => quiet_ms !== null);
    const { operators } = this.#program;
    const isOpen =
      quiet.length < this.#quiet.length || operators.some((one) => one.risk !== undefined || expectsKeys(one));
    return { horizon_ms: Math.max(0, ...this.#horizons), quiet_ms: isOpen ? null : Math.max(0, ...quiet) };
  }

  /** A detection of the warm-up, suppressed or not, in the order of what decided them. */
  warmUp({ operator, decided_at, revision }: Detection, first_event_ms: number): void {
    if (revision > 1) return;
    if (this.#isQuietUntil(operator, decided_at, first_event_ms)) this.#isProven[operator] = 1;
    this.#last_ms[operator] = decided_at;
  }

  /** Whether a stretch that is long enough ends here. Firings before all their rows are known prove nothing. */
  #isQuietUntil(operator: number, time_ms: number, first_event_ms: number): boolean {
    const quiet_ms = this.#quiet[operator];
    const from_ms = Math.max(this.#last_ms[operator], first_event_ms + this.#horizons[operator]);
    return quiet_ms !== null && time_ms - from_ms >= quiet_ms;
  }

  #isWarm(operator: number, first_event_ms: number | null): boolean {
    if (this.#since_ms === null) return true;
    if (first_event_ms === null || first_event_ms > this.#since_ms - this.#horizons[operator]) return false;
    if (this.#quiet[operator] === 0) return true;
    return this.#isProven[operator] === 1 || this.#isQuietUntil(operator, this.#since_ms, first_event_ms);
  }

  /** Once everything was folded. */
  ofRules(first_event_ms: number | null): RuleCoverage[] {
    return this.#program.operators.flatMap(({ kind, name }, operator) => {
      if (kind === 'view') return [];
      const coverage = this.#isWarm(operator, first_event_ms) ? 'warm' : 'partial';
      return [{ rule: name, coverage, horizon_ms: this.#horizons[operator], quiet_ms: this.#quiet[operator] }];
    });
  }
}
