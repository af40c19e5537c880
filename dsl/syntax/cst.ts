import type { CstNode, IToken } from 'chevrotain';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Word } from './tree.ts';

/** Reading a concrete syntax tree: its children are lists by name, of which the grammar says how many there are. */

export function nodes(cst: CstNode, name: string): CstNode[] {
  return (cst.children[name] ?? []) as CstNode[];
}

/** The only child of this name; the grammar promises that it is there. */
export function node(cst: CstNode, name: string): CstNode {
  return nodes(cst, name)[0] as CstNode;
}

export function tokens(cst: CstNode, name: string): IToken[] {
  return (cst.children[name] ?? []) as IToken[];
}

export function token(cst: CstNode, name: string): IToken {
  return tokens(cst, name)[0] as IToken;
}

export function has(cst: CstNode, name: string): boolean {
  return cst.children[name] !== undefined;
}

/** The one child rule of a node that is a choice. */
export function onlyChild(cst: CstNode): CstNode {
  return (Object.values(cst.children)[0] as CstNode[])[0] as CstNode;
}

export function tokenSpan({ startOffset, image }: IToken): Span {
  return { offset: startOffset, length: image.length };
}

/** Where the tokens of a node stand, from the first to the last. */
export function spanOf({ location }: CstNode): Span {
  const { startOffset = 0, endOffset = 0 } = location ?? {};
  return { offset: startOffset, length: endOffset + 1 - startOffset };
}

/** A name or a word without its quotes. */
export function word(name: IToken): Word {
  const text = name.image.startsWith('"') ? name.image.slice(1, -1).replaceAll('""', '"') : name.image;
  return { text, span: tokenSpan(name) };
}

/** The text between single quotes, with `''` as one quote. */
export function unquote(text: IToken): string {
  return text.image.slice(1, -1).replaceAll("''", "'");
}

/** Names under which the grammar files keywords of several kinds. */
const ofKeywords: readonly string[] = ['keyword', 'primary'];

/** Notes where the words stand that the grammar read as themselves: one that it read as a name is filed as a name. */
export function noteKeywords({ children }: CstNode, offsets: Set<number>): void {
  for (const [name, parts] of Object.entries(children)) {
    for (const part of parts) {
      if ('children' in part) noteKeywords(part, offsets);
      else if (name !== 'Identifier' && /^[A-Za-z]/.test(part.image)) {
        if (part.tokenType.name === name || ofKeywords.includes(name)) offsets.add(part.startOffset);
      }
    }
  }
}
