import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ChildAnswer, ChildSettings } from './child.ts';
import { removeEndpoint, writeEndpoint } from './endpoint-file.ts';
import { type ReaderLimits, type Role, userNames } from './roles.ts';

/** Where a store is and who may ask it; an address and two users, whichever store it is. */
export interface StoreAddress {
  readonly url: string;
  readonly writer: StoreUser | null;
  readonly reader: StoreUser;
}

export interface StoreUser {
  readonly user: string;
  /** A secret: never printed. */
  readonly password: string;
}

export interface EmbeddedStoreOptions {
  /** Folder of the database, of rows on their way in, and of the endpoint file. */
  readonly folder: string;
  /** Of the child process; default: a quarter of the machine, 1 to 8 GiB. */
  readonly memory_bytes?: number;
  readonly reader_limits?: Partial<ReaderLimits>;
  /** Told in one sentence what happened to the child. */
  readonly report?: (message: string) => void;
  /** The program that speaks for chdb; a test gives one of its own. */
  readonly program?: string;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const gibibyte = 1024 ** 3;
const first_pause_ms = 200;
const longest_pause_ms = 10_000;
/** A child that lived so long did not fail at its start: the next pause is short again. */
const settled_ms = 30_000;
/** Threads of the child: chdb occupies one with each statement, and files need some too. */
const threads = '16';
const stop_within_ms = 3000;
const kept_stderr = 4096;

const defaultLimits: ReaderLimits = {
  max_execution_time: 60,
  max_memory_usage: gibibyte,
  max_result_rows: 1_000_000,
  max_result_bytes: 512 * 1024 * 1024,
};

/** The package that the embedded store needs is not there, or not for this platform. Everything but SQL goes on. */
export class StoreMissing extends Error {}

/**
 * The embedded ClickHouse: a child process over chdb with ClickHouse's HTTP interface on loopback. Begun at once, begun
 * again whenever it ends, until stop(). Its passwords are new with every EmbeddedStore; its port with every child.
 */
export class EmbeddedStore {
  readonly #options: EmbeddedStoreOptions;
  readonly #passwords: Readonly<Record<Role, string>> = { writer: newPassword(), reader: newPassword() };
  #child: Child | null = null;
  #address: StoreAddress | null = null;
  #version = '';
  #missing: StoreMissing | null = null;
  #last_failure = '';
  #stopped = false;
  #pause_ms = first_pause_ms;
  #timer: NodeJS.Timeout | null = null;
  #waiting: { resolve(address: StoreAddress): void; reject(error: Error): void }[] = [];

  constructor(options: EmbeddedStoreOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#begin();
  }

  /** Where it is now; null while it is down. */
  get address(): StoreAddress | null {
    return this.#address;
  }

  /** Of ClickHouse; '' before the first start. */
  get version(): string {
    return this.#version;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Why it cannot be at all on this machine, or null. */
  get missing(): StoreMissing | null {
    return this.#missing;
  }

  /**
   * Resolves when it listens. Rejects with StoreMissing where it never will, and after `within_ms` with what is known.
   */
  async ready(within_ms: number): Promise<StoreAddress> {
    if (this.#address !== null) return this.#address;
    if (this.#missing !== null) throw this.#missing;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const why = this.#last_failure === '' ? `it did not answer within ${within_ms} ms` : this.#last_failure;
        reject(new Error(`the embedded store in ${this.#options.folder} does not start: ${why}`));
      }, within_ms);
    });
    const listening = new Promise<StoreAddress>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    try {
      return await Promise.race([listening, late]);
    } finally {
      clearTimeout(timer);
      listening.catch(() => undefined);
    }
  }

  /** Ends the child; what it was running is waited for a moment. Nothing that it acknowledged is lost either way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), stop_within_ms);
    await gone;
    clearTimeout(timer);
  }

  #begin(): void {
    const { program = fileURLToPath(new URL('child.ts', import.meta.url)) } = this.#options;
    const child: Child = spawn(process.execPath, [program], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, UV_THREADPOOL_SIZE: threads },
    });
    this.#child = child;
    const began_ms = performance.now();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-kept_stderr);
    });
    // A child that ends before it has read its settings: its exit tells.
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(this.#settings())}\n`);
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (!stdout.includes('\n')) return;
      this.#heard(JSON.parse(stdout) as ChildAnswer);
      stdout = '';
    });
    let over = false;
    const ended = (how: string): void => {
      if (over) return;
      over = true;
      if (performance.now() - began_ms > settled_ms) this.#pause_ms = first_pause_ms;
      this.#ended(how, stderr);
    };
    child.once('error', (error) => ended(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => ended(signal === null ? `ended with code ${code}` : `ended by ${signal}`));
  }

  #settings(): ChildSettings {
    const { folder, reader_limits } = this.#options;
    const quarter = Math.min(8 * gibibyte, Math.max(gibibyte, totalmem() / 4));
    const memory_bytes = Math.floor(this.#options.memory_bytes ?? quarter);
    const most = Math.min(defaultLimits.max_memory_usage, Math.floor(memory_bytes / 2));
    const limits = { ...defaultLimits, max_memory_usage: most, ...reader_limits };
    return { folder, passwords: this.#passwords, memory_bytes, reader_limits: limits };
  }

  #heard(said: ChildAnswer): void {
    if (said.kind === 'failed') {
      if (said.missing) this.#missing = new StoreMissing(missingText(said.message));
      else this.#last_failure = said.message;
      return;
    }
    const { writer, reader } = this.#passwords;
    const address: StoreAddress = {
      url: `http://127.0.0.1:${said.port}`,
      writer: { user: userNames.writer, password: writer },
      reader: { user: userNames.reader, password: reader },
    };
    this.#address = address;
    this.#version = said.version;
    this.#last_failure = '';
    writeEndpoint(this.#options.folder, { url: address.url, reader: address.reader, pid: this.#child?.pid ?? 0 });
    for (const { resolve } of this.#waiting.splice(0)) resolve(address);
  }

  #ended(how: string, stderr: string): void {
    const { folder, report = () => undefined } = this.#options;
    const was_there = this.#address !== null;
    this.#child = null;
    this.#address = null;
    if (was_there) removeEndpoint(folder);
    if (this.#missing !== null) {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#missing);
      report(this.#missing.message);
      return;
    }
    if (this.#stopped) return;
    const why = /already running|Cannot lock file/.test(stderr)
      ? `another process has the store in ${folder} open`
      : `${this.#last_failure === '' ? how : this.#last_failure}`;
    if (was_there || why !== this.#last_failure)
      report(`the embedded store ${was_there ? how : `does not start: ${why}`}; it is begun again`);
    this.#last_failure = why;
    this.#timer = setTimeout(() => this.#begin(), this.#pause_ms);
    this.#timer.unref();
    this.#pause_ms = Math.min(longest_pause_ms, this.#pause_ms * 2);
  }
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

function missingText(message: string): string {
  return (
    `there is no SQL over history: the embedded ClickHouse (npm package chdb) cannot be loaded on ` +
    `${process.platform} ${process.arch} (${message.split('\n', 1)[0]}). Everything else works. It comes with \`npm ci\` ` +
    'for Linux with glibc and for macOS; elsewhere name a ClickHouse server (WEIR_STORE=http://...), or say WEIR_STORE=off'
  );
}
