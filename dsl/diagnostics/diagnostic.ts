import type { Code } from './catalogue.ts';
import { SourceText } from './source-text.ts';

/** A rule file as it came in: `path` is only a name here, nothing is read from it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A stretch of a file, in UTF-16 units (the units of JavaScript strings). */
export interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/** A stretch of the text of the file at hand. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Everything that Weir has to say about a rule file, in one shape: the terminal, the API and the editor show the same. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** What is wrong, in one line. */
  readonly message: string;
  /** Where; null when it stands in no file (a parameter given on the command line). */
  readonly place: Place | null;
  /** Short text beside the underline: why, or "did you mean". May be empty. */
  readonly label: string;
  /** What to do, what exists, what to write instead; one line each. */
  readonly hints: readonly string[];
}

/** A diagnostic before its file is known: checks say where in the text, the collector says in which file. */
export interface Finding {
  readonly code: Code;
  readonly span: Span;
  readonly message: string;
  readonly label?: string;
  readonly hints?: readonly string[];
}

/** Thrown by a check to give up one clause; `null` when the cause has been reported already. */
export class Refusal extends Error {
  readonly finding: Finding | null;

  constructor(finding: Finding | null) {
    super(finding?.message ?? 'reported already');
    this.finding = finding;
  }
}

/** Gives up the clause at hand with this finding. */
export function refuse(finding: Finding): never {
  throw new Refusal(finding);
}

/** Collects the diagnostics of one file. */
export class Reporter {
  readonly #path: string;
  readonly #diagnostics: Diagnostic[];
  readonly #text: string | null;
  /** Made at the first place that is asked for: a file may have thousands of mistakes. */
  #lines: SourceText | null = null;
  #errors = 0;

  /**
   * @param diagnostics shared by all files of a compilation and only appended to
   * @param text of the file, where something is said of places in it
   */
  constructor(path: string, diagnostics: Diagnostic[], text: string | null = null) {
    this.#path = path;
    this.#diagnostics = diagnostics;
    this.#text = text;
  }

  get path(): string {
    return this.#path;
  }

  /** `path:line:column` of the beginning of a stretch; without the text of the file its path. */
  placeOf(span: Span): string {
    if (this.#text === null) return this.#path;
    this.#lines ??= new SourceText(this.#text);
    const { line, column } = this.#lines.position(span.offset);
    return `${this.#path}:${line}:${column}`;
  }

  /** Errors reported so far through this reporter; warnings do not count. */
  get errors(): number {
    return this.#errors;
  }

  error(finding: Finding): void {
    this.#errors++;
    this.#add('error', finding);
  }

  warn(finding: Finding): void {
    this.#add('warning', finding);
  }

  /** Runs one check; a Refusal becomes an error diagnostic and the result is null. */
  attempt<T>(check: () => T): T | null {
    try {
      return check();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (refusal.finding === null) this.#errors++;
      else this.error(refusal.finding);
      return null;
    }
  }

  #add(severity: Diagnostic['severity'], finding: Finding): void {
    const { code, span, message, label = '', hints = [] } = finding;
    const place = { path: this.#path, offset: span.offset, length: span.length };
    this.#diagnostics.push({ code, severity, message, place, label, hints });
  }
}

/** The stretch from the start of `first` to the end of `last`. */
export function spanFrom(first: Span, last: Span): Span {
  return { offset: first.offset, length: last.offset + last.length - first.offset };
}
