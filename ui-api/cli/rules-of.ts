import {
  type Compilation,
  type CompileOptions,
  compile,
  diagnosticsOf,
  type LoadedLookups,
  type LoadedRules,
  loadLookups,
  loadRuleFiles,
  type ProgramPlan,
  selectOperators,
} from '../../dsl/index.ts';
import type { Shell } from './command.ts';
import { CliError, exitCodes } from './exit.ts';
import { diskReader, showDiagnostics } from './rules.ts';
import { plural } from './units.ts';

/** Rules from disk for a question about one of them. */
export interface LoadedFor {
  /** All that compiles; the rule that was asked for is in it, or there is none of that name. */
  readonly plan: ProgramPlan;
  readonly loaded: LoadedRules;
  readonly lookups: LoadedLookups;
  /** The same with other PARAMs; null where these values are refused. */
  readonly compileWith: (params: CompileOptions['params']) => Compilation & { readonly plan: ProgramPlan | null };
}

/**
 * Rules from disk for one rule, view or table: what is wrong with others is told in a line, and their warnings are left to
 * `weir check`. `rows`: see loadProgram.
 * @throws CliError when a path is wrong (usage), or what the rule depends on is (findings), with every message
 */
export function loadFor(
  name: string,
  paths: readonly string[],
  shell: Shell,
  rows: 'of_files' | 'recorded' = 'of_files',
): LoadedFor {
  const reader = diskReader(shell.folder);
  const loaded = loadRuleFiles(reader, paths);
  if (loaded.problems.length > 0) {
    showDiagnostics(loaded.problems, loaded, shell.stderr);
    throw new CliError(exitCodes.usage, `${plural(loaded.problems.length, 'problem')} with the rules' files`);
  }
  const compilation = compile(loaded.rules);
  sayOwn(name, compilation, loaded, shell);
  const { partial } = compilation;
  const all = loadLookups(reader, partial);
  const own = loadLookups(reader, { ...partial, lookups: lookupsOf(name, partial) });
  const told = own.diagnostics.filter(({ severity }) => rows === 'of_files' || severity !== 'error');
  if (told.length > 0) showDiagnostics(told, loaded, shell.stderr, own.files);
  const wrong = told.filter(({ severity }) => severity === 'error').length;
  if (wrong > 0) throw new CliError(exitCodes.findings, `${plural(wrong, 'error')} in the lookups, nothing was run`);
  return {
    ...{ plan: partial, loaded, lookups: { ...own, contents: all.contents } },
    compileWith: (params = new Map()) => {
      const changed = compile(loaded.rules, { params });
      return { ...changed, plan: errorsOf(changed) > errorsOf(compilation) ? null : changed.partial };
    },
  };
}

/**
 * The diagnostics of what a rule depends on, and in a line how much of the rest does not compile.
 * @throws CliError (findings) where it does not compile itself
 */
export function sayOwn(name: string, compilation: Compilation, loaded: LoadedRules, shell: Shell): void {
  const { partial, diagnostics } = compilation;
  const isThere = hasOperator(name, partial);
  // A name that nothing has is the caller's to tell: what is wrong elsewhere has no part in it.
  if (!isThere && !isDeclared(name, compilation)) return;
  const { own, broken } = isThere
    ? diagnosticsOf(name, compilation, loaded.rules)
    : { own: diagnostics.filter(({ severity }) => severity === 'error'), broken: 0 };
  if (own.length > 0) showDiagnostics(own, loaded, shell.stderr);
  const errors = own.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) {
    throw new CliError(exitCodes.findings, `${plural(errors, 'error')} in the rules`, 'weir check says all of them');
  }
  if (broken > 0) {
    const what = broken === 1 ? '1 other statement does' : `${broken} other statements do`;
    shell.stderr.line(`note: ${what} not compile: see weir check`);
  }
}

/** Whether a plan has a rule, a view or a table of this name, or a view of several SELECTs. */
export function hasOperator(name: string, { operators, unions = [] }: ProgramPlan): boolean {
  return [...operators, ...unions].some((one) => one.name === name);
}

/** Whether a statement, right or wrong, has this name; of a step (`rule.step`) or SELECT (`rule (2)`) the one it stands in. */
function isDeclared(name: string, { parsed }: Compilation): boolean {
  const [base] = name.replace(/ \(\d+\)$/, '').split('.');
  return parsed.some(
    ({ statements, unread }) =>
      unread.some((one) => one.name === base) ||
      statements.some((statement) => statement.kind !== 'tune' && statement.name.text === base),
  );
}

function errorsOf({ diagnostics }: Compilation): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length;
}

function lookupsOf(name: string, plan: ProgramPlan): NonNullable<ProgramPlan['lookups']> {
  const needed = selectOperators(plan, [name]).operators;
  const names = new Set(needed.flatMap(({ lookups = [] }) => lookups.map((lookup) => lookup.name)));
  return (plan.lookups ?? []).filter((lookup) => names.has(lookup.name));
}
