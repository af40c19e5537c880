import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreUser } from './embedded-store.ts';

/** How another process of the same user finds the store that runs: where it is, and the user that may only read. */
export interface Endpoint {
  readonly url: string;
  readonly reader: StoreUser;
  /** Of the child. */
  readonly pid: number;
}

const name = 'endpoint.json';

export function writeEndpoint(folder: string, endpoint: Endpoint): void {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, `${JSON.stringify(endpoint)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeEndpoint(folder: string): void {
  rmSync(join(folder, name), { force: true });
}

/** The endpoint of a store that runs in this folder; null where none does. A file that a crash left is no endpoint. */
export function readEndpoint(folder: string): Endpoint | null {
  try {
    const endpoint = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Endpoint;
    process.kill(endpoint.pid, 0);
    return endpoint;
  } catch {
    return null;
  }
}
