import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { type Placed, problemAt } from './problem.ts';

/**
 * YAML as a tree that knows its places: the only file that touches the yaml package. Aliases are resolved (an anchored
 * event can be used again), within a budget, so that a few lines cannot grow into gigabytes. Maps are lists of entries:
 * no key typed by a user becomes a property name.
 */
export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlMap extends Placed {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
}

export interface YamlEntry {
  readonly key: string;
  readonly key_start: number;
  readonly key_end: number;
  readonly value: YamlNode;
}

export interface YamlList extends Placed {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

export interface YamlScalar extends Placed {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
}

/** Nodes of one file after aliases are resolved, and their depth. */
const nodes_max = 100_000;
const depth_max = 64;

/** Parses one YAML document. The tree is null when the text has an error, or is empty. */
export function parseYaml(path: string, text: string): { tree: YamlNode | null; problems: Diagnostic[] } {
  const document = parseDocument(text, { prettyErrors: false, merge: false, stringKeys: true, logLevel: 'silent' });
  // The first error is the cause; those after it are mostly its consequences.
  const problems = [...document.errors, ...document.warnings].slice(0, 1).map((error) => {
    const place = { start: Math.min(error.pos[0], text.length), end: Math.min(error.pos[1], text.length) };
    const message = `not valid YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
    return problemAt('W0402', path, place, message, yamlHint(error.code, text.slice(0, place.start)));
  });
  if (problems.length > 0 || document.contents === null) return { tree: null, problems };
  const reader = new TreeReader(document);
  try {
    return { tree: reader.read(document.contents, 0), problems };
  } catch (error) {
    if (!(error instanceof TreeError)) throw error;
    return { tree: null, problems: [problemAt('W0402', path, error.place, error.message, error.hint)] };
  }
}

function yamlHint(code: string, before: string): string {
  if (/(^|\n)[ ]*\t\s*$/.test(before)) return 'indent with spaces, not with tabs';
  if (code === 'DUPLICATE_KEY') return 'a key stands once in a map: rename or remove one';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces, not with tabs';
  if (code === 'BAD_ALIAS') return 'a text that begins with * or & stands in quotes';
  if (code === 'BAD_INDENT') return 'entries of one list or map begin in the same column';
  if (code === 'MULTIPLE_DOCS') return 'one document per file: remove the ---';
  return 'a text with : { } [ ] , # or quotes in it stands in quotes';
}

class TreeError extends Error {
  readonly place: Placed;
  readonly hint: string;

  constructor(message: string, place: Placed, hint: string) {
    super(message);
    this.place = place;
    this.hint = hint;
  }
}

class TreeReader {
  readonly #document: Document;
  #nodes = 0;

  constructor(document: Document) {
    this.#document = document;
  }

  read(node: Node, depth: number): YamlNode {
    const place = placeOfNode(node);
    this.#nodes++;
    if (this.#nodes > nodes_max || depth > depth_max) {
      throw new TreeError('too much YAML: aliases make it larger than a test can be', place, 'write fewer aliases');
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) throw new TreeError('this alias has no anchor', place, 'write &name at its target');
      return { ...this.read(target, depth + 1), ...place };
    }
    if (isMap(node)) return this.#map(node, place, depth);
    if (isSeq(node)) return this.#list(node, place, depth);
    return { kind: 'scalar', value: isScalar(node) ? scalarValue(node.value) : null, ...place };
  }

  #map(node: YAMLMap, place: Placed, depth: number): YamlMap {
    const entries = node.items.map((pair: Pair): YamlEntry => {
      const key = pair.key as Node;
      const { start, end } = placeOfNode(key);
      const text = isScalar(key) ? String(key.value ?? '') : '';
      return { key: text, key_start: start, key_end: end, value: this.#value(pair.value, end, depth) };
    });
    return { kind: 'map', entries, ...place };
  }

  #list(node: YAMLSeq, place: Placed, depth: number): YamlList {
    const items = node.items.map((item) => this.#value(item, place.start, depth));
    return { kind: 'list', items, ...place };
  }

  #value(value: unknown, offset: number, depth: number): YamlNode {
    // A key without a value (`expect:`) has no node.
    if (value === null || value === undefined) return { kind: 'scalar', value: null, start: offset, end: offset };
    return this.read(value as Node, depth + 1);
  }
}

function placeOfNode(node: Node): Placed {
  const range = node.range;
  return range ? { start: range[0], end: Math.max(range[1], range[0]) } : { start: 0, end: 0 };
}

function scalarValue(value: unknown): YamlScalar['value'] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
