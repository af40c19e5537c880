import { relative, sep } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import type { Shell } from './command.ts';

/**
 * Commands that Weir prints for a person to type: they are typed in the same folder, in a shell that may be another one,
 * with none of this process's flags and variables.
 */

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
