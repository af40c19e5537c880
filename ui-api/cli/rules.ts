import { hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  buildProgram,
  compile,
  type Diagnostic,
  diagnosticsToJson,
  type FileReader,
  type LoadedLookups,
  type LoadedRules,
  loadLookups,
  loadRuleFiles,
  lookupPath,
  type ProgramPlan,
  renderDiagnostics,
  type SourceFile,
} from '../../dsl/index.ts';
import type { Program } from '../../engine/index.ts';
import type { LookupFiles } from '../live/lookup-watch.ts';
import type { Shell } from './command.ts';
import { CliError, exitCodes } from './exit.ts';
import type { Output } from './output.ts';
import { plural } from './units.ts';

/** Node's own sha256, some six times as fast as the engine's. */
export const digest = (text: string): string => hash('sha256', text, 'hex');

/** Rule files as they stand on this machine's disk; relative paths start from `folder`. */
export function diskReader(folder: string): FileReader {
  return {
    kind: (path) => {
      const stats = statSync(resolve(folder, path), { throwIfNoEntry: false });
      if (stats === undefined) return null;
      return stats.isDirectory() ? 'folder' : 'file';
    },
    list: (path) =>
      readdirSync(resolve(folder, path), { withFileTypes: true }).map((entry) => {
        // A link stands for what it leads to.
        const isFolder = entry.isSymbolicLink()
          ? (statSync(resolve(folder, path, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false)
          : entry.isDirectory();
        return { name: entry.name, kind: isFolder ? 'folder' : 'file' };
      }),
    read: (path) => new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(resolve(folder, path))),
  };
}

export interface LoadedProgram {
  readonly program: Program;
  readonly plan: ProgramPlan;
  readonly loaded: LoadedRules;
  readonly lookups: LoadedLookups;
}

/**
 * Rules from disk to a program that can run. Warnings go to stderr, or are left to `weir check` (`counted`: a line says how
 * many there are). `rows`: whether those of lookups are of
 * their files, or what a history recorded; then a file that cannot be used is no error yet (lookup-history.ts).
 * @throws CliError when a path is wrong (usage) or a rule does not compile (findings), with every message.
 */
export function loadProgram(
  paths: readonly string[],
  shell: Shell,
  rows: 'of_files' | 'recorded' = 'of_files',
  warnings: 'shown' | 'counted' = 'shown',
): LoadedProgram {
  const loaded = loadRuleFiles(diskReader(shell.folder), paths);
  if (loaded.problems.length > 0) {
    showDiagnostics(loaded.problems, loaded, shell.stderr);
    throw new CliError(exitCodes.usage, `${plural(loaded.problems.length, 'problem')} with the rules' files`);
  }
  const { plan, diagnostics } = compile(loaded.rules);
  if (loaded.unloaded.length > 0) showDiagnostics(loaded.unloaded, loaded, shell.stderr);
  if (plan !== null && warnings === 'counted') {
    if (diagnostics.length > 0) shell.stderr.line(`${plural(diagnostics.length, 'warning')}: see weir check`);
  } else if (diagnostics.length > 0) showDiagnostics(diagnostics, loaded, shell.stderr);
  if (plan === null) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
    throw new CliError(exitCodes.findings, `${plural(errors, 'error')} in the rules, nothing was run`);
  }
  const lookups = loadLookups(diskReader(shell.folder), plan);
  const isTold = ({ severity }: Diagnostic) => rows === 'of_files' || severity !== 'error';
  const told = lookups.diagnostics.filter(isTold);
  if (told.length > 0) showDiagnostics(told, loaded, shell.stderr, lookups.files);
  const errors = told.filter((diagnostic) => diagnostic.severity === 'error').length;
  if (errors > 0) throw new CliError(exitCodes.findings, `${plural(errors, 'error')} in the lookups, nothing was run`);
  return { program: buildProgram(plan, digest), plan, loaded, lookups };
}

/** The files of a program's lookups, for `weir run`: read again when they change. */
export function lookupFiles(plan: ProgramPlan, { folder }: Pick<Shell, 'folder'>): LookupFiles {
  const reader = diskReader(folder);
  const paths = () => (plan.lookups ?? []).map((lookup) => lookupPath(reader, lookup));
  return {
    stamp: () =>
      JSON.stringify(
        paths().map((path) => {
          const stats = path === null ? undefined : statSync(resolve(folder, path), { throwIfNoEntry: false });
          return [path, stats?.size, stats?.mtimeMs];
        }),
      ),
    read: () => {
      const { contents, files, diagnostics } = loadLookups(reader, plan);
      const problems = diagnosticsToJson(diagnostics, files).map(({ severity, message, label, path, line, column }) => {
        const where = path === null ? '' : `${path}:${line}:${column}: `;
        const kept = severity === 'error' ? ' (the rows before it stay in effect)' : '';
        return `${where}${message}${label === '' ? '' : `: ${label}`}${kept}`;
      });
      return { contents, problems };
    },
  };
}

/** Diagnostics as a person reads them. `others`: files besides rules and tests that they point into. */
export function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  loaded: LoadedRules,
  output: Output,
  others: readonly SourceFile[] = [],
): void {
  const files = [...loaded.rules, ...loaded.tests, ...others];
  const width = output.is_terminal ? { width: output.width } : {};
  output.line(renderDiagnostics(diagnostics, files, { color: output.paint.enabled, ...width }).trimEnd());
}
