import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FilePort, nodeFiles, type OpenFile, type OpenMode } from '../../../connectors/files/file-port.ts';

/** Thrown by the call at which the process "dies" and by every call after it. */
export class Crashed extends Error {}

export type Fault = 'short' | 'ENOSPC' | 'EIO';

export interface FaultPlan {
  /** The process dies at this call (from 0), before or after it took effect: as told, else by chance. */
  readonly crash_at_call?: number;
  readonly crash?: 'before' | 'after';
  /** A fault for a call: short and ENOSPC for 'write', EIO for what syncs, either for any other call but a close. */
  readonly fault?: (call: string, path: string) => Fault | undefined;
  /** Numbers in [0, 1): what a crash leaves of what was not on disk. */
  readonly random: () => number;
}

type Change = { readonly offset: number; readonly bytes: Uint8Array } | { readonly size: number };

/** A file by itself, whatever its name: what is on disk, and what was done since. */
interface Inode {
  durable: Uint8Array;
  pending: Change[];
}

type Names = Map<string, Inode>;

function changed(content: Uint8Array, change: Change): Uint8Array {
  if ('size' in change) {
    const cut = new Uint8Array(change.size);
    cut.set(content.subarray(0, change.size));
    return cut;
  }
  const longer = new Uint8Array(Math.max(content.length, change.offset + change.bytes.length));
  longer.set(content);
  longer.set(change.bytes, change.offset);
  return longer;
}

/** A write that became longer and did not come: zeros, but not where the disk held something before. */
function zeroed({ offset, bytes }: { offset: number; bytes: Uint8Array }, durable_size: number): Change {
  const from = Math.min(bytes.length, Math.max(0, durable_size - offset));
  return { offset: offset + from, bytes: new Uint8Array(bytes.length - from) };
}

const words: Record<Fault, string> = { short: '', ENOSPC: 'no space left on device', EIO: 'i/o error' };

