import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it, where missing: the highest one that was made; null: it was there.
 * Level by level, since `mkdir` of Node with `recursive` never ends where a folder that is there takes none (below /proc).
 * @param mode of what is made
 * @throws the system's error, with the path that could not be made
 */
export function makeFolder(folder: string, mode: number): string | null {
  const full = resolve(folder);
  try {
    mkdirSync(full, { mode });
    return full;
  } catch (error) {
    if (isFolder(full)) return null;
    const above = dirname(full);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === full) throw error;
    const highest = makeFolder(above, mode);
    // Once more: where the folder above was there all along, another process has made it, or this one cannot be made.
    mkdirSync(full, { mode });
    return highest ?? full;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
