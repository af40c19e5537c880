import type { LookupContent } from '../../engine/index.ts';

/** The files of the lookups, as the rule folders have them. */
export interface LookupFiles {
  /** Changes when a file may have changed: sizes and times of writing. Never throws. */
  stamp(): string;
  /** Reads all of them. What is wrong is in `problems`, one sentence each; such a lookup is not among the contents. */
  read(): { readonly contents: readonly LookupContent[]; readonly problems: readonly string[] };
}

/** What activates contents: the driver, in the order of the log. Resolves with the stream time from which they act. */
export interface LookupTarget {
  activate(contents: readonly LookupContent[]): Promise<number>;
}

/**
 * Lookups are reloaded without a restart: look() is called every few seconds and notices a file that was written. A
 * file is read when it has stayed the same from one look to the next, so that half of it is not taken. A wrong file
 * changes nothing: the rows that act go on to act, and it is said why.
 */
export class LookupWatch {
  readonly #files: LookupFiles;
  readonly #target: LookupTarget;
  readonly #report: (message: string) => void;
  /** By name the version that was activated last. */
  readonly #versions: Map<string, string | null>;
  #read_stamp: string;
  #seen_stamp: string;
  #busy = false;

  /** @param versions what the engine has, by name (Engine.lookup_versions) */
  constructor(
    files: LookupFiles,
    target: LookupTarget,
    versions: ReadonlyMap<string, string | null>,
    report: (message: string) => void,
  ) {
    this.#files = files;
    this.#target = target;
    this.#versions = new Map(versions);
    this.#report = report;
    this.#read_stamp = '';
    this.#seen_stamp = '';
  }

  /** At the start: whatever differs from what the log has acts from now on. The start has told what is wrong with it. */
  async begin(): Promise<void> {
    this.#read_stamp = this.#files.stamp();
    this.#seen_stamp = this.#read_stamp;
    await this.#activate(this.#files.read().contents);
  }

  /** One look at the files. */
  async look(): Promise<void> {
    const stamp = this.#files.stamp();
    const stands = stamp === this.#seen_stamp;
    this.#seen_stamp = stamp;
    if (!stands || stamp === this.#read_stamp || this.#busy) return;
    this.#busy = true;
    try {
      this.#read_stamp = stamp;
      const { contents, problems } = this.#files.read();
      for (const problem of problems) this.#report(problem);
      await this.#activate(contents);
    } finally {
      this.#busy = false;
    }
  }

  async #activate(contents: readonly LookupContent[]): Promise<void> {
    const changed = contents.filter(({ name, version }) => this.#versions.get(name) !== version);
    if (changed.length === 0) return;
    const from_ms = await this.#target.activate(changed);
    for (const { name, version, rows } of changed) {
      const isNews = (this.#versions.get(name) ?? null) !== null || Number.isFinite(from_ms);
      this.#versions.set(name, version);
      if (isNews)
        this.#report(`lookup ${name}: version ${version}, ${rows} rows, acts on events from ${timeText(from_ms)} on`);
    }
  }
}

function timeText(time_ms: number): string {
  return Number.isFinite(time_ms) ? new Date(time_ms).toISOString() : 'the beginning';
}
