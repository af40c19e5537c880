import type { ParsedFile } from '../syntax/parse.ts';
import { reserved } from '../syntax/tokens.ts';

/** A token, a semicolon or a comment of a file, with the line breaks that stood before it. */
export interface Piece {
  readonly kind: 'word' | 'reserved' | 'text' | 'symbol' | 'semicolon' | 'line_comment' | 'block_comment';
  readonly text: string;
  /** Upper case; '' for texts and comments. */
  readonly upper: string;
  readonly breaks_before: number;
  /** Whether the grammar reads it as a keyword here. */
  readonly is_keyword: boolean;
  /** White space before it on its line. */
  readonly spaces_before: number;
}

const reservedNames: ReadonlySet<string> = new Set(Object.keys(reserved));
const between = /(\s+)|(--[^\n]*)|(\/\*[\s\S]*?\*\/)|(;)/g;

/** Everything of a file but its white space, in order. The file parses. */
export function piecesOf(text: string, { tokens, keywords }: ParsedFile): Piece[] {
  const pieces: Piece[] = [];
  let space = '';
  const add = (kind: Piece['kind'], written: string, is_keyword = false): void => {
    const upper = kind === 'word' || kind === 'reserved' || kind === 'symbol' ? written.toUpperCase() : '';
    const breaks_before = space.split('\n').length - 1;
    pieces.push({ kind, text: written, upper, breaks_before, is_keyword, spaces_before: space.length });
    space = '';
  };
  const gap = (from: number, to: number): void => {
    for (const [, white, line, block, semicolon] of text.slice(from, to).matchAll(between)) {
      if (white !== undefined) space += white;
      else if (line !== undefined) add('line_comment', line.trimEnd());
      else if (block !== undefined) add('block_comment', block);
      else add('semicolon', semicolon as string);
    }
  };
  let end = 0;
  for (const { type, text: written, span } of tokens) {
    gap(end, span.offset);
    add(kindOf(type, written), written, keywords.has(span.offset));
    end = span.offset + span.length;
  }
  gap(end, text.length);
  return pieces;
}

function kindOf(type: string, written: string): Piece['kind'] {
  if (type === 'Text' || type === 'Number' || type === 'Parameter' || type === 'QuotedName') return 'text';
  if (reservedNames.has(type)) return 'reserved';
  return /^[A-Za-z_]/.test(written) ? 'word' : 'symbol';
}

/** Whether a piece behind a bracket begins a SELECT. */
export function isQuery(piece: Piece | undefined): boolean {
  return piece?.kind === 'reserved' && (piece.upper === 'SELECT' || piece.upper === 'WITH');
}
