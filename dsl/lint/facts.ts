import type { Value } from '../../engine/index.ts';
import { type Checked, type CheckedColumn, identity } from '../check/checked.ts';
import { functions } from '../functions/index.ts';
import { evaluate } from './evaluate.ts';
import { alwaysNull, anything, both, canBe, either, exactly, greatestOf, type Known, leastOf, oneOf } from './known.ts';
import { partsOfChecked } from './parts.ts';
import { areApart, type Shape, shapesOf, subjectOf } from './shapes.ts';

/** Sets up to this size are asked value by value. */
const few = 64;

/** What is known of the expressions of one clause before it is read. */
export interface Ground {
  /** Of a column of the row. */
  column(column: CheckedColumn): Known;
  /** Whether a column of a lookup is of its key, which no row of it is without. */
  isKeyOf(lookup: string, column: string): boolean;
  /** Part `index` of GROUP BY. */
  key(index: number): Known;
  aggregate(call: Extract<Checked, { kind: 'aggregate' }>, facts: Facts): Known;
  /** `a - b` where more is known of two expressions together than of each; null: nothing is. */
  difference(a: Checked, b: Checked): Known | null;
}

/** Ground for rows of which only the types are known. */
export const noGround: Ground = {
  column: ({ type }) => anything(type),
  isKeyOf: () => false,
  key: () => anything('string'),
  aggregate: ({ type }) => anything(type),
  difference: () => null,
};

/** What holds of expressions because conditions were true, by what makes two expressions the same. */
export class Facts {
  readonly ground: Ground;
  readonly #learnt: Map<string, Known>;
  readonly #subjects: Map<string, Checked>;
  readonly #shapes: Map<string, readonly Shape[]>;

  constructor(ground: Ground, from?: Facts) {
    this.ground = ground;
    this.#learnt = new Map(from === undefined ? [] : from.#learnt);
    this.#subjects = new Map(from === undefined ? [] : from.#subjects);
    this.#shapes = new Map(from === undefined ? [] : from.#shapes);
  }

  copy(): Facts {
    return new Facts(this.ground, this);
  }

  of(expression: Checked): Known | undefined {
    return this.#learnt.size === 0 || isForm(expression) ? undefined : this.#learnt.get(identity(expression));
  }

  /** Whether what holds already leaves no value for which the call is true: `LIKE 'a%'` beside `starts_with(x, 'b')`. */
  excludes(call: Extract<Checked, { kind: 'call' }>): boolean {
    const subject = this.#shapes.size === 0 ? null : subjectOf(call);
    const known = subject === null ? undefined : this.#shapes.get(subject);
    return known !== undefined && shapesOf(call).some((shape) => known.some((other) => areApart(shape, other)));
  }

  set(expression: Checked, known: Known): void {
    if (isForm(expression)) return;
    const key = identity(expression);
    this.#learnt.set(key, known);
    this.#subjects.set(key, expression);
  }

  /** Takes in that the condition is true. */
  learn(condition: Checked): void {
    this.#learnOne(condition);
    this.#sieve(condition);
  }

