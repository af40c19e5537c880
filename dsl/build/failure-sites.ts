import { type FailureSite, Failures, type Program } from '../../engine/index.ts';
import type { AggregatePlan, Expression, OperatorPlan } from '../plan/plan.ts';
import { aggregateText, expressionText } from './expression-text.ts';

/** Makes what is called whenever this call could not give a value although its arguments had one. */
export type OnFailure = (call: Expression) => () => void;

const ofRows = { key: null, aggregates: [] };

/**
 * The places of a program where values can come to nothing, made while it is built: `readBy` says whose expressions come
 * next. A computed column that several rules read is one place with several readers.
 */
export class FailureSites {
  readonly #failures = new Failures();
  /** Whether any of them is asked of rows, whether they are read or not. */
  #areOfRows = false;
  #readers: readonly string[] = [];

  readBy(names: readonly string[]): void {
    this.#readers = names;
  }

  /** The readers of what is made now; addReaders() adds those that come to share it. */
  readers(): Set<string> {
    return new Set(this.#readers);
  }

  addReaders(to: Set<string>): void {
    for (const name of this.#readers) to.add(name);
  }

  /** `over` has the key and the aggregates that the expression names by number; absent: it is over rows. */
  ofCalls(readers: ReadonlySet<string>, over: Pick<OperatorPlan, 'key' | 'aggregates'> = ofRows): OnFailure {
    return (call) => {
      if (over === ofRows) this.#areOfRows = true;
      return this.#site({ readers, text: () => expressionText(call, over) });
    };
  }

  ofAggregate(aggregate: AggregatePlan, over: OperatorPlan): () => void {
    return this.#site({ readers: this.readers(), text: () => aggregateText(aggregate, over) });
  }

  #site(site: FailureSite): () => void {
    return () => this.#failures.count(site);
  }

  /** When everything was built. */
  ofProgram(): Pick<Program, 'failures' | 'rows_cannot_fail'> {
    return { failures: this.#failures, ...(this.#areOfRows ? {} : { rows_cannot_fail: true }) };
  }
}
