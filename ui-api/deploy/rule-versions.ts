import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';

/** A version of a rule, view or table that ran, or was deployed to run. */
export interface RuleVersion {
  readonly at: string;
  readonly rule: string;
  /**
   * start: it was on disk at a start, or when another rule was deployed. deploy: it came through the API. remove: it went
   * through the API, and this is what it was.
   */
  readonly how: 'start' | 'deploy' | 'remove';
  /** Of the token that deployed or removed it; null: it was found on disk. */
  readonly by: string | null;
  readonly because: string | null;
  readonly plan_hash: string;
  readonly path: string;
  readonly text_sha256: string;
  readonly text: string;
  /** Absent in lines of earlier versions of Weir. */
  readonly severity?: string;
  readonly mode?: string;
}

export type VersionFacts = Omit<RuleVersion, 'text_sha256'>;

/** All rules as they ran together: what a rule means depends on the views, functions and streams beside it. */
export interface ProgramFacts {
  readonly at: string;
  /** Name and plan hash of each rule, view and table. */
  readonly plans: readonly (readonly [name: string, plan_hash: string])[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

interface ProgramLine extends Omit<ProgramFacts, 'files'> {
  readonly files: readonly (readonly [path: string, text_sha256: string])[];
}

/**
 * Every version of every rule that there was, in the order in which they came, and with which others it ran. One file,
 * one thing a line: a version; a text that no version has (streams, functions, ...); a program. The table `rules` of the
 * store is a copy of its versions.
 */
export class RuleVersions {
  readonly #path: string;
  readonly #versions: RuleVersion[] = [];
  readonly #programs: ProgramLine[] = [];
  readonly #texts = new Map<string, string>();

  /** @throws Error when the file cannot be read. A line that a crash cut short is passed over. */
  constructor(path: string) {
    this.#path = path;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n')) this.#read(line);
  }

  #read(line: string): void {
    let value: Partial<RuleVersion & ProgramLine>;
    try {
      value = JSON.parse(line) as typeof value;
    } catch {
      return;
    }
    if (typeof value.text === 'string' && typeof value.text_sha256 === 'string') {
      this.#texts.set(value.text_sha256, value.text);
    }
    if (typeof value.rule === 'string') this.#versions.push(value as RuleVersion);
    else if (Array.isArray(value.plans)) this.#programs.push(value as ProgramLine);
  }

  /** Of one rule, the latest first. */
  of(rule: string): RuleVersion[] {
    return this.#versions.filter((version) => version.rule === rule).reverse();
  }

  /** The latest program in which a rule had this plan, with its files; null: none is kept. */
  programWith(rule: string, plan_hash: string): ProgramFacts | null {
    const line = this.#programs.findLast(({ plans }) =>
      plans.some(([name, hash]) => name === rule && hash === plan_hash),
    );
    if (line === undefined) return null;
    const files = line.files.map(([path, sha256]) => ({ path, text: this.#texts.get(sha256) ?? null }));
    const whole = files.filter((file): file is { path: string; text: string } => file.text !== null);
    return whole.length < files.length ? null : { ...line, files: whole };
  }

  /** Keeps those that are not the latest of their rule already; on disk when it returns. */
  add(candidates: readonly VersionFacts[]): void {
    const fresh: RuleVersion[] = [];
    for (const facts of candidates) {
      const version = { ...facts, text_sha256: sha256(facts.text) };
      const [latest] = this.of(facts.rule);
      const isKnown = latest?.text_sha256 === version.text_sha256 && latest.plan_hash === version.plan_hash;
      // The same text again is news when it was asked for, and when it had gone.
      if (!isKnown || facts.how !== 'start' || latest.how === 'remove') fresh.push(version);
    }
    this.#append(fresh);
  }

  /** Keeps a program that is not the latest already; on disk when it returns. */
  addProgram({ files, ...facts }: ProgramFacts): void {
    const hashed = files.map(({ path, text }) => ({ path, text, text_sha256: sha256(text) }));
    const line: ProgramLine = { ...facts, files: hashed.map(({ path, text_sha256 }) => [path, text_sha256]) };
    const isSame = (other: ProgramLine): boolean =>
      JSON.stringify([other.plans, other.files]) === JSON.stringify([line.plans, line.files]);
    const latest = this.#programs.at(-1);
    if (latest !== undefined && isSame(latest)) return;
    const unknown = hashed.filter(({ text_sha256 }) => !this.#texts.has(text_sha256));
    this.#append([...unknown.map(({ text_sha256, text }) => ({ text_sha256, text })), line]);
  }

  #append(values: readonly object[]): void {
    if (values.length === 0) return;
    const lines = values.map((value) => JSON.stringify(value));
    const file = openSync(this.#path, 'a', 0o600);
    try {
      // A line of its own before: the last one may be torn.
      writeFileSync(file, `\n${lines.map((line) => `${line}\n`).join('')}`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    for (const line of lines) this.#read(line);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