  #learnOne(condition: Checked): void {
    switch (condition.kind) {
      case 'and':
        for (const part of condition.arguments) this.learn(part);
        return;
      case 'or':
        this.#learnEither(condition.arguments);
        return;
      case 'not':
        this.#learnNot(condition.argument);
        return;
      case 'is_null':
        this.#meet(condition.argument, alwaysNull);
        return;
      case 'in':
        this.#notNull(condition.argument);
        this.#meet(condition.argument, this.#anyOf(condition.list));
        return;
      case 'call':
        this.#learnCall(condition.function, condition);
        this.#learnShapes(condition);
        return;
      case 'literal':
        return;
      default:
        this.#meet(condition, exactly(true));
    }
  }

  #learnCall(name: string, { arguments: given }: Extract<Checked, { kind: 'call' }>): void {
    if (functions.get(name)?.null_on_null !== true) return;
    for (const argument of given) this.#notNull(argument);
    const [left, right] = given;
    if (left === undefined || right === undefined) return;
    const [a, b] = [evaluate(left, this), evaluate(right, this)];
    if (name === '=') {
      this.#meet(left, { ...b, null: false });
      this.#meet(right, { ...a, null: false });
    } else if (name === '<' || name === '<=') {
      this.#meet(left, atMost(b, name === '<'));
      this.#meet(right, atLeast(a, name === '<'));
    } else if (name === '>' || name === '>=') {
      this.#meet(left, atLeast(b, name === '>'));
      this.#meet(right, atMost(a, name === '>'));
    }
  }

  #learnShapes(call: Extract<Checked, { kind: 'call' }>): void {
    const subject = subjectOf(call);
    const shapes = shapesOf(call);
    if (subject !== null && shapes.length > 0)
      this.#shapes.set(subject, [...(this.#shapes.get(subject) ?? []), ...shapes]);
  }

  #anyOf(list: readonly Checked[]): Known {
    const literals = list.flatMap((item) => (item.kind === 'literal' && item.value !== null ? [item.value] : []));
    if (literals.length === list.length) return oneOf(literals);
    const items = list.map((item) => evaluate(item, this));
    return { ...items.reduce(either, oneOf([])), null: false };
  }

  #learnNot(condition: Checked): void {
    const opposite: Record<string, string> = { '=': '<>', '<>': '=', '<': '>=', '>=': '<', '>': '<=', '<=': '>' };
    if (condition.kind === 'not') this.learn(condition.argument);
    else if (condition.kind === 'is_null') this.#notNull(condition.argument);
    else if (condition.kind === 'or') for (const part of condition.arguments) this.learn(not(part));
    else if (condition.kind === 'and') this.#learnEither(condition.arguments.map(not));
    else if (condition.kind === 'in') this.#notNull(condition.argument);
    else if (condition.kind === 'call') {
      const name = opposite[condition.function];
      if (name !== undefined) this.#learnCall(name, condition);
      else if (functions.get(condition.function)?.null_on_null === true) {
        for (const argument of condition.arguments) this.#notNull(argument);
      }
    } else if (condition.kind !== 'literal' && condition.kind !== 'case') this.#meet(condition, exactly(false));
  }

  /** What holds whichever of them is the true one. */
  #learnEither(conditions: readonly Checked[]): void {
    const possible = conditions.filter((condition) => canBe(evaluate(condition, this), true));
    const branches = possible.map((condition) => {
      const branch = this.copy();
      branch.learn(condition);
      return branch;
    });
    const [first, ...others] = branches;
    if (first === undefined) return;
    for (const [key, known] of first.#learnt) {
      const rest = others.map((branch) => branch.#learnt.get(key));
      if (rest.includes(undefined)) continue;
      this.#learnt.set(key, (rest as Known[]).reduce(either, known));
      this.#subjects.set(key, first.#subjects.get(key) as Checked);
    }
  }

  /** NULL in, NULL out: what is not NULL had no NULL in it. */
  #notNull(expression: Checked): void {
    if (expression.kind === 'literal') return;
    if (expression.kind === 'call' && functions.get(expression.function)?.null_on_null === true) {
      for (const argument of expression.arguments) this.#notNull(argument);
    }
    const known = evaluate(expression, this);
    if (known.null) this.set(expression, { ...known, null: false });
  }

  #meet(expression: Checked, known: Known): void {
    if (expression.kind === 'literal') return;
    this.set(expression, both(evaluate(expression, this), known, expression.type));
  }

  /** Leaves out the values of small sets for which the condition cannot be true. */
  #sieve(condition: Checked): void {
    let inside: ReadonlySet<string> | null = null;
    for (const [key, subject] of this.#subjects) {
      const known = this.#learnt.get(key) as Known;
      const { values } = known;
      if (values === null || values.length < 1 || values.length > few) continue;
      inside ??= partsInside(condition);
      if (!inside.has(key)) continue;
      const kept = values.filter((value) => this.#isPossible(condition, subject, value));
      this.#learnt.set(key, { ...known, values: kept });
    }
  }

  #isPossible(condition: Checked, subject: Checked, value: Value): boolean {
    const branch = this.copy();
    branch.set(subject, exactly(value));
    return canBe(evaluate(condition, branch), true);
  }
}

/** What is only put together out of others: nothing is remembered of it as a whole, which may be long. */
function isForm({ kind }: Checked): boolean {
  return kind === 'literal' || kind === 'in' || kind === 'and' || kind === 'or' || kind === 'not' || kind === 'is_null';
}

/** Everything in an expression of which something can be known, by identity. */
function partsInside(expression: Checked, found = new Set<string>()): ReadonlySet<string> {
  if (!isForm(expression)) found.add(identity(expression));
  for (const part of partsOfChecked(expression)) partsInside(part, found);
  return found;
}

function not(argument: Checked): Checked {
  return { kind: 'not', argument, type: 'bool', span: argument.span };
}

const free: Known = { null: true, values: null, least: null, greatest: null, elements: null };

/** What is less than one of these values. */
function atMost(known: Known, open: boolean): Known {
  const bound = greatestOf(known);
  return { ...free, null: false, greatest: bound && { value: bound.value, open: bound.open || open } };
}

function atLeast(known: Known, open: boolean): Known {
  const bound = leastOf(known);
  return { ...free, null: false, least: bound && { value: bound.value, open: bound.open || open } };
}