function failure(code: Fault, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${words[code]}, ${call} '${path}'`), { code });
}

/**
 * The real files of one directory, with faults. What was not synced is remembered, and crash() puts the directory into
 * a state that a machine without power could leave: of each write since the sync all, nothing, a part, or zeros; of
 * the names in a directory a beginning of what was done since it was synced. A failed sync loses what it should have
 * written, although it can still be read (as Linux does).
 */
export class FaultyFiles implements FilePort {
  readonly root: string;
  readonly #plan: FaultPlan;
  #names: Names = new Map();
  #durableNames: Names;
  #pendingNames: { directory: string; apply: (names: Names) => void }[] = [];
  readonly #open = new Set<OpenFile>();
  /** Calls that have begun: the end waits for them, so that none takes effect afterwards. */
  readonly #running = new Set<Promise<void>>();
  #calls = 0;
  #isDead = false;

  constructor(root: string, plan: FaultPlan) {
    this.root = root;
    this.#plan = plan;
    for (const name of readdirSync(root, { recursive: true }) as string[]) {
      const path = join(root, name);
      if (statSync(path).isFile()) this.#names.set(path, { durable: new Uint8Array(readFileSync(path)), pending: [] });
    }
    this.#durableNames = new Map(this.#names);
  }

  get calls(): number {
    return this.#calls;
  }

  /** No call is on its way. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  #call<T>(call: string, path: string, effect: (fault: Fault | undefined) => Promise<T>): Promise<T> {
    const done = this.#decide(call, path, effect);
    const settled = done.then(
      () => {},
      () => {},
    );
    this.#running.add(settled);
    settled.then(() => this.#running.delete(settled));
    return done;
  }

  async #decide<T>(call: string, path: string, effect: (fault: Fault | undefined) => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Crashed();
    if (this.#calls++ === this.#plan.crash_at_call) {
      const takes_effect = this.#plan.crash === undefined ? this.#plan.random() < 0.5 : this.#plan.crash === 'after';
      if (takes_effect) await effect(undefined);
      this.#isDead = true;
      throw new Crashed();
    }
    const fault = this.#plan.fault?.(call, path);
    // A write takes effect in part, and a failed sync loses what it should have written: they fail by themselves.
    if (fault !== undefined && call !== 'write' && call !== 'sync') throw failure(fault, call, path);
    return effect(fault);
  }

  open(path: string, mode: OpenMode): Promise<OpenFile> {
    return this.#call('open', path, async () => {
      const real = await nodeFiles.open(path, mode);
      this.#open.add(real);
      let inode = this.#names.get(path);
      if (inode === undefined) {
        const made: Inode = { durable: new Uint8Array(0), pending: [] };
        inode = made;
        this.#names.set(path, made);
        this.#pendingNames.push({ directory: dirname(path), apply: (names) => names.set(path, made) });
      }
      return this.#wrap(path, real, inode);
    });
  }

  #wrap(path: string, real: OpenFile, inode: Inode): OpenFile {
    return {
      read: (into, offset) => this.#call('read', path, () => real.read(into, offset)),
      size: () => this.#call('size', path, () => real.size()),
      write: (bytes, offset) =>
        this.#call('write', path, async (fault) => {
          const taken = fault === undefined ? bytes : bytes.slice(0, Math.ceil(bytes.length / 2));
          const count = await real.write(taken, offset);
          inode.pending.push({ offset, bytes: taken.slice() });
          if (fault !== undefined && fault !== 'short') throw failure(fault, 'write', path);
          return count;
        }),
      truncate: (size) =>
        this.#call('truncate', path, async () => {
          await real.truncate(size);
          inode.pending.push({ size });
        }),
      sync: () =>
        this.#call('sync', path, async (fault) => {
          if (fault === undefined) inode.durable = inode.pending.reduce(changed, inode.durable);
          inode.pending = [];
          if (fault !== undefined) throw failure(fault, 'sync', path);
        }),
      close: () =>
        this.#call('close', path, async () => {
          this.#open.delete(real);
          await real.close();
        }),
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call('rename', to, async () => {
      await nodeFiles.rename(from, to);
      const apply = (names: Names) => {
        const inode = names.get(from);
        if (inode === undefined) return;
        names.set(to, inode);
        names.delete(from);
      };
      apply(this.#names);
      this.#pendingNames.push({ directory: dirname(to), apply });
    });
  }

  remove(path: string): Promise<void> {
    return this.#call('remove', path, async () => {
      await nodeFiles.remove(path);
      this.#names.delete(path);
      this.#pendingNames.push({ directory: dirname(path), apply: (names) => names.delete(path) });
    });
  }

  list(directory: string): Promise<string[]> {
    return this.#call('list', directory, () => nodeFiles.list(directory));
  }

  makeDirectory(directory: string): Promise<void> {
    return this.#call('makeDirectory', directory, async () => void mkdirSync(directory, { recursive: true }));
  }

  syncDirectory(directory: string): Promise<void> {
    return this.#call('syncDirectory', directory, async () => {
      for (const change of this.#pendingNames) if (change.directory === directory) change.apply(this.#durableNames);
      this.#pendingNames = this.#pendingNames.filter((change) => change.directory !== directory);
    });
  }

  #afterPowerLoss(inode: Inode): Uint8Array {
    let content = inode.durable;
    for (const change of inode.pending) {
      const luck = this.#plan.random();
      if (luck < 0.3) continue;
      if ('size' in change || luck < 0.6) content = changed(content, change);
      else if (luck < 0.7) content = changed(content, zeroed(change, inode.durable.length));
      else {
        const part = change.bytes.subarray(0, Math.floor(this.#plan.random() * change.bytes.length));
        content = changed(content, { offset: change.offset, bytes: part });
      }
    }
    return content;
  }

  async #end(): Promise<void> {
    this.#isDead = true;
    await Promise.all(this.#running);
    for (const file of this.#open) await file.close();
  }

  /** The process was killed and starts again: what was written can be read, and is as little on disk as before. */
  async restart(plan: FaultPlan): Promise<FaultyFiles> {
    await this.#end();
    const next = new FaultyFiles(this.root, plan);
    next.#names = this.#names;
    next.#durableNames = this.#durableNames;
    next.#pendingNames = this.#pendingNames;
    return next;
  }

  /** Puts the directory into the state after a power loss. This object is dead afterwards. */
  async crash(): Promise<void> {
    await this.#end();
    const names = this.#durableNames;
    const kept = Math.floor(this.#plan.random() * (this.#pendingNames.length + 1));
    for (const change of this.#pendingNames.slice(0, kept)) change.apply(names);
    for (const path of this.#names.keys()) rmSync(path, { force: true });
    for (const [path, inode] of names) writeFileSync(path, this.#afterPowerLoss(inode));
  }
}

/** A new directory that is gone after the test. */
export function temporaryDirectory(after: (cleanUp: () => void) => void): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Small, seeded, good enough to choose faults (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
