import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../config.ts';
import type { Shell } from './command.ts';

/**
 * Commands that Weir prints for a person to type: they are typed in the same folder, in a shell that may be another one,
 * with none of this process's flags and variables.
 */

const entry = fileURLToPath(new URL('../weir.mjs', import.meta.url));

/** How Weir is called here: npx finds it in its own folder and where it is a dependency, and elsewhere another package. */
export function weirHere({ folder }: Pick<Shell, 'folder'>): string {
  let project = folder;
  while (!isProject(project) && dirname(project) !== project) project = dirname(project);
  const command = join(project, 'node_modules', '.bin', 'weir');
  const isOwn = realpathOf(project) === realpathOf(dirname(dirname(entry)));
  return isOwn || realpathOf(command) === realpathOf(entry) ? 'npx weir' : `node ${word(entry)}`;
}

/** Where npx looks, from the folders below it. */
function isProject(folder: string): boolean {
  return existsSync(join(folder, 'package.json')) || existsSync(join(folder, 'node_modules'));
}

/** null: there is none. */
function realpathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** ` --data folder`, where another process in this folder would take another one; else nothing. */
export function dataFlag(config: Config, shell: Shell): string {
  return config.data === withoutFlags(shell)?.data ? '' : ` --data ${word(shown(config.data, shell))}`;
}

/** What of the store's address another process would not know, as variables before a command. Passwords are left out. */
export function storeVariables(config: Config, shell: Shell): string {
  const other = withoutFlags(shell);
  const of = {
    WEIR_STORE: 'store',
    WEIR_STORE_USER: 'store_user',
    WEIR_STORE_READER_USER: 'store_reader_user',
  } as const;
  const unknown = Object.entries(of).filter(([, key]) => config[key] !== other?.[key]);
  return unknown.map(([name, key]) => `${name}=${word(config[key])} `).join('');
}

/** A path as a person would type it from here. */
export function shown(path: string, shell: Shell): string {
  const short = relative(shell.folder, path);
  return short === '..' || short.startsWith(`..${sep}`) ? path : short || '.';
}

/** A text as one word of a shell, without quotes where it needs none. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

/** A text as one word of a shell, in quotes. */
export function quoted(text: string): string {
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}

/** The settings of a process that is started in this folder with nothing said; null: it could not start. */
function withoutFlags({ folder }: Shell): Config | null {
  try {
    return readConfig({ flags: {}, environment: {}, folder });
  } catch {
    return null;
  }
}
