/** Paths as text, joined by '/': packs know no file system of their own. */

export function joinPath(folder: string, name: string): string {
  if (folder === '.') return name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder above: 'rules/auth' -> 'rules' -> '.' -> '..' -> '../..'; null above '/'. */
export function parentOf(path: string): string | null {
  if (path === '/') return null;
  if (path === '.' || path === '') return '..';
  if (/(^|\/)\.\.$/.test(path)) return `${path}/..`;
  const cut = path.lastIndexOf('/');
  if (cut === -1) return '.';
  return cut === 0 ? '/' : path.slice(0, cut);
}
