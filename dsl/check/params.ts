import type { Value } from '../../engine/index.ts';
import { type Finding, Refusal, type Reporter, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { ParamPlan } from '../plan/plan.ts';
import type { CallNode, ExpressionNode, ParamClause, Word } from '../syntax/tree.ts';
import type { Checked } from './checked.ts';
import type { Context } from './context.ts';
import { durationMs, literal, numberLiteral } from './literals.ts';
import { standsAt } from './taken-name.ts';
import { type NamedType, typeNamed } from './types.ts';

const param_types: readonly NamedType[] = ['int', 'float', 'string', 'bool', 'duration'];

/** Values given from outside the rule, by 'rule.param' or 'param'; remembers which were used. */
export class Overrides {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #used = new Set<string>();

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  /** The value for a parameter of a rule, the more exact name first; undefined when none is given. */
  take(rule: string, param: string): Value | undefined {
    const given = [`${rule}.${param}`, param].filter((name) => this.#values.has(name));
    for (const name of given) this.#used.add(name);
    return given[0] === undefined ? undefined : this.#values.get(given[0]);
  }

  /** These and others that go before them: of a TUNE. */
  with(values: ReadonlyMap<string, Value>): Overrides {
    return new Overrides(new Map([...this.#values, ...values]));
  }

  /** Names that fit no parameter of any rule. */
  unused(): string[] {
    return [...this.#values.keys()].filter((name) => !this.#used.has(name));
  }
}

/** Functions that the files declare (function-table.ts). */
export interface DeclaredFunctions {
  /** By the name as it is called, in lower case. */
  has(name: string): boolean;
  readonly names: readonly string[];
  /** The meaning of a call, written out; refused where the function is wrong itself or the arguments do not fit. */
  call(node: CallNode, given: readonly Checked[], context: Context): Checked;
}

/** The parameters of one rule: their values are known, so that their uses are literals. And the functions it may call. */
export class Params {
  readonly functions: DeclaredFunctions;
  readonly plans: ParamPlan[] = [];
  readonly #spans = new Map<string, Span>();
  readonly #used = new Set<string>();
  readonly #wrong = new Set<string>();
  readonly #owner: Params | null;

  /** `owner`: of a view that stands in a rule, the rule's parameters, which it may use. */
  constructor(functions: DeclaredFunctions, owner: Params | null = null) {
    this.functions = functions;
    this.#owner = owner;
  }

  /** Checks the declarations of a rule's header. */
  declare(rule: string, clauses: readonly ParamClause[], overrides: Overrides, reporter: Reporter): void {
    for (const clause of clauses) {
      const plan = reporter.attempt(() => this.#check(rule, clause, overrides, reporter));
      if (plan === null) this.#wrong.add(clause.name.text);
      else this.plans.push(plan);
    }
  }

  /** The literal that `:name` stands for. */
  use(name: string, span: Span): Checked {
    if (this.#owner !== null) {
      this.#used.add(name);
      return this.#owner.use(name, span);
    }
    if (this.#wrong.has(name)) throw new Refusal(null);
    const plan = this.plans.find((param) => param.name === name);
    if (plan !== undefined) {
      this.#used.add(name);
      return literal(plan.type, plan.value, span);
    }
    const names = this.plans.map((param) => param.name);
    refuse({
      code: 'W0106',
      span,
      message: `the rule has no parameter \`${name}\``,
      label: didYouMean(name, names),
      hints: [
        ...(names.length > 0 ? [`parameters: ${names.join(', ')}`] : []),
        `a parameter is declared before AS: PARAM ${name} int = 10 IN 3 TO 30`,
      ],
    });
  }

  /** Whether the rule, or the one that this stands in, declares it. */
  has(name: string): boolean {
    return this.#spans.has(name) || (this.#owner?.has(name) ?? false);
  }

  /** Whether an expression uses it. */
  uses(name: string): boolean {
    return this.#used.has(name);
  }

  /** Warnings for parameters that no expression uses. */
  unused(): Finding[] {
    return this.plans
      .filter((plan) => !this.#used.has(plan.name))
      .map((plan) => ({
        code: 'W0304',
        span: this.#spans.get(plan.name) as Span,
        message: `nothing uses the parameter ${plan.name}`,
        label: `write :${plan.name} where its value belongs`,
      }));
  }

  #check(rule: string, clause: ParamClause, overrides: Overrides, reporter: Reporter): ParamPlan {
    const name = clause.name.text;
    const first = this.#spans.get(name);
    if (first !== undefined) {
      refuse({
        code: 'W0101',
        span: clause.name.span,
        message: `a second PARAM ${name}`,
        label: 'give it another name',
        hints: [standsAt({ name: { text: name, span: first }, reporter })],
      });
    }
    this.#spans.set(name, clause.name.span);
    const type = typeNamed(clause.type, param_types);
    const bound = (node: ExpressionNode) => numberOf(paramValue(node, type), node.span);
    const least = clause.range === null ? null : bound(clause.range.least);
    const greatest = clause.range === null ? null : bound(clause.range.greatest);
    const plan = { name, type, least, greatest };
    const written = paramValue(clause.value, type);
    checkRange(plan, written, clause.value.span);
    const given = overrides.take(rule, name);
    if (given === undefined) return { ...plan, value: written };
    const value = givenValue(given, type);
    if (value === null) {
      refuse({
        code: 'W0221',
        span: clause.span,
        message: `${name} is given as ${JSON.stringify(given)}, which is no ${type}`,
        label: `PARAM ${name} is declared here`,
      });
    }
    checkRange(plan, value, clause.span);
    return { ...plan, value };
  }
}

function paramValue(node: ExpressionNode, type: NamedType): Value {
  if (type === 'duration' && node.kind === 'duration') return durationMs(node);
  if (type === 'string' && node.kind === 'text') return node.value;
  if (type === 'bool' && node.kind === 'bool') return node.value;
  if ((type === 'int' || type === 'float') && node.kind === 'number') {
    const number = numberLiteral(node);
    if (type === 'float' || number.type === 'int') return number.value;
  }
  const examples = { int: '10', float: '0.5', string: "'text'", bool: 'TRUE', duration: '15 MINUTES' };
  refuse({
    code: 'W0204',
    span: node.span,
    message: `this is no ${type}`,
    label: `write a literal such as ${examples[type as keyof typeof examples]}`,
  });
}

/** A written value of a parameter of this type and range. */
export function valueFor(param: ParamPlan, node: ExpressionNode): Value {
  const value = paramValue(node, param.type as NamedType);
  checkRange(param, value, node.span);
  return value;
}

function numberOf(value: Value, span: Span): number {
  if (typeof value === 'number') return value;
  refuse({ code: 'W0221', span, message: 'IN … TO is a range of numbers', label: 'a text or bool has no range' });
}

function checkRange({ name, least, greatest }: Omit<ParamPlan, 'value'>, value: Value, span: Span): void {
  if (least === null || greatest === null || typeof value !== 'number') return;
  if (least > greatest) {
    refuse({
      code: 'W0221',
      span,
      message: `IN ${least} TO ${greatest} is empty`,
      label: 'the least value comes first',
    });
  }
  if (value >= least && value <= greatest) return;
  refuse({
    code: 'W0221',
    span,
    message: `${name} = ${value} is outside IN ${least} TO ${greatest}`,
    label: `allowed are ${least} to ${greatest}`,
  });
}

/** A value from the command line or an API as one of the parameter's type; null when it is none. */
function givenValue(given: Value, type: NamedType): Value {
  if (type === 'string') return typeof given === 'string' ? given : null;
  if (type === 'bool') {
    if (typeof given === 'string') return given === 'true' ? true : given === 'false' ? false : null;
    return typeof given === 'boolean' ? given : null;
  }
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  return type === 'float' || Number.isSafeInteger(number) ? number : null;
}

export function isParam(clause: { readonly kind: string; readonly name?: Word }): clause is ParamClause {
  return clause.kind === 'param';
}
