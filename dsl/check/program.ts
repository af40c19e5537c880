import { compareText, type Value } from '../../engine/index.ts';
import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type {
  ExceptionStatement,
  FunctionStatement,
  LookupStatement,
  RuleStatement,
  Statement,
  StreamStatement,
  TuneStatement,
  ViewStatement,
  Word,
} from '../syntax/tree.ts';
import { applyAcross } from './across.ts';
import type { CheckedLookup, CheckedOperator, CheckedStream } from './checked.ts';
import { applyException, type ExceptionScope } from './exception.ts';
import { DeclaredFunctionTable } from './function-table.ts';
import { Input } from './input.ts';
import { checkLookup } from './lookup.ts';
import type { Lookups } from './lookup-values.ts';
import type { Overrides } from './params.ts';
import { checkOperator, inputOfView, type Surroundings } from './rules.ts';
import { checkStream, defaultStream } from './stream.ts';
import { applyTune } from './tune.ts';

/** All statements of all files, checked; what has an error is missing. */
export interface CheckedProgram {
  readonly stream: CheckedStream;
  /** A view before whatever reads it. */
  readonly operators: readonly CheckedOperator[];
  /** Sorted by name. */
  readonly lookups: readonly CheckedLookup[];
}

/** A statement and the reporter of its file. */
interface Placed<S extends Statement> {
  readonly statement: S;
  readonly reporter: Reporter;
}

type Operator = Placed<RuleStatement | ViewStatement>;

/** Names that mean something else where a stream's name stands. */
const later_streams: ReadonlyMap<string, string> = new Map([
  ['alerts', 'rules on detections come later'],
  ['sequence', 'sequences come later'],
]);

/** Views on views: each level is a stage of the engine. */
const deepest_views = 64;

class ProgramCheck {
  readonly #named = new Map<string, Operator>();
  readonly #inputs = new Map<string, Input | null>();
  /** By operator. */
  readonly #read = new Map<string, Input>();
  readonly #open = new Set<string>();
  readonly #overrides: Overrides;
  readonly #lookups: Lookups;
  readonly #functions: DeclaredFunctionTable;
  readonly stream: CheckedStream;
  readonly operators: CheckedOperator[] = [];

