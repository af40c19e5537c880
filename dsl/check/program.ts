import { compareText, type Value } from '../../engine/index.ts';
import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.ts';
import type {
  ExceptionStatement,
  FunctionStatement,
  RuleStatement,
  Statement,
  TuneStatement,
  ViewStatement,
  Word,
} from '../syntax/tree.ts';
import type { UnreadName } from '../syntax/unread.ts';
import { applyAcross } from './across.ts';
import type { CheckedLookup, CheckedOperator, CheckedStream, CheckedUnion } from './checked.ts';
import { applyExceptions } from './exception.ts';
import { DeclaredFunctionTable } from './function-table.ts';
import { Input } from './input.ts';
import { checkLocalName, hidesStatement, unreadLocal } from './local-names.ts';
import { liftLocalViews } from './local-views.ts';
import type { Lookups } from './lookup-values.ts';
import { isParam, type Overrides, Params } from './params.ts';
import { checkOperator, inputOfView, type Surroundings } from './rules.ts';
import { checkStream, defaultStream } from './stream.ts';
import type { SourceKind } from './stream-join.ts';
import { declareLookup, type Named, refuseSecondStream, refuseTakenName } from './taken-name.ts';
import { applyTune, type Rechecked } from './tune.ts';
import { allRowsOf, branchesOf, unite } from './union.ts';
import { type KnownSources, unknownSource } from './unknown-source.ts';

/** All statements of all files, checked; what has an error is missing. */
export interface CheckedProgram {
  readonly stream: CheckedStream;
  /** A view before whatever reads it. */
  readonly operators: readonly CheckedOperator[];
  /** Each before what reads it. */
  readonly unions: readonly CheckedUnion[];
  /** Sorted by name. */
  readonly lookups: readonly CheckedLookup[];
}

/** A statement and the reporter of its file. */
interface Placed<S extends Statement> {
  readonly statement: S;
  readonly reporter: Reporter;
}

/** A rule or a view; a view that stands in another statement has its name there and that statement as its owner. */
interface Operator extends Placed<RuleStatement | ViewStatement> {
  readonly local: { readonly written: Word; readonly owner: Operator } | null;
}

/** Views on views: each level is a stage of the engine. */
const deepest_views = 64;

/** What the names in statements stand for, besides rules and views. */
interface Names {
  readonly lookups: Lookups;
  readonly functions: DeclaredFunctionTable;
  readonly unread: ReadonlyMap<string, string>;
  /** Where lookups and the stream stand, by name. */
  readonly others: ReadonlyMap<string, Named>;
}

class ProgramCheck {
  readonly #named = new Map<string, Operator>();
  readonly #inputs = new Map<string, Input | null>();
  /** By operator. */
  readonly #read = new Map<string, Input>();
  readonly #open = new Set<string>();
  readonly #overrides: Overrides;
  /** By statement, and by view and SELECT of a UNION ALL in it: what each of them uses of the rule's is noted apart. */
  readonly #params = new Map<string, Params>();
  /** What `operators` were checked from, but for what a rule reads of its own UNION ALL. */
  readonly #checked = new Map<string, { readonly statement: RuleStatement | ViewStatement; readonly of: Operator }>();
  readonly #lookups: Lookups;
  readonly #functions: DeclaredFunctionTable;
  readonly #others: ReadonlyMap<string, Named>;
  /** What statements that cannot be read would have declared, by name. */
  readonly #unread: ReadonlyMap<string, string>;
  readonly stream: CheckedStream;
  readonly operators: CheckedOperator[] = [];
  readonly unions: CheckedUnion[] = [];

