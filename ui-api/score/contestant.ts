import { basename } from 'node:path';
import { buildProgram, compile, loadLookups, loadRuleFiles, selectOperators } from '../../dsl/index.ts';
import type { LookupContent, Program } from '../../engine/index.ts';
import { digest, diskReader } from '../cli/rules.ts';

/** Rules to be measured, in words that a thread can be told. */
export interface ContestantSpec {
  /** Rule files and folders; relative ones start from `folder`. */
  readonly paths: readonly string[];
  readonly folder: string;
  /** Only this rule, and what it reads; null: all. */
  readonly rule: string | null;
  /** Values in place of those of PARAMs, by `rule.param`. */
  readonly params: readonly (readonly [name: string, value: number])[];
}

/** A program, and what its lookups hold in a world whose owners are these. */
export interface Contestant {
  readonly program: Program;
  lookups(owners_csv: string): readonly LookupContent[];
}

/**
 * The rules of a spec, compiled, with the owners of a simulated world in place of the file `owners.csv`.
 * @throws Error where they do not compile, with the first reason
 */
export function makeContestant({ paths, folder, rule, params }: ContestantSpec): Contestant {
  const disk = diskReader(folder);
  const compiled = compile(loadRuleFiles(disk, paths).rules, { params: new Map(params) });
  if (compiled.plan === null) {
    const error = compiled.diagnostics.find(({ severity }) => severity === 'error');
    throw new Error(error?.message ?? 'the rules do not compile');
  }
  const plan = rule === null ? compiled.plan : selectOperators(compiled.plan, [rule]);
  const lookups = (owners_csv: string) => {
    const read = (path: string): string => (basename(path) === 'owners.csv' ? owners_csv : disk.read(path));
    return loadLookups({ ...disk, read }, plan).contents;
  };
  return { program: buildProgram(plan, digest), lookups };
}