  constructor(
    stream: CheckedStream,
    operators: readonly Operator[],
    { lookups, functions }: { readonly lookups: Lookups; readonly functions: DeclaredFunctionTable },
    overrides: Overrides,
  ) {
    this.stream = stream;
    this.#functions = functions;
    this.#overrides = overrides;
    this.#lookups = lookups;
    this.#inputs.set(stream.name, Input.ofStream(stream));
    for (const operator of operators) this.#declare(operator);
    for (const operator of this.#named.values()) this.#check(operator);
  }

  /** The rule once more, with other values of its parameters; what it warns of has been said. */
  recheck(rule: string, values: ReadonlyMap<string, Value>): CheckedOperator | null {
    const { statement } = this.#named.get(rule) as Operator;
    const input = this.#inputs.get(statement.select.from.name.text) as Input;
    const silent = new Reporter((this.#named.get(rule) as Operator).reporter.path, []);
    return checkOperator(statement, input, this.#around(rule, this.#overrides.with(values), silent), silent);
  }

  /** What an operator reads. */
  inputOf({ name }: CheckedOperator): Input {
    return this.#read.get(name) as Input;
  }

  #declare(operator: Operator): void {
    const { name, kind } = operator.statement;
    const taken = name.text === this.stream.name || this.#named.has(name.text) || this.#lookups.has(name.text);
    if (!taken) {
      this.#named.set(name.text, operator);
      return;
    }
    const other = this.#named.get(name.text);
    operator.reporter.error({
      code: 'W0101',
      span: name.span,
      message: `there is already ${other === undefined ? (this.#lookups.has(name.text) ? 'a lookup' : 'a stream') : `a ${other.statement.kind}`} named ${name.text}`,
      label: `give this ${kind} another name`,
      hints:
        other === undefined || other.reporter === operator.reporter
          ? []
          : [`the other one stands in ${other.reporter.path}`],
    });
  }

  #check(operator: Operator): void {
    const { statement, reporter } = operator;
    const name = statement.name.text;
    if (this.#inputs.has(name)) return;
    this.#open.add(name);
    const input = this.#inputOf(statement.select.from, reporter);
    const checked =
      input === null ? null : checkOperator(statement, input, this.#around(name, this.#overrides, reporter), reporter);
    this.#open.delete(name);
    if (checked !== null) this.operators.push(checked);
    this.#inputs.set(name, checked === null || checked.kind === 'rule' ? null : inputOfView(name, checked.select));
  }

  #around(name: string, overrides: Overrides, reporter: Reporter): Surroundings {
    return {
      ...{ overrides, lookups: this.#lookups, functions: this.#functions },
      resolve: (source) => this.#inputOf(source, reporter),
      keepInput: (read) => void this.#read.set(name, read),
    };
  }

  /** What the operator reads; null when it is unknown or wrong itself (then that has been reported). */
  #inputOf({ name }: { readonly name: Word }, reporter: Reporter): Input | null {
    const view = this.#named.get(name.text);
    if (view?.statement.kind === 'view') {
      if (this.#open.has(name.text)) {
        const circle = [...this.#open].slice([...this.#open].indexOf(name.text));
        reporter.error({
          code: 'W0103',
          span: name.span,
          message: 'these views read each other in a circle',
          label: [...circle, name.text].join(' reads '),
          hints: ['a view can read events and views that do not read it'],
        });
        return null;
      }
      if (this.#open.size > deepest_views) {
        const label = `more than ${deepest_views} views`;
        reporter.error({ code: 'W0103', span: name.span, message: 'too many views on top of one another', label });
        return null;
      }
      this.#check(view);
    } else if (view !== undefined) {
      reporter.error({
        code: 'W0102',
        span: name.span,
        message: `${name.text} is a rule, and rules cannot be read`,
        label: 'write its SELECT as CREATE VIEW and read that in both',
      });
      return null;
    }
    const input = this.#inputs.get(name.text);
    if (input !== undefined) return input;
    if (this.#lookups.has(name.text)) {
      reporter.error({
        code: 'W0102',
        span: name.span,
        message: `${name.text} is a lookup: its rows are no events`,
        label: `write FROM ${this.stream.name} WHERE column IN LOOKUP ${name.text}`,
      });
      return null;
    }
    const later = later_streams.get(name.text.toLowerCase());
    if (later !== undefined) {
      reporter.error({ code: 'W0010', span: name.span, message: `not yet: FROM ${name.text}`, label: later });
      return null;
    }
    const views = [...this.#named.values()].flatMap((other) =>
      other.statement.kind === 'view' ? [other.statement.name.text] : [],
    );
    reporter.error({
      code: 'W0102',
      span: name.span,
      message: `there is no stream or view \`${name.text}\``,
      label: didYouMean(name.text, [this.stream.name, ...views]),
      hints: [views.length === 0 ? 'the stream is called events' : `streams and views: events, ${views.join(', ')}`],
    });
    return null;
  }
}

/** Checks all statements together: names are known across files, in any order. */
export function checkProgram(
  statements: readonly Placed<Statement>[],
  overrides: Overrides,
  diagnostics: Diagnostic[],
  as_of_ms: number | null = null,
): CheckedProgram {
  let stream: CheckedStream | null = null;
  const exceptions: Placed<ExceptionStatement>[] = [];
  const tunes: Placed<TuneStatement>[] = [];
  const operators: Operator[] = [];
  const declared: Placed<FunctionStatement>[] = [];
  const lookups = new Map<string, CheckedLookup | null>();
  for (const { statement, reporter } of statements) {
    if (statement.kind === 'lookup') declareLookup(statement, reporter, lookups);
    else if (statement.kind === 'exception') exceptions.push({ statement, reporter });
    else if (statement.kind === 'tune') tunes.push({ statement, reporter });
    else if (statement.kind === 'function') declared.push({ statement, reporter });
    else if (statement.kind !== 'stream') operators.push({ statement, reporter });
    else if (stream === null) stream = checkStream(statement, reporter);
    else refuseSecondStream(statement, reporter);
  }
  const functions = new DeclaredFunctionTable(declared, lookups);
  const check = new ProgramCheck(stream ?? defaultStream, operators, { lookups, functions }, overrides);
  for (const { statement, reporter } of tunes) {
    applyTune(statement, check.operators, reporter, (rule, values) => check.recheck(rule, values));
  }
  applyAcross(check.operators, check.stream, diagnostics);
  applyExceptions(exceptions, check.operators, {
    ...{ lookups, functions, as_of_ms },
    inputOf: (operator) => check.inputOf(operator),
  });
  for (const name of overrides.unused()) {
    const message = `no rule has a parameter named ${name}`;
    const hints = ['a parameter is named rule.param, or param for every rule that has it'];
    diagnostics.push({ code: 'W0106', severity: 'error', message, place: null, label: '', hints });
  }
  const known = [...lookups.values()].filter((lookup) => lookup !== null);
  known.sort((a, b) => compareText(a.name, b.name));
  return { stream: check.stream, operators: check.operators, lookups: known };
}

function applyExceptions(
  exceptions: readonly Placed<ExceptionStatement>[],
  operators: CheckedOperator[],
  scope: ExceptionScope,
): void {
  const names = new Set<string>();
  for (const { statement, reporter } of exceptions) {
    const { name } = statement;
    if (!names.has(name.text)) applyException(statement, operators, reporter, scope);
    else {
      const message = `there is already an exception named ${name.text}`;
      reporter.error({ code: 'W0101', span: name.span, message, label: 'give this exception another name' });
    }
    names.add(name.text);
  }
}

function declareLookup(
  statement: LookupStatement,
  reporter: Reporter,
  lookups: Map<string, CheckedLookup | null>,
): void {
  const { name } = statement;
  if (!lookups.has(name.text)) lookups.set(name.text, checkLookup(statement, reporter));
  else {
    const message = `there is already a lookup named ${name.text}`;
    reporter.error({ code: 'W0101', span: name.span, message, label: 'give this lookup another name' });
  }
}

function refuseSecondStream({ name }: StreamStatement, reporter: Reporter): void {
  reporter.error({
    code: 'W0101',
    span: name.span,
    message: 'a second CREATE STREAM',
    label: 'a set of rules has one stream; remove one of them',
  });
}
