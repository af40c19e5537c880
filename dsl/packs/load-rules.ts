import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { listOf, nearest } from '../diagnostics/suggest.ts';
import { dialectOf } from '../syntax/dialects.ts';
import { addNeededViews } from './needed-views.ts';
import { type Pack, readPack } from './pack-file.ts';
import { joinPath, nameOf, parentOf } from './path.ts';

/** How packs see a file system: given by the caller, so that rules load in a browser too. Paths are joined by '/'. */
export interface FileReader {
  /** What stands at a path; null when there is nothing, or nothing that may be read. */
  kind(path: string): 'file' | 'folder' | null;
  /** Names and kinds in a folder, in any order. May throw. */
  list(path: string): readonly FolderEntry[];
  /** Text of a file (UTF-8). May throw. */
  read(path: string): string;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** A rule, view or stream file. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
  /**
   * 'asked': below one of the paths. 'needed': loaded because what was asked reads it (the stream, a view or lookup of the pack);
   * rules in it are not what was asked for.
   */
  readonly role: 'asked' | 'needed';
}

export interface TestFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadedRules {
  readonly rules: readonly RuleFile[];
  readonly tests: readonly TestFile[];
  readonly packs: readonly Pack[];
  /** Paths that do not exist or hold no rules, files that cannot be read, wrong pack.yaml. */
  readonly problems: readonly Diagnostic[];
  /** Files of SQL in the folders that were asked for whose endings nothing is loaded by: rules that nobody runs. */
  readonly unloaded: readonly Diagnostic[];
}

const depth_max = 12;
const rule_file = /\.(rule|view|table|stream|lookup|exception|tune|function)\.sql$/;
const other_sql = /\.sql$/i;
/** Sigma, Elastic, KQL, Splunk: nothing is loaded of them. */
const foreign_rule = /\.(ya?ml|toml|kql|spl|eql)$/;
const declares = /^\s*CREATE\s+(RULE|VIEW|TABLE|STREAM|LOOKUP|EXCEPTION|FUNCTION)\b|^\s*(TUNE)\b/im;
/** What stands in its place when the ending is nearly right. */
const nearly = /(\.(rules?|views?|tables?|streams?|lookups?|exceptions?|tunes?|functions?))?\.sql$/i;
const test_file = /\.test\.ya?ml$/;

/**
 * Loads rules and their tests. A path is a rule file, a test file, a pack folder or the rules root; the same file is
 * loaded once however often it is named. `streams/*.stream.sql` of the nearest folder upwards that has `streams/` always
 * come with, the views, lookups and functions that a single file reads, and the exceptions and TUNEs that name its rules: of
 * its folder, and of `lookups/`, `exceptions/`, `tunes/` and `functions/` upwards. Files are in the order of their paths. Never throws.
 */
export function loadRuleFiles(reader: FileReader, paths: readonly string[]): LoadedRules {
  const loader = new Loader(reader);
  for (const path of paths) loader.ask(path);
  return loader.result();
}

class Loader {
  readonly #reader: FileReader;
  readonly #rules = new Map<string, RuleFile>();
  readonly #tests = new Map<string, TestFile>();
  readonly #packs = new Map<string, Pack>();
  readonly #problems: Diagnostic[] = [];
  readonly #others = new Set<string>();
  /** Files that may be rules of another system. */
  readonly #foreign: string[] = [];

  constructor(reader: FileReader) {
    this.#reader = reader;
  }

  ask(given: string): void {
    const path = given === '/' ? given : given.replace(/^(\.\/+)+(?=.)/, '').replace(/\/+$/, '');
    const kind = this.#reader.kind(path);
    if (kind === null) this.#missing(path);
    else if (kind === 'file') this.#file(path);
    else this.#asked(path);
  }

