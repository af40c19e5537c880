import type { LookupContent } from '../../engine/index.ts';
import type { Diagnostic, SourceFile } from '../diagnostics/diagnostic.ts';
import { readLookup } from '../lookups/read-lookup.ts';
import type { LookupPlan, ProgramPlan } from '../plan/plan.ts';
import type { FileReader } from './load-rules.ts';
import { joinPath, parentOf } from './path.ts';

/** The files of a program's lookups, read. */
export interface LoadedLookups {
  readonly contents: readonly LookupContent[];
  /** For messages: the texts that diagnostics point into. */
  readonly files: readonly SourceFile[];
  /** Files that cannot be used are errors, bad rows are warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Rows left out, by lookup; only where there are some. */
  readonly bad_rows: ReadonlyMap<string, number>;
  /** Why the file of a lookup cannot be used, by lookup; only where it cannot. */
  readonly unread: ReadonlyMap<string, Diagnostic>;
}

const steps_max = 12;

/**
 * Where the file of a lookup stands: beside the rule file that declares it, or in the folder `lookups/` of the nearest
 * folder upwards that has it there. null when it is nowhere.
 */
export function lookupPath(reader: FileReader, { path, source }: LookupPlan): string | null {
  const folder = parentOf(path) ?? '.';
  const beside = joinPath(folder, source);
  if (reader.kind(beside) === 'file') return beside;
  let at: string | null = folder;
  for (let steps = 0; at !== null && steps < steps_max; steps++) {
    const inside = joinPath(joinPath(at, 'lookups'), source);
    if (reader.kind(inside) === 'file') return inside;
    at = parentOf(at);
  }
  return null;
}

/** Reads the lookups of a program from their files. Never throws: what is wrong is in `diagnostics`. */
export function loadLookups(reader: FileReader, { lookups = [] }: ProgramPlan): LoadedLookups {
  const contents: LookupContent[] = [];
  const files: SourceFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const bad_rows = new Map<string, number>();
  const unread = new Map<string, Diagnostic>();
  for (const plan of lookups) {
    const file = lookupFile(reader, plan);
    if ('code' in file) {
      diagnostics.push(file);
      unread.set(plan.name, file);
      continue;
    }
    files.push(file);
    const read = readLookup(plan, file);
    diagnostics.push(...read.diagnostics);
    if (read.bad_rows > 0) bad_rows.set(plan.name, read.bad_rows);
    const refusal = read.diagnostics.find(({ severity }) => severity === 'error');
    if (read.content !== null) contents.push(read.content);
    else if (refusal !== undefined) unread.set(plan.name, refusal);
  }
  return { contents, files, diagnostics, bad_rows, unread };
}

function lookupFile(reader: FileReader, plan: LookupPlan): SourceFile | Diagnostic {
  const path = lookupPath(reader, plan);
  const problem = (message: string, hint: string): Diagnostic => {
    return { code: 'W0404', severity: 'error', message, place: null, label: '', hints: [hint] };
  };
  if (path === null) {
    const hint = `put it beside ${plan.path}, or into a folder lookups/ there or above`;
    return problem(`the lookup ${plan.name} has no file ${plan.source}`, hint);
  }
  try {
    return { path, text: reader.read(path) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return problem(`cannot read ${path}: ${why}`, 'check that the file may be read and is UTF-8');
  }
}
