import { children } from '../syntax/children.ts';
import type { ExpressionNode } from '../syntax/tree.ts';

/**
 * How large an expression is with all functions written out, read off the trees without writing anything out: f(f(f(x)))
 * doubles with each f that uses its argument twice.
 */
export interface Size {
  /** Parts of the expression that are not arguments of the function around it. */
  readonly parts: number;
  readonly depth: number;
  /** How often each argument of the function around it is used. */
  readonly uses: readonly number[];
}

/** Bounds on what a call may be when it is written out. */
export const functionLimits = {
  parts: 1_000,
  /** Levels of the tree: those that an expression without functions may have. */
  depth: 256,
  /** Functions that call one another. */
  calls: 32,
  /** Parts of all calls of all files together. */
  parts_of_all: 500_000,
} as const;

/** `names` are the arguments of the function around it; `sizeOf` knows the functions that are called. */
export function sizeOf(node: ExpressionNode, names: readonly string[], knownSize: (name: string) => Size | null): Size {
  const uses = names.map(() => 0);
  if (node.kind === 'name') {
    const index = node.parts.length === 1 ? names.indexOf(node.parts[0].text) : -1;
    if (index < 0) return { parts: 1, depth: 1, uses };
    return { parts: 0, depth: 1, uses: names.map((_, i) => (i === index ? 1 : 0)) };
  }
  const inner = children(node).map((child) => sizeOf(child, names, knownSize));
  const called = node.kind === 'call' ? knownSize(node.name.text.toLowerCase()) : null;
  let parts = called?.parts ?? 1;
  let depth = 0;
  inner.forEach((part, i) => {
    const times = called === null ? 1 : (called.uses[i] ?? 0);
    parts += times * part.parts;
    depth = Math.max(depth, part.depth);
    part.uses.forEach((count, argument) => {
      uses[argument] += times * count;
    });
  });
  return { parts, depth: depth + (called?.depth ?? 1), uses };
}

/** Parts with each use of an argument counted as one. */
export function wholeSize({ parts, uses }: Size): number {
  return uses.reduce((sum, count) => sum + count, parts);
}
