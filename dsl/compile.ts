import type { Value } from '../engine/index.ts';
import { Overrides } from './check/params.ts';
import { type CheckedProgram, checkProgram } from './check/program.ts';
import { type Diagnostic, Reporter, type SourceFile } from './diagnostics/diagnostic.ts';
import { SourceText } from './diagnostics/source-text.ts';
import { lintProgram } from './lint/lints.ts';
import { refuseEarlyAtEnd } from './plan/early.ts';
import type { ProgramPlan } from './plan/plan.ts';
import { lowerProgram } from './plan/program.ts';
import { type ParsedFile, parse } from './syntax/parse.ts';

export interface CompileOptions {
  /** Values for PARAMs, by 'rule.param' or 'param'; one outside its IN is an error. */
  readonly params?: ReadonlyMap<string, Value>;
  /** What time it is for the lint of exceptions that are over; without it, it is silent. */
  readonly as_of_ms?: number;
}

/** The result of every stage. Stages after an error hold what was right. */
export interface Compilation {
  /** null when there is an error. */
  readonly plan: ProgramPlan | null;
  /** The plan of what is right, also beside errors. */
  readonly partial: ProgramPlan;
  /** In the order of the files and of their text. */
  readonly diagnostics: readonly Diagnostic[];
  readonly parsed: readonly ParsedFile[];
  readonly checked: CheckedProgram;
}

/** Rule files to a plan, or to diagnostics that say why not. Never throws for what is written in a file. */
export function compile(files: readonly SourceFile[], options: CompileOptions = {}): Compilation {
  const diagnostics: Diagnostic[] = [];
  const reporters = files.map((file) => new Reporter(file.path, diagnostics, file.text));
  const parsed = files.map((file, i) => parse(file, reporters[i] as Reporter));
  for (const { path, tokens, statements } of parsed) {
    const isWrong = diagnostics.some(({ place }) => place?.path === path);
    if (tokens.length === 0 && statements.length === 0 && !isWrong) diagnostics.push(emptyFile(path));
  }
  const statements = parsed.flatMap((file, i) =>
    file.statements.map((statement) => ({ statement, reporter: reporters[i] as Reporter })),
  );
  const checked = checkProgram(statements, new Overrides(options.params ?? new Map()), diagnostics, {
    as_of_ms: options.as_of_ms ?? null,
    unread: parsed.flatMap(({ unread }) => unread),
  });
  lintProgram(checked, diagnostics);
  const texts = new Map<string, SourceText>();
  const lineOf = (path: string, offset: number): number => {
    const text = texts.get(path) ?? new SourceText(files.find((file) => file.path === path)?.text ?? '');
    texts.set(path, text);
    return text.position(offset).line;
  };
  const isWrong = () => diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  // Also beside errors: what is right is lowered, so that all that is wrong is said at once.
  const partial = lowerProgram(checked, lineOf);
  refuseEarlyAtEnd(partial, checked.operators, diagnostics);
  const order = new Map(files.map((file, i) => [file.path, i]));
  diagnostics.sort((a, b) => fileOf(a, order) - fileOf(b, order) || offsetOf(a) - offsetOf(b));
  return { plan: isWrong() ? null : partial, partial, diagnostics, parsed, checked };
}

/** Nothing in it is wrong, and nothing of it runs: a rule that was commented out is easily forgotten. */
function emptyFile(path: string): Diagnostic {
  const place = { path, offset: 0, length: 1 };
  const hints = ['a rule begins with CREATE RULE name AS SELECT …; remove the file where none is wanted'];
  const label = 'it is empty, or all of it is comment';
  return { code: 'W0308', severity: 'warning', message: 'a file without a statement', place, label, hints };
}

function fileOf({ place }: Diagnostic, order: ReadonlyMap<string, number>): number {
  return place === null ? order.size : (order.get(place.path) ?? order.size);
}

function offsetOf({ place }: Diagnostic): number {
  return place?.offset ?? 0;
}
