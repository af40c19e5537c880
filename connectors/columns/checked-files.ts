import { readFileSync } from 'node:fs';
import { writeFileWhole } from '../files/whole-file.ts';

interface Checked {
  /** The file as it was (PartsFile.check). */
  readonly identity: string;
  readonly parts: readonly string[];
}

/**
 * Which parts of which files were found whole, and what the files were then: who looks for them again need not read them
 * for that. It vouches for nothing: a part that was not checked by who reads it is checked as it is read (PartsFile.part),
 * and what turns out damaged there is forgotten here, so that the next one looks before it begins. A folder that cannot be
 * written to is checked each time.
 */
export class CheckedFiles {
  readonly #path: string;
  readonly #files: Map<string, Checked>;
  #isNew = false;

  constructor(path: string) {
    this.#path = path;
    this.#files = readChecked(path);
  }

  /** Of a file, as it is now. */
  partsOf(name: string, identity: string): ReadonlySet<string> {
    const known = this.#files.get(name);
    return new Set(known?.identity === identity ? known.parts : []);
  }

  add(name: string, identity: string, parts: readonly string[]): void {
    const known = this.partsOf(name, identity);
    if (parts.every((part) => known.has(part))) return;
    this.#files.set(name, { identity, parts: [...new Set([...known, ...parts])] });
    this.#isNew = true;
  }

  /** Also by those who come later. */
  forget(name: string): void {
    this.#isNew = this.#files.delete(name) || this.#isNew;
    this.keep();
  }

  /** For those who come later. */
  keep(): void {
    if (!this.#isNew) return;
    this.#isNew = false;
    try {
      writeFileWhole(this.#path, [JSON.stringify([...this.#files])], 0o600);
    } catch {
      // They check again.
    }
  }
}

/** Empty where there is none, or nothing that can be read. */
function readChecked(path: string): Map<string, Checked> {
  try {
    const files = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    return new Map(Array.isArray(files) ? files.filter(isChecked) : []);
  } catch {
    return new Map();
  }
}

function isChecked(entry: unknown): entry is [string, Checked] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  const { identity, parts } = (entry[1] ?? {}) as Partial<Checked>;
  return typeof identity === 'string' && Array.isArray(parts);
}
