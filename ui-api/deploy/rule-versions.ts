import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';

/** A version of a rule that ran, or was deployed to run. */
export interface RuleVersion {
  readonly at: string;
  readonly rule: string;
  /** start: Weir was started with it. deploy: it came through the API. */
  readonly how: 'start' | 'deploy';
  /** Of the token that deployed it; null: it was found on disk at a start. */
  readonly by: string | null;
  readonly because: string | null;
  readonly plan_hash: string;
  readonly path: string;
  readonly text_sha256: string;
  readonly text: string;
}

export type VersionFacts = Omit<RuleVersion, 'text_sha256'>;

/** Every version of every rule that there was, one a line, in the order in which they came. */
export class RuleVersions {
  readonly #path: string;
  readonly #versions: RuleVersion[];

  /** @throws Error when the file cannot be read. A line that a crash cut short is passed over. */
  constructor(path: string) {
    this.#path = path;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    this.#versions = text.split('\n').flatMap(parseVersion);
  }

  /** Of one rule, the latest first. */
  of(rule: string): RuleVersion[] {
    return this.#versions.filter((version) => version.rule === rule).reverse();
  }

  /** Keeps those that are not the latest of their rule already; on disk when it returns. */
  add(candidates: readonly VersionFacts[]): void {
    const fresh: RuleVersion[] = [];
    for (const facts of candidates) {
      const version = { ...facts, text_sha256: createHash('sha256').update(facts.text).digest('hex') };
      const [latest] = this.of(facts.rule);
      const isKnown = latest?.text_sha256 === version.text_sha256 && latest.plan_hash === version.plan_hash;
      if (!isKnown || facts.how === 'deploy') fresh.push(version);
    }
    if (fresh.length === 0) return;
    const file = openSync(this.#path, 'a', 0o600);
    try {
      // A line of its own before: the last one may be torn.
      writeFileSync(file, `\n${fresh.map((version) => `${JSON.stringify(version)}\n`).join('')}`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#versions.push(...fresh);
  }
}

function parseVersion(line: string): RuleVersion[] {
  try {
    const version = JSON.parse(line) as RuleVersion;
    return typeof version.rule === 'string' ? [version] : [];
  } catch {
    return [];
  }
}
