import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { MapReader } from './map-reader.ts';
import { nameOf } from './path.ts';
import { parseYaml } from './yaml-tree.ts';

/** What pack.yaml says about a folder of rules. */
export interface Pack {
  /** Path of pack.yaml. */
  readonly path: string;
  /** Name of the folder. */
  readonly name: string;
  readonly title: string;
  readonly owner: string;
  readonly description: string;
}

/** Reads a pack.yaml. A wrong one gives problems and a pack that is named after its folder. */
export function readPack(path: string, folder: string, text: string): { pack: Pack; problems: Diagnostic[] } {
  const { tree, problems } = parseYaml(path, text);
  const map = tree === null ? null : MapReader.of(path, tree, 'a pack description', problems);
  const pack = {
    path,
    name: nameOf(folder),
    title: map?.text('title') ?? nameOf(folder),
    owner: map?.text('owner') ?? '',
    description: map?.text('description') ?? '',
  };
  map?.done();
  return { pack, problems };
}
