import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { lookupPath } from '../../dsl/index.ts';
import { diskReader } from '../cli/rules.ts';
import type { LoadedFiles } from '../deploy/rule-desk.ts';
import type { RunParameters } from './run-record.ts';

/** A run cannot be started as it was asked for. */
export class RunRefused extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** A path inside the run's folder for one of the rules' files: it keeps its place beside the others. */
function inside(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '..' ? '_up' : part))
    .join('/');
}

/**
 * Copies the rules that run in Weir, as they were loaded, and the rows of their lookups into a run's folder: what a run
 * says is of these texts, whatever happens to the files. Gives the paths, inside the folder, that the backtest is asked.
 * @throws RunRefused
 */
export function writeRunFiles(to: string, files: LoadedFiles, parameters: RunParameters): string[] {
  const { folder, paths, plan, loaded } = files;
  const asked = new Set(askedPaths(files, parameters));
  const write = (path: string, text: string | Uint8Array): void => {
    const full = join(to, inside(path));
    mkdirSync(dirname(full), { recursive: true, mode: 0o700 });
    writeFileSync(full, text, { mode: 0o600 });
  };
  const { candidate } = parameters;
  const candidate_path = candidate === null ? null : candidatePath(files, candidate.name);
  for (const { path, text } of loaded.rules) if (path !== candidate_path) write(path, text);
  if (candidate !== null && candidate_path !== null) write(candidate_path, candidate.text);
  const reader = diskReader(folder);
  for (const lookup of plan.lookups ?? []) {
    const path = lookupPath(reader, lookup);
    // As it is: the run reads the rows that the log recorded, whatever the file has become.
    if (path !== null) write(path, readFileSync(resolve(folder, path)));
  }
  if (candidate_path !== null) return [inside(candidate_path)];
  return asked.size > 0 ? [...asked].map(inside) : paths.map((path) => inside(path));
}

function askedPaths({ plan }: LoadedFiles, { rules }: RunParameters): string[] {
  return (rules ?? []).map((name) => {
    const rule = plan.operators.find((operator) => operator.kind === 'rule' && operator.name === name);
    if (rule !== undefined) return rule.source.path;
    throw new RunRefused(`no rule is named ${JSON.stringify(name)}`, 'GET /v1/rules lists them');
  });
}

/** Beside the rule of that name; a new one stands beside the first rule, so that it sees the same streams and views. */
function candidatePath({ plan, folder, paths }: LoadedFiles, name: string): string {
  const rules = plan.operators.filter(({ kind }) => kind === 'rule');
  const known = rules.find((rule) => rule.name === name) ?? null;
  if (known !== null) return known.source.path;
  const beside = rules[0]?.source.path ?? resolve(folder, paths[0], 'x');
  return `${dirname(beside)}/${name}.rule.sql`;
}
