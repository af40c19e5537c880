import type { Compilation } from './compile.ts';
import type { Diagnostic, SourceFile } from './diagnostics/diagnostic.ts';
import { selectOperators } from './packs/select-operators.ts';
import type { Statement } from './syntax/tree.ts';

/** The diagnostics of a compilation from the side of one rule, view or table. */
export interface OwnDiagnostics {
  /** Those of what it depends on: itself, the views it reads, the stream, exceptions and TUNEs that name one of these. */
  readonly own: readonly Diagnostic[];
  /** How many other statements do not compile. */
  readonly broken: number;
}

/**
 * Sorts diagnostics by whether an operator of `partial` depends on the statement in which they stand: a rule that does not
 * compile is no reason to be silent about another one. What an operator reads and what is wrong keeps it out of `partial`.
 */
export function diagnosticsOf(name: string, compilation: Compilation, files: readonly SourceFile[]): OwnDiagnostics {
  const { partial, checked, parsed, diagnostics } = compilation;
  const needed = selectOperators(partial, [name]).operators;
  const names = new Set(needed.map((operator) => operator.name));
  const lookups = new Set(needed.flatMap((operator) => (operator.lookups ?? []).map((lookup) => lookup.name)));
  const places = checked.operators.filter((operator) => names.has(operator.name));
  const isNeeded = (statement: Statement, path: string): boolean => {
    switch (statement.kind) {
      case 'stream':
        return true;
      case 'exception':
        return statement.rules.some(({ text }) => names.has(text));
      case 'tune':
        return names.has(statement.rule.text);
      case 'lookup':
        return lookups.has(statement.name.text);
      case 'function':
        return false;
      default:
        return (
          names.has(statement.name.text) ||
          places.some((operator) => operator.path === path && holds(statement.span, operator.span.offset))
        );
    }
  };
  const own: Diagnostic[] = [];
  const broken = new Set<string>();
  for (const diagnostic of diagnostics) {
    const { place, severity } = diagnostic;
    if (place === null) {
      own.push(diagnostic);
      continue;
    }
    const { path, offset } = place;
    const statement = parsed.find((file) => file.path === path)?.statements.find(({ span }) => holds(span, offset));
    const unread =
      statement === undefined ? unreadAt(files.find((file) => file.path === path)?.text ?? '', offset) : null;
    const is_own = unread === null ? isNeeded(statement as Statement, path) : mayChange(unread.text, names);
    if (is_own) own.push(diagnostic);
    else if (severity === 'error') broken.add(`${path} ${statement?.span.offset ?? unread?.offset}`);
  }
  return { own, broken: broken.size };
}

function holds(span: { readonly offset: number; readonly length: number }, offset: number): boolean {
  return offset >= span.offset && offset <= span.offset + span.length;
}

const beginning = /\b(?:create\s+\w+|tune)\s/gi;

/** The text of a statement that could not be read: from what it begins with to the next beginning. */
function unreadAt(text: string, offset: number): { readonly offset: number; readonly text: string } {
  let from = 0;
  for (const { index } of text.matchAll(beginning)) {
    if (index > offset) return { offset: from, text: text.slice(from, index) };
    from = index;
  }
  return { offset: from, text: text.slice(from) };
}

/** Whether a statement that could not be read would make a rule of these names, or the stream, another one. */
function mayChange(text: string, names: ReadonlySet<string>): boolean {
  const words = text.match(/\w+/g) ?? [];
  const [first = '', second = ''] = words.map((word) => word.toLowerCase());
  if (first === 'create' && second === 'stream') return true;
  const changes = first === 'tune' || (first === 'create' && second === 'exception');
  return changes && words.some((word) => names.has(word));
}
