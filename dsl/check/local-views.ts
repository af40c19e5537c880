import { type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import type {
  ExpressionNode,
  JoinNode,
  LocalNode,
  RuleStatement,
  Select,
  SourceNode,
  ViewStatement,
  Word,
} from '../syntax/tree.ts';
import { standsAt } from './taken-name.ts';

/** A view that one statement has for itself: an entry of a WITH, or a SELECT in brackets. */
export interface LocalView {
  /** Its name is `owner.name`, so that it is no other statement's. */
  readonly statement: ViewStatement;
  /** The name as written. */
  readonly written: Word;
  /** Whether the statement's own SELECT reads it, by way of other local views or not. */
  readonly is_needed: boolean;
  /** Whether anything reads it. */
  readonly is_read: boolean;
}

/** A statement whose sources are all names, and its local views, each behind those that it reads. */
export interface Lifted<S> {
  readonly statement: S;
  readonly locals: readonly LocalView[];
}

/** What a name that is written in a SELECT means there: local views by written name. */
type Scope = ReadonlyMap<string, string>;

/**
 * Makes views of what a statement says in WITH and in brackets, so that everything behind this place knows statements and
 * names only: `FROM v` becomes `FROM "r.v" AS v`. An entry of a WITH sees those before it, never itself, so that they
 * cannot read each other in a circle; a SELECT in brackets sees what stands around it.
 * Throws a Refusal where two of them have one name.
 * @param reporter of the statement's file: it says where the first one stands
 */
export function liftLocalViews<S extends RuleStatement | ViewStatement>(statement: S, reporter: Reporter): Lifted<S> {
  const lifting = new Lifting(reporter);
  const { name, select } = statement;
  const own = lifting.select(select, new Map(), name.text);
  return { statement: { ...statement, select: own }, locals: lifting.locals(name.text) };
}

class Lifting {
  readonly #reporter: Reporter;
  readonly #views = new Map<string, { readonly statement: ViewStatement; readonly written: Word }>();
  /** By full name of what reads: the local views that it reads. */
  readonly #reads = new Map<string, Set<string>>();

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** The SELECT with names for its sources; `reader` is the full name of what it stands in. */
  select(select: Select, around: Scope, reader: string): Select {
    const scope = new Map(around);
    const own = new Map<string, Word>();
    for (const entry of select.with) {
      this.#refuseSecond(entry.name, own);
      scope.set(entry.name.text, this.#add(entry, entry.name, scope, reader));
    }
    const from = this.#source(select.from, scope, reader);
    const joins = select.joins.map((join): JoinNode => ({ ...join, ...this.#source(join, scope, reader) }));
    const where = select.where === null ? null : this.#where(select.where, scope, reader);
    const union = select.union.map((one) => this.select(one, scope, reader));
    return { ...select, with: [], from, joins, where, union };
  }

  /** EXISTS stands in the AND of a WHERE, and reads a source. */
  #where(node: ExpressionNode, scope: Scope, reader: string): ExpressionNode {
    if (node.kind === 'and')
      return { ...node, arguments: node.arguments.map((part) => this.#where(part, scope, reader)) };
    if (node.kind === 'not') return { ...node, argument: this.#where(node.argument, scope, reader) };
    return node.kind === 'exists' ? { ...node, select: this.select(node.select, scope, reader) } : node;
  }

  locals(owner: string): LocalView[] {
    const needed = new Set([owner]);
    for (const name of needed) for (const read of this.#reads.get(name) ?? []) needed.add(read);
    const read = new Set([...this.#reads.values()].flatMap((names) => [...names]));
    return [...this.#views].map(([name, view]) => {
      return { ...view, is_needed: needed.has(name), is_read: read.has(name) };
    });
  }

  #source(source: SourceNode, scope: Scope, reader: string): SourceNode {
    const { name, alias, query } = source;
    const full = query === null ? scope.get(name.text) : this.#add(query, name, scope, reader);
    if (full === undefined) return { name, alias, query };
    const reads = this.#reads.get(reader) ?? new Set();
    this.#reads.set(reader, reads.add(full));
    return { name: { text: full, span: name.span }, alias: alias ?? name, query: null };
  }

  #add({ select, footer, span }: Omit<LocalNode, 'name'>, written: Word, scope: Scope, reader: string): string {
    const full = `${reader}.${written.text}`;
    const first = this.#views.get(full);
    if (first !== undefined) {
      const message = `this statement has two views called \`${written.text}\``;
      const hints = [standsAt({ name: first.written, reporter: this.#reporter })];
      refuse({ code: 'W0101', span: written.span, message, label: 'give this one another name', hints });
    }
    const name = { text: full, span: written.span };
    const statement = { kind: 'view', span, name, select: this.select(select, scope, full), footer } as const;
    this.#views.set(full, { statement, written });
    return full;
  }

  #refuseSecond(name: Word, own: Map<string, Word>): void {
    const first = own.get(name.text);
    if (first !== undefined) {
      const message = `this WITH has two entries called \`${name.text}\``;
      const hints = [standsAt({ name: first, reporter: this.#reporter })];
      refuse({ code: 'W0101', span: name.span, message, label: 'give one of them another name', hints });
    }
    own.set(name.text, name);
  }
}