  constructor(
    stream: CheckedStream,
    statements: readonly Placed<RuleStatement | ViewStatement>[],
    { lookups, functions, unread: unwritten, others }: Names,
    overrides: Overrides,
  ) {
    this.stream = stream;
    this.#functions = functions;
    this.#others = others;
    this.#overrides = overrides;
    this.#lookups = lookups;
    this.#unread = unwritten;
    const hasStream = ![...unwritten.values()].includes('stream');
    this.#inputs.set(stream.name, hasStream ? Input.ofStream(stream) : null);
    const unread: Operator[] = [];
    const written = new Set(statements.map(({ statement }) => statement.name.text));
    for (const placed of statements) unread.push(...this.#declareWithLocals(placed, written));
    // What reads them shall not be told that there is no such view.
    for (const name of this.#unread.keys()) if (!this.#named.has(name)) this.#inputs.set(name, null);
    for (const operator of this.#named.values()) if (!unread.includes(operator)) this.#check(operator);
    const known = this.operators.length;
    for (const operator of unread) this.#check(operator);
    // They were checked for their errors: nothing asks for their rows.
    this.operators.length = known;
  }

  /**
   * The rule once more, with other values of its parameters, and the views in it that use one of them. What they warn of
   * has been said; what is wrong with these values only is in `diagnostics`.
   */
  recheck({ rule }: TuneStatement, values: ReadonlyMap<string, Value>, diagnostics: Diagnostic[]): Rechecked {
    const operator = this.#named.get(rule.text) as Operator;
    const reporter = new Reporter(operator.reporter.path, diagnostics);
    const own = this.#declaredParams(operator.statement, this.#overrides.with(values), reporter);
    const names = [...values.keys()].map((name) => name.slice(rule.text.length + 1));
    const isTuned = (name: string) => names.some((param) => this.#params.get(name)?.uses(param));
    const views = [...this.#checked].flatMap(([name, { statement, of }]) => {
      if (name === rule.text || (of.local?.owner ?? of) !== operator || !isTuned(name)) return [];
      const input = this.#inputOf(statement.select.from, of, reporter) as Input;
      const around = { ...this.#around(name, of, reporter), params: new Params(this.#functions, own) };
      return [checkOperator(statement, input, around, reporter)];
    });
    const { statement } = operator;
    const isUnion = this.isUnion(rule.text);
    const input = isUnion ? this.#read.get(rule.text) : this.#inputOf(statement.select.from, operator, reporter);
    const whole = isUnion ? { ...statement, select: allRowsOf(statement as RuleStatement) } : statement;
    const around = { ...this.#around(rule.text, operator, reporter), params: own };
    return { rule: checkOperator(whole, input as Input, around, reporter), views };
  }

  /** Whether a rule or view of this name is written, and has an error that has been reported. */
  isWrong(name: string): boolean {
    const isWritten = name !== this.stream.name && (this.#named.has(name) || this.#inputs.has(name));
    return isWritten && !this.isUnion(name) && !this.operators.some((operator) => operator.name === name);
  }

  /** What an operator reads. */
  inputOf({ name }: CheckedOperator): Input {
    return this.#read.get(name) as Input;
  }

  /** Declares a statement and the views that stand in it; gives those of them that it does not need. */
  #declareWithLocals({ statement, reporter }: Placed<RuleStatement | ViewStatement>, written: Set<string>): Operator[] {
    const lifted = reporter.attempt(() => liftLocalViews(statement, reporter));
    if (lifted === null) {
      // What reads it shall not be told that there is no such view.
      this.#inputs.set(statement.name.text, null);
      return [];
    }
    const owner: Operator = { statement: lifted.statement, reporter, local: null };
    if (!this.#declare(owner)) return [];
    const unread: Operator[] = [];
    for (const { statement: view, written: name, is_needed, is_read } of lifted.locals) {
      const operator: Operator = { statement: view, reporter, local: { written: name, owner } };
      reporter.attempt(() => checkLocalName(name, this.stream.name, this.#lookups));
      if (written.has(name.text)) reporter.warn(hidesStatement(name, lifted.statement));
      if (!is_read) reporter.warn(unreadLocal(name));
      this.#declare(operator);
      if (!is_needed) unread.push(operator);
    }
    return unread;
  }

  #declaredParams(statement: RuleStatement | ViewStatement, overrides: Overrides, reporter: Reporter): Params {
    const params = new Params(this.#functions);
    const header = statement.kind === 'rule' ? statement.header : [];
    params.declare(statement.name.text, header.filter(isParam), overrides, reporter);
    return params;
  }

  /** `name`: the operator's, or that of a SELECT of its UNION ALL. */
  #paramsOf(name: string, { statement, local, reporter }: Operator): Params {
    const known = this.#params.get(name);
    if (known !== undefined) return known;
    const owner = local?.owner.statement.name.text ?? statement.name.text;
    const params =
      name === owner
        ? this.#declaredParams(statement, this.#overrides, reporter)
        : new Params(this.#functions, this.#paramsOf(owner, local?.owner ?? { statement, local, reporter }));
    this.#params.set(name, params);
    return params;
  }

  /** false: another statement has its name, and that has been said. */
  #declare(operator: Operator): boolean {
    const { name, kind } = operator.statement;
    const taken = name.text === this.stream.name || this.#named.has(name.text) || this.#lookups.has(name.text);
    if (!taken) {
      this.#named.set(name.text, operator);
      return true;
    }
    const other = this.#named.get(name.text);
    const first = other === undefined ? this.#others.get(name.text) : namedOf(other);
    const what = first?.what ?? (this.#lookups.has(name.text) ? 'a lookup' : 'a stream');
    refuseTakenName(namedOf(operator), kind, what, first ?? null);
    return false;
  }

  #check(operator: Operator): void {
    const { statement } = operator;
    const name = statement.name.text;
    if (this.#inputs.has(name)) return;
    this.#open.add(name);
    const isUnion = statement.select.union.length > 0;
    if (isUnion) this.#inputs.set(name, this.#checkUnion(operator));
    else {
      const checked = this.#checkOne(statement, operator);
      if (checked !== null) this.operators.push(checked);
      this.#inputs.set(name, checked === null || checked.kind === 'rule' ? null : inputOfView(checked));
    }
    this.#open.delete(name);
  }

  /** `statement` is the operator's own, or a SELECT of its UNION ALL. */
  #checkOne(statement: RuleStatement | ViewStatement, operator: Operator): CheckedOperator | null {
    const { reporter } = operator;
    const name = statement.name.text;
    const input = this.#inputOf(statement.select.from, operator, reporter);
    if (input === null) return null;
    this.#checked.set(name, { statement, of: operator });
    return checkOperator(statement, input, this.#around(name, operator, reporter), reporter);
  }

  /** UNION ALL: each SELECT is a view of its own; a rule reads their rows. Gives what readers of a view see. */
  #checkUnion(operator: Operator): Input | null {
    const { statement, reporter, local } = operator;
    const { errors } = reporter;
    const parts = branchesOf(statement, reporter).map((branch) => this.#checkOne(branch, operator));
    const branches = parts.filter((branch) => branch !== null);
    if (branches.length < parts.length || reporter.errors > errors) return null;
    const taken = (name: string) => name !== statement.name.text && this.#named.has(name);
    const united = reporter.attempt(() => unite(statement, branches, local?.written.text ?? null, taken));
    if (united === null) return null;
    this.operators.push(...united.branches);
    this.unions.push(united.union);
    if (statement.kind !== 'rule') return united.input;
    const around = this.#around(statement.name.text, operator, reporter);
    const rule = checkOperator({ ...statement, select: allRowsOf(statement) }, united.input, around, reporter);
    if (rule !== null) this.operators.push(rule);
    return null;
  }

  isRule(name: string): boolean {
    return this.#named.get(name)?.statement.kind === 'rule';
  }

  /** Whether a rule or view is a UNION ALL. */
  isUnion(name: string): boolean {
    return (this.#named.get(name)?.statement.select.union.length ?? 0) > 0;
  }

  /** `name`: see #paramsOf. */
  #around(name: string, operator: Operator, reporter: Reporter): Surroundings {
    return {
      params: this.#paramsOf(name, operator),
      local: operator.local?.written.text ?? null,
      lookups: this.#lookups,
      resolve: (source) => this.#inputOf(source, operator, reporter),
      kindOf: (name) => this.#kindOf(name),
      keepInput: (read) => void this.#read.set(name, read),
    };
  }

  /** What the operator reads; null when it is unknown or wrong itself (then that has been reported). */
  #inputOf({ name }: { readonly name: Word }, reader: Operator, reporter: Reporter): Input | null {
    const view = this.#named.get(name.text);
    if (view !== undefined && view.statement.kind !== 'rule') {
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
    reporter.error(unknownSource(name, this.#knownTo(reader)));
    return null;
  }

  #kindOf(name: string): SourceKind | null {
    if (name === this.stream.name || name === 'events') return 'stream';
    const kind = this.#named.get(name)?.statement.kind ?? 'rule';
    if (kind !== 'rule') return kind;
    return this.#unread.get(name) === 'table' ? 'table' : this.#inputs.has(name) ? 'view' : null;
  }

  #knownTo(reader: Operator): KnownSources {
    const nameOf = ({ statement, local }: Operator) => (local?.owner.statement ?? statement).name.text;
    const others = [...this.#named.values()];
    return {
      ...{ stream: this.stream.name, lookups: this.#lookups, reader: nameOf(reader) },
      views: others.flatMap(({ statement, local }) =>
        statement.kind !== 'rule' && local === null ? [statement.name.text] : [],
      ),
      locals: others.flatMap((one) =>
        one.local === null ? [] : [{ name: one.local.written.text, owner: nameOf(one) }],
      ),
    };
  }
}

/** Checks all statements together: names are known across files, in any order. */
export function checkProgram(
  statements: readonly Placed<Statement>[],
  overrides: Overrides,
  diagnostics: Diagnostic[],
  { as_of_ms = null, unread = [] }: { readonly as_of_ms?: number | null; readonly unread?: readonly UnreadName[] } = {},
): CheckedProgram {
  let stream: CheckedStream | null = null;
  const exceptions: Placed<ExceptionStatement>[] = [];
  const tunes: Placed<TuneStatement>[] = [];
  const operators: Placed<RuleStatement | ViewStatement>[] = [];
  const declared: Placed<FunctionStatement>[] = [];
  const lookups = new Map<string, CheckedLookup | null>();
  const others = new Map<string, Named>();
  let first: Named | null = null;
  for (const { statement, reporter } of statements) {
    if (statement.kind === 'lookup') declareLookup(statement, reporter, { lookups, named: others });
    else if (statement.kind === 'exception') exceptions.push({ statement, reporter });
    else if (statement.kind === 'tune') tunes.push({ statement, reporter });
    else if (statement.kind === 'function') declared.push({ statement, reporter });
    else if (statement.kind !== 'stream') operators.push({ statement, reporter });
    else if (first !== null) refuseSecondStream(statement, reporter, first);
    else {
      stream = checkStream(statement, reporter);
      first = { what: 'a stream', name: statement.name, reporter };
    }
  }
  if (first !== null && !others.has(first.name.text)) others.set(first.name.text, first);
  const unreadOf = new Map(unread.map(({ name, kind }) => [name, kind]));
  for (const [name, kind] of unreadOf) if (kind === 'lookup' && !lookups.has(name)) lookups.set(name, null);
  const functions = new DeclaredFunctionTable(declared, lookups, unreadOf);
  const names = { lookups, functions, unread: unreadOf, others };
  const check = new ProgramCheck(stream ?? defaultStream, operators, names, overrides);
  for (const { statement, reporter } of tunes) {
    // One that is written and wrong is not missing.
    if (check.isWrong(statement.rule.text)) continue;
    applyTune(statement, check.operators, reporter, (values, found) => check.recheck(statement, values, found));
  }
  applyAcross(check.operators, check.stream, diagnostics);
  applyExceptions(exceptions, check, {
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
  return { stream: check.stream, operators: check.operators, unions: check.unions, lookups: known };
}

function namedOf({ statement, reporter }: Operator): Named {
  return { what: `a ${statement.kind}`, name: statement.name, reporter };
}