  #asked(path: string): void {
    const before = this.#rules.size + this.#tests.size;
    this.#folder(path, 0);
    if (this.#rules.size + this.#tests.size === before && !this.#holdsLoaded(path)) {
      const isInside = (one: string) => one.startsWith(path === '.' ? '' : joinPath(path, ''));
      const other = [...this.#others].find(isInside);
      const foreign = this.#foreign.find(isInside);
      let hint = 'a rule is a file <name>.rule.sql, its tests stand beside it in <name>.test.yaml';
      if (other !== undefined) hint = `${other} is not loaded: name it ${this.#renamed(other)}`;
      else if (foreign !== undefined) hint += `; give ${foreign} itself to be told how what is in it is written here`;
      this.#problem(`no rules in ${path}`, hint);
    }
    this.#streams(path);
  }

  result(): LoadedRules {
    addNeededViews(this.#rules, (folder) => this.#siblings(folder));
    const byPath = <T extends { path: string }>(files: Map<string, T>): T[] =>
      [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    const rules = byPath(this.#rules);
    // The stream is declared before what reads it, for people who look at the first message first.
    const streams = rules.filter((file) => file.path.endsWith('.stream.sql'));
    return {
      rules: [...streams, ...rules.filter((file) => !streams.includes(file))],
      tests: byPath(this.#tests),
      packs: byPath(this.#packs),
      problems: this.#problems,
      unloaded: [...this.#others].filter((path) => !this.#rules.has(path)).map((path) => this.#unloaded(path)),
    };
  }

  #unloaded(path: string): Diagnostic {
    return {
      ...{ code: 'W0407', severity: 'warning', place: null, label: '' },
      message: `${path} is not loaded: its name does not end with .${this.#declared(path)}.sql`,
      hints: [`name it ${this.#renamed(path)}; what is no rule belongs in another folder`],
    };
  }

  /** The name under which a file of SQL is loaded. */
  #renamed(path: string): string {
    return path.replace(nearly, `.${this.#declared(path)}.sql`);
  }

  /** What a file of SQL declares first; where it declares nothing, or cannot be read: a rule. */
  #declared(path: string): string {
    let text = '';
    try {
      text = this.#reader.read(path);
    } catch {
      // Nobody asked for it: that it cannot be read is no problem.
    }
    const found = declares.exec(text);
    return (found?.[1] ?? found?.[2] ?? 'rule').toLowerCase();
  }

  #file(path: string): void {
    const folder = parentOf(path) ?? '.';
    if (test_file.test(path)) {
      this.#addTest(path);
      const rule = path.replace(test_file, '.rule.sql');
      if (this.#reader.kind(rule) === 'file') this.#addRule(rule, 'asked');
      else this.#problem(`${nameOf(path)} has no ${nameOf(rule)} beside it`, 'a test stands beside its rule');
    } else if (path.endsWith('.sql')) {
      this.#addRule(path, 'asked');
      for (const ending of ['yaml', 'yml']) {
        const test = path.replace(/\.rule\.sql$/, `.test.${ending}`);
        if (test !== path && this.#reader.kind(test) === 'file') this.#addTest(test);
      }
    } else if (this.#isForeign(path)) {
      // A rule of another language, as it is: what it is and how Weir says the same is the compiler's to tell.
      this.#addRule(path, 'asked');
    } else {
      this.#problem(`${path} is no rule file`, 'rules are in <name>.rule.sql, their tests in <name>.test.yaml');
    }
    this.#streams(folder);
  }

  #folder(path: string, depth: number): void {
    for (const { name, kind } of this.#list(path)) {
      const inside = joinPath(path, name);
      if (kind === 'folder') {
        const skipped = hidden(name) || depth >= depth_max;
        if (!skipped) this.#folder(inside, depth + 1);
      } else if (rule_file.test(name)) this.#addRule(inside, 'asked');
      else if (test_file.test(name)) this.#addTest(inside);
      else if (name === 'pack.yaml') this.#addPack(inside, path);
      else if (other_sql.test(name)) this.#others.add(inside);
      else if (foreign_rule.test(name)) this.#foreign.push(inside);
    }
  }

  /** The streams of the nearest folder, from `folder` upwards, that has `streams/` with stream files in it. */
  #streams(folder: string): void {
    let at: string | null = folder;
    for (let steps = 0; at !== null && steps < depth_max; steps++) {
      const streams = joinPath(at, 'streams');
      const files =
        this.#reader.kind(streams) === 'folder'
          ? this.#list(streams).filter(({ name, kind }) => kind === 'file' && name.endsWith('.stream.sql'))
          : [];
      for (const { name } of files) this.#addRule(joinPath(streams, name), 'needed');
      if (files.length > 0) return;
      at = parentOf(at);
    }
  }

  /** The files of the folders `lookups/`, `exceptions/`, `tunes/` and `functions/` from `folder` upwards. */
  #shared(folder: string): string[] {
    const paths: string[] = [];
    let at: string | null = folder;
    for (let steps = 0; at !== null && steps < depth_max; steps++) {
      for (const shared of ['lookup', 'exception', 'tune', 'function']) {
        const inside = joinPath(at, `${shared}s`);
        const files = this.#reader.kind(inside) === 'folder' ? this.#list(inside) : [];
        for (const { name, kind } of files) {
          if (kind === 'file' && name.endsWith(`.${shared}.sql`)) paths.push(joinPath(inside, name));
        }
      }
      at = parentOf(at);
    }
    return paths;
  }

  #siblings(folder: string): RuleFile[] {
    const paths = this.#list(folder)
      .filter(({ name, kind }) => kind === 'file' && rule_file.test(name))
      .map(({ name }) => joinPath(folder, name));
    return [...paths, ...this.#shared(folder)].flatMap((path) => {
      const text = this.#rules.get(path)?.text ?? this.#read(path);
      return text === null ? [] : [{ path, text, role: 'needed' as const }];
    });
  }

  #isForeign(path: string): boolean {
    try {
      return dialectOf(this.#reader.read(path)) !== null;
    } catch {
      return false;
    }
  }

  #addRule(path: string, role: RuleFile['role']): void {
    const known = this.#rules.get(path);
    if (known !== undefined && (known.role === 'asked' || role === 'needed')) return;
    const text = known?.text ?? this.#read(path);
    if (text !== null) this.#rules.set(path, { path, text, role });
  }

  #addTest(path: string): void {
    const text = this.#tests.has(path) ? null : this.#read(path);
    if (text !== null) this.#tests.set(path, { path, text });
  }

  #addPack(path: string, folder: string): void {
    const text = this.#read(path);
    if (text === null) return;
    const { pack, problems } = readPack(path, folder, text);
    this.#packs.set(path, pack);
    this.#problems.push(...problems);
  }

  #holdsLoaded(folder: string): boolean {
    return [...this.#rules.keys()].some((path) => path.startsWith(`${folder}/`));
  }

  #list(path: string): readonly FolderEntry[] {
    try {
      return [...this.#reader.list(path)].sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      this.#problem(`cannot list ${path}: ${messageOf(error)}`, 'check that the folder may be read');
      return [];
    }
  }

  #read(path: string): string | null {
    try {
      return this.#reader.read(path);
    } catch (error) {
      this.#problem(`cannot read ${path}: ${messageOf(error)}`, 'check that the file may be read and is UTF-8');
      return null;
    }
  }

  #missing(path: string): void {
    const folder = parentOf(path) ?? '.';
    const there = this.#reader.kind(folder) === 'folder' ? this.#list(folder) : [];
    const names = there
      .filter(({ name, kind }) => (kind === 'folder' ? !hidden(name) : rule_file.test(name)))
      .map(({ name }) => name);
    const similar = nearest(nameOf(path), names);
    let hint = 'give a rule file, a pack folder or the rules root, for example rules/';
    // The default of the commands: nobody wrote it.
    const meant = similar === null ? '' : `; ${joinPath(folder, similar)} is there`;
    if (path === 'rules') hint = `run it in the folder that has rules/, or give the paths of rules${meant}`;
    else if (similar !== null) hint = `did you mean ${joinPath(folder, similar)}?`;
    else if (names.length > 0) hint = `${folder} has ${listOf(names)}`;
    this.#problem(`${path} does not exist`, hint);
  }

  #problem(message: string, hint: string): void {
    this.#problems.push({ code: 'W0401', severity: 'error', message, place: null, label: '', hints: [hint] });
  }
}

/** Folders that hold no rules. */
function hidden(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
