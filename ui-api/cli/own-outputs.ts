import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { dataPaths } from '../config.ts';
import { usageError } from './exit.ts';

/** Files that a command was told to write: by flag, as they were given. */
export type Outputs = Readonly<Record<string, string | undefined>>;

/**
 * Refuses to write into the file that is read, into what Weir keeps in its data folder, and into one file twice: what is
 * written is emptied first.
 * @param from the file that --from names; null: none
 * @param folder that relative paths start from
 * @throws CliError (usage)
 */
export function checkOutputs(outputs: Outputs, from: string | null, data: string, folder: string): void {
  const { runs: _, ...kept } = dataPaths(resolve(folder, data));
  const own = Object.values(kept).map(fileBehind);
  const source = from === null ? null : fileBehind(resolve(folder, from));
  const written = new Map<string, string>();
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined) continue;
    const file = fileBehind(resolve(folder, path));
    if (!isFileOrMissing(file)) continue;
    if (file === source) {
      throw usageError(
        `${flag} ${path} is the file that --from reads: it would be emptied`,
        `give ${flag} another file`,
      );
    }
    if (own.some((one) => file === one || isInside(file, one))) {
      throw usageError(
        `${flag} ${path} is a file that Weir keeps in its data folder: it would be lost`,
        `give ${flag} a file in another folder`,
      );
    }
    const other = written.get(file);
    if (other !== undefined) throw usageError(`${other} and ${flag} name one file`, `give ${flag} another one`);
    written.set(file, flag);
  }
}

/** Its path without links, of a file that is not there yet that of its folder. */
function fileBehind(path: string): string {
  for (const [known, rest] of [
    [path, ''],
    [dirname(path), basename(path)],
  ]) {
    try {
      return join(realpathSync(known), rest);
    } catch {
      // Not there: whoever opens it says so.
    }
  }
  return path;
}

/** Not a device or a pipe, such as /dev/null. */
function isFileOrMissing(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
