import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeFileWhole } from '../../connectors/index.ts';
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
  try {
    // Rules are the user's files, and are read as such.
    writeFileWhole(resolve(folder, path), [text], 0o666);
  } catch (error) {
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
