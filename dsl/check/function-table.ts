import type { ValueType } from '../../engine/index.ts';
import { Refusal, Reporter, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { functions, typeWithArticle } from '../functions/index.ts';
import { children } from '../syntax/children.ts';
import type { CallNode, ExpressionNode, FunctionStatement, Word } from '../syntax/tree.ts';
import { isAggregate } from './aggregates.ts';
import type { Checked } from './checked.ts';
import type { Context } from './context.ts';
import { checkValue } from './expressions.ts';
import { functionLimits, type Size, sizeOf, wholeSize } from './function-size.ts';
import { Input } from './input.ts';
import { laterFunctions, refusedFunctions } from './later.ts';
import { isText, textAs } from './literals.ts';
import type { Lookups } from './lookup-values.ts';
import { type DeclaredFunctions, Params } from './params.ts';
import { standsAt } from './taken-name.ts';
import { type NamedType, typeNamed } from './types.ts';

interface Declared {
  readonly statement: FunctionStatement;
  readonly reporter: Reporter;
}

/** A function whose declaration is right. */
interface KnownFunction {
  readonly statement: FunctionStatement;
  readonly path: string;
  readonly arguments: readonly { readonly name: string; readonly type: ValueType }[];
  readonly size: Size;
  /** How many functions call one another from here on, this one included. */
  readonly calls: number;
}

const argument_types: readonly NamedType[] = [
  ...(['string', 'int', 'float', 'bool', 'timestamp', 'duration', 'ip', 'array'] as const),
];

/**
 * The functions of all files. A call is checked as if the function's expression stood there with its arguments put in, so
 * that the plan of a rule cannot tell whether it was written with a function or without.
 */
export class DeclaredFunctionTable implements DeclaredFunctions {
  readonly #declared = new Map<string, Declared>();
  /** null: wrong itself, and reported. */
  readonly #known = new Map<string, KnownFunction | null>();
  /** Those whose bodies are being looked at, outermost first. */
  readonly #open = new Set<string>();
  readonly #lookups: Lookups;
  #written_parts = 0;

  /** `unread`: what statements that cannot be read would have declared, by name. */
  constructor(declared: readonly Declared[], lookups: Lookups, unread: ReadonlyMap<string, string> = new Map()) {
    this.#lookups = lookups;
    for (const [name, kind] of unread) if (kind === 'function') this.#known.set(name.toLowerCase(), null);
    for (const one of declared) this.#declare(one);
    for (const name of this.#declared.keys()) this.#find(name);
  }

  get names(): readonly string[] {
    return [...this.#declared.keys()];
  }

  has(name: string): boolean {
    return this.#declared.has(name) || this.#known.get(name) === null;
  }

  call(node: CallNode, given: readonly Checked[], context: Context): Checked {
    const name = node.name.text.toLowerCase();
    const known = this.#find(name);
    if (known === null) throw new Refusal(null);
    if (given.length !== known.arguments.length) {
      const wanted = known.arguments.length;
      refuse({
        code: 'W0202',
        span: node.span,
        message: `${name} takes ${wanted} argument${wanted === 1 ? '' : 's'}, not ${given.length}`,
        label: signatureOf(known.statement),
      });
    }
    this.#bound(node, name, context);
    const values = given.map((value, i) => this.#fit(value, known, i));
    const names = new Map(known.arguments.map((argument, i) => [argument.name, values[i] as Checked]));
    try {
      return checkValue(placedAt(known.statement.body, node.span), this.#inside(context.lookups, names, silent));
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || refusal.finding === null) throw refusal;
      const { code, message, label = '' } = refusal.finding;
      const hints = [`it stands in CREATE FUNCTION ${name}, ${known.path}`];
      refuse({ code, span: node.span, message: `${name} cannot have these arguments: ${message}`, label, hints });
    }
  }

  #declare(one: Declared): void {
    const { name } = one.statement;
    const key = name.text.toLowerCase();
    const other = this.#declared.get(key);
    if (other === undefined && !isOfTheLanguage(key)) {
      this.#declared.set(key, one);
      this.#known.delete(key);
      return;
    }
    one.reporter.error({
      code: 'W0101',
      span: name.span,
      message: `there is already a function named ${key}${other === undefined ? ' in the language' : ''}`,
      label: 'give this function another name',
      hints: other === undefined ? [] : [standsAt({ name: other.statement.name, reporter: other.reporter })],
    });
  }

  #find(name: string): KnownFunction | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { statement, reporter } = this.#declared.get(name) as Declared;
    this.#open.add(name);
    const found = reporter.attempt(() => this.#check(statement, reporter));
    this.#open.delete(name);
    this.#known.set(name, found);
    return found;
  }

  #check(statement: FunctionStatement, reporter: Reporter): KnownFunction {
    const declared = declaredArguments(statement);
    const returns = typeNamed(statement.returns, argument_types);
    const names = declared.map(({ name }) => name);
    const called = callsIn(statement.body).filter(({ text }) => this.#declared.has(text.toLowerCase()));
    for (const call of called) this.#refuseCircle(call);
    const size = sizeOf(statement.body, names, (name) => this.#sizeOf(name));
    refuseLarge(size, statement.body.span, statement.name.text);
    const columns = new Map(declared.map(({ name, type, span }) => [name, placeholder(name, type, span)]));
    const body = checkValue(statement.body, this.#inside(this.#lookups, columns, reporter));
    refuseOtherType(body, returns, statement);
    size.uses.forEach((uses, i) => {
      if (uses === 0) reporter.warn(unusedArgument(statement.arguments[i].name));
    });
    return { statement, path: reporter.path, arguments: declared, size, calls: this.#callsFrom(called) };
  }

  #refuseCircle({ text, span }: Word): void {
    const name = text.toLowerCase();
    if (this.#open.has(name)) {
      const circle = [...this.#open].slice([...this.#open].indexOf(name));
      refuse({
        code: 'W0114',
        span,
        message: circle.length === 1 ? 'this function calls itself' : 'these functions call each other in a circle',
        label: [...circle, name].join(' calls '),
        hints: ['a function is written out where it is called, so that it cannot call itself'],
      });
    }
    if (this.#open.size >= functionLimits.calls) refuseManyCalls(span);
  }

  /** Whatever the order in which functions are declared, a chain of them is refused beyond the same length. */
  #callsFrom(called: readonly Word[]): number {
    const counts = called.map(({ text, span }) => ({ calls: this.#find(text.toLowerCase())?.calls ?? 0, span }));
    for (const { calls, span } of counts) if (calls >= functionLimits.calls) refuseManyCalls(span);
    return 1 + Math.max(0, ...counts.map(({ calls }) => calls));
  }

  /** Of a function that is called; null for one of the language. */
  #sizeOf(name: string): Size | null {
    if (!this.#declared.has(name)) return null;
    const known = this.#find(name);
    if (known === null) throw new Refusal(null);
    return known.size;
  }

  #bound(node: CallNode, name: string, context: Context): void {
    // Inside a body it has been bounded with the whole.
    if (context.arguments !== undefined) return;
    const size = sizeOf(node, [], (called) => this.#sizeOf(called));
    refuseLarge(size, node.span, name);
    this.#written_parts += size.parts;
    if (this.#written_parts <= functionLimits.parts_of_all) return;
    refuse({
      code: 'W0115',
      span: node.span,
      message: `all calls of functions together have more than ${functionLimits.parts_of_all} parts when they are written out`,
      label: 'compute the value once, in a CREATE VIEW that many rules read',
    });
  }

  /** An argument of the declared type: a literal text is read as an address or a time, and an int goes for a float. */
  #fit(value: Checked, { statement, arguments: declared }: KnownFunction, i: number): Checked {
    const { name, type } = declared[i] as KnownFunction['arguments'][0];
    if (isText(value) && (type === 'ip' || type === 'timestamp')) return textAs(type, value);
    if (value.type === type || value.type === 'null' || (type === 'float' && value.type === 'int')) return value;
    refuse({
      code: 'W0202',
      span: value.span,
      message: `${signatureOf(statement)}: ${name} is ${typeWithArticle(type)}, not ${typeWithArticle(value.type)}`,
      label: `this is ${typeWithArticle(value.type)}`,
      hints: functions.has(`cast_${type}`) ? [`a cast makes it one: (…)::${type}`] : [],
    });
  }

  #inside(lookups: Lookups | null, names: ReadonlyMap<string, Checked>, reporter: Reporter): Context {
    return {
      ...({ clause: 'a function', input: nothing, input_alias: null, params: new Params(this) } as const),
      ...{ joins: new Map(), lookups, aliases: new Map(), all_aliases: [], windowed: false, reporter },
      arguments: names,
    };
  }
}

const nothing = new Input('the function', [], false);
/** Warnings about a body are given where it is declared, once. */
const silent = new Reporter('', []);

function isOfTheLanguage(name: string): boolean {
  const is_form = ['cast', 'extract', 'any', 'exists', 'interval', 'case'].includes(name);
  return is_form || isAggregate(name) || functions.has(name) || laterFunctions.has(name) || refusedFunctions.has(name);
}

function declaredArguments(statement: FunctionStatement): (KnownFunction['arguments'][0] & { readonly span: Span })[] {
  const seen = new Set<string>();
  return statement.arguments.map(({ name, type, span }) => {
    if (seen.has(name.text)) {
      refuse({
        code: 'W0101',
        span: name.span,
        message: `a second argument ${name.text}`,
        label: 'give it another name',
      });
    }
    seen.add(name.text);
    return { name: name.text, type: typeNamed(type, argument_types), span };
  });
}

/** While a body is checked by itself, an argument is any value of its type. */
function placeholder(name: string, type: ValueType, span: Span): Checked {
  return { kind: 'column', name, path: [name], type, conversion: 'declared', written: name, span };
}

function callsIn(node: ExpressionNode): Word[] {
  return [...(node.kind === 'call' ? [node.name] : []), ...children(node).flatMap(callsIn)];
}

function refuseManyCalls(span: Span): never {
  const label = `more than ${functionLimits.calls} functions that call one another`;
  refuse({ code: 'W0114', span, message: 'functions are nested too deeply', label });
}

/** The expression as if it stood where it is called: what is said about it later is said there. */
function placedAt<T>(node: T, span: Span): T {
  if (Array.isArray(node)) return node.map((part) => placedAt(part, span)) as T;
  if (typeof node !== 'object' || node === null) return node;
  const parts = Object.entries(node).map(([name, part]) => [name, name === 'span' ? span : placedAt(part, span)]);
  return Object.fromEntries(parts);
}

function refuseLarge(size: Size, span: Span, name: string): void {
  const parts = wholeSize(size);
  if (parts <= functionLimits.parts && size.depth <= functionLimits.depth) return;
  const what = parts > functionLimits.parts ? `${parts} parts` : `${size.depth} levels`;
  const most = parts > functionLimits.parts ? functionLimits.parts : functionLimits.depth;
  refuse({
    code: 'W0115',
    span,
    message: `${name} has ${what} when the functions in it are written out, at most ${most} are allowed`,
    label: 'an argument that is used twice doubles what is passed for it',
    hints: ['compute the inner value in a CREATE VIEW, and read its column'],
  });
}

function refuseOtherType(body: Checked, returns: ValueType, { name, returns: written }: FunctionStatement): void {
  const fits = body.type === returns || body.type === 'null' || (returns === 'float' && body.type === 'int');
  if (fits) return;
  refuse({
    code: 'W0201',
    span: written.span,
    message: `${name.text} is said to return ${typeWithArticle(returns)}, and its expression is ${typeWithArticle(body.type)}`,
    label: `write RETURNS ${body.type}, or cast the expression`,
  });
}

function unusedArgument({ text, span }: Word) {
  return {
    ...({ code: 'W0306', span, message: `the function does not use its argument ${text}` } as const),
    label: 'remove it here and where the function is called',
  };
}

/** `is_bot(agent string) RETURNS bool`. */
function signatureOf({ name, arguments: given, returns }: FunctionStatement): string {
  const list = given.map((argument) => `${argument.name.text} ${argument.type.text}`).join(', ');
  return `${name.text}(${list}) RETURNS ${returns.text}`;
}
