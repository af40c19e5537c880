import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DeployConflict } from './deploy-conflict.ts';

/** Where the tests of a rule file are, or will be: a file that is there keeps its ending. */
export function testPathOf(rule_path: string, folder: string): string {
  const without = rule_path.replace(/(\.rule)?\.sql$/, '.test');
  const isThere = (path: string) => existsSync(resolve(folder, path));
  return [`${without}.yaml`, `${without}.yml`].find(isThere) ?? `${without}.yaml`;
}

/** The text of a file; null: it is not there. */
export function readText(path: string, folder: string): string | null {
  const full = resolve(folder, path);
  return existsSync(full) ? readFileSync(full, 'utf8') : null;
}

/** Writes a file whole, or not at all. @throws DeployConflict where that is not allowed */
export function writeWhole(path: string, folder: string, text: string): void {
  const full = resolve(folder, path);
  const next = `${full}.new`;
  try {
    mkdirSync(dirname(full), { recursive: true });
    const file = openSync(next, 'w');
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(next, full);
  } catch (error) {
    rmSync(next, { force: true });
    throw asConflict(error, `${path} cannot be written`);
  }
}

/** @throws DeployConflict where that is not allowed */
export function removeFile(path: string, folder: string): void {
  try {
    rmSync(resolve(folder, path), { force: true });
  } catch (error) {
    throw asConflict(error, `${path} cannot be removed`);
  }
}

function asConflict(error: unknown, what: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') return error;
  return new DeployConflict(`${what}: ${message}`, 'let the user that runs Weir write the rules');
}
