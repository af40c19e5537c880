import { refuse } from '../diagnostics/diagnostic.ts';
import { type Checked, type CheckedKey, identity } from './checked.ts';

/**
 * Puts the parts of GROUP BY in place of the expressions that are equal to them, and refuses columns that are neither
 * grouped nor aggregated: of the many rows in a window nothing says whose value is meant.
 */
export class Grouping {
  readonly #keys: readonly CheckedKey[];
  readonly #byIdentity = new Map<string, number>();

  constructor(keys: readonly CheckedKey[]) {
    this.#keys = keys;
    keys.forEach((key, i) => {
      this.#byIdentity.set(identity(key.expression), i);
    });
  }

  apply(expression: Checked): Checked {
    if (expression.kind === 'literal') return expression;
    const index = this.#byIdentity.get(identity(expression));
    const { span } = expression;
    if (index !== undefined) return { kind: 'key', index, type: expression.type, span };
    const all = (list: readonly Checked[]) => list.map((part) => this.apply(part));
    switch (expression.kind) {
      case 'column':
        return this.#ungrouped(expression);
      case 'lookup':
        return this.#ungroupedLookup(expression);
      case 'call':
      case 'and':
      case 'or':
        return { ...expression, arguments: all(expression.arguments) };
      case 'not':
      case 'is_null':
        return { ...expression, argument: this.apply(expression.argument) };
      case 'in':
        return { ...expression, argument: this.apply(expression.argument), list: all(expression.list) };
      case 'case':
        return {
          ...expression,
          branches: expression.branches.map(({ when, result }) => ({
            when: this.apply(when),
            result: this.apply(result),
          })),
          otherwise: expression.otherwise === null ? null : this.apply(expression.otherwise),
        };
      default:
        return expression;
    }
  }

  #ungroupedLookup({ lookup, output, span }: Extract<Checked, { kind: 'lookup' }>): never {
    refuse({
      code: 'W0212',
      span,
      message:
        output === null
          ? `${lookup} is looked up for one event, and the window holds many`
          : `${lookup}.${output} is neither grouped nor aggregated`,
      label: 'of which event?',
      hints:
        output === null
          ? [
              `in WHERE it says which events count; count(*) FILTER (WHERE x IN LOOKUP ${lookup}) counts those that are in it`,
              'in GROUP BY it makes groups of its own',
            ]
          : [`add it to GROUP BY, or write any_value(${lookup}.${output}) with the alias that it has here`],
    });
  }

  #ungrouped({ name, span }: Extract<Checked, { kind: 'column' }>): never {
    const grouped = this.#keys.map((key) => key.name).join(', ');
    refuse({
      code: 'W0212',
      span,
      message: `${name} is neither grouped nor aggregated`,
      label: 'the window holds many events: which value is meant?',
      hints: [
        `add it to GROUP BY, or write any_value(${name}), last(${name}) or count(DISTINCT ${name})`,
        grouped === '' ? 'the rule has no GROUP BY' : `grouped are: ${grouped}`,
      ],
    });
  }
}
