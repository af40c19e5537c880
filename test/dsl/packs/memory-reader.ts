import type { FileReader } from '../../../dsl/packs/load-rules.ts';

/** Files in memory: what a browser or a test hands to the loader. */
export function memoryReader(files: Readonly<Record<string, string>>): FileReader {
  const paths = Object.keys(files);
  const inside = (folder: string) => (folder === '.' ? paths : paths.filter((path) => path.startsWith(`${folder}/`)));
  return {
    kind: (path) => {
      if (Object.hasOwn(files, path)) return 'file';
      return inside(path).length > 0 ? 'folder' : null;
    },
    list: (folder) => {
      const cut = folder === '.' ? 0 : folder.length + 1;
      const names = new Map<string, 'file' | 'folder'>();
      for (const path of inside(folder)) {
        const rest = path.slice(cut);
        const slash = rest.indexOf('/');
        names.set(slash === -1 ? rest : rest.slice(0, slash), slash === -1 ? 'file' : 'folder');
      }
      return [...names].map(([name, kind]) => ({ name, kind }));
    },
    read: (path) => {
      const text = files[path];
      if (text === undefined || text === 'UNREADABLE') throw new Error('permission denied');
      return text;
    },
  };
}
