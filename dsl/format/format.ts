import { type Diagnostic, Reporter, type SourceFile } from '../diagnostics/diagnostic.ts';
import { type ParsedFile, parse } from '../syntax/parse.ts';
import { printTree } from '../syntax/print.ts';
import { breakLine, type Line } from './break-line.ts';
import { isClauseHead } from './clauses.ts';
import { isQuery, type Piece, piecesOf } from './pieces.ts';
import { hasSpace } from './spacing.ts';

export interface Formatted {
  /** null when the file does not parse: it is left as it is. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A rule file in the house style. Line breaks of the author stay; indentation, spaces, empty lines and the case of
 * keywords are the formatter's (a statement of several lines stands apart from others), and a line over 120 columns is broken before its clauses, then before AND, OR and
 * behind commas. Tokens and comments stay as they are and in their order, so that what the file means cannot change.
 */
export function format(file: SourceFile): Formatted {
  const diagnostics: Diagnostic[] = [];
  const parsed = parse(file, new Reporter(file.path, diagnostics));
  if (diagnostics.some(({ severity }) => severity === 'error')) return { text: null, diagnostics };
  const pieces = piecesOf(file.text, parsed);
  const tree = meaningOf(parsed);
  for (const cased of [inCase(pieces), pieces]) {
    const text = write(cased);
    // A word that looks like a keyword may be a name, and names have a case: then all words stay as they were.
    if (meaningOf(parse({ ...file, text }, new Reporter(file.path, []))) === tree) return { text, diagnostics };
  }
  throw new Error(`formatting ${file.path} would change what it means`);
}

/** The syntax trees without places; a unit of time has no case. */
function meaningOf({ statements }: ParsedFile): string {
  return printTree(statements).replace(/\bunit="\w+"/g, (unit) => unit.toUpperCase());
}

/** Keywords in capitals, TRUE, FALSE and NULL among them. */
function inCase(pieces: readonly Piece[]): Piece[] {
  return pieces.map((piece) => (piece.is_keyword ? { ...piece, text: piece.upper } : piece));
}

/** What is open around a place: lines in it stand at `indent`, the line that closes it at `outer`. */
interface Open {
  readonly closer: string;
  readonly outer: number;
  readonly indent: number;
  /** A SELECT in brackets: its clauses stand at `indent`, what continues them further right. */
  select: boolean;
}

function write(pieces: readonly Piece[]): string {
  const output: string[] = [];
  const open: Open[] = [];
  let statement = { began: false, selects: false };
  /** Where the statement before began; null: none has ended, or its next one has begun. */
  let ended: number | null = null;
  let begins_at = 0;
  for (const line of linesOf(pieces)) {
    const first = pieces[line.from];
    const isParted = ended !== null && (output.length - ended > 1 || !isWhole(pieces, line));
    if ((line.empty_before || isParted) && output.length > 0) output.push('');
    if (ended !== null) [ended, begins_at] = [null, output.length];
    const indent = indentOf(pieces, line, open, statement);
    output.push(' '.repeat(indent) + textOf(pieces, line));
    for (let i = line.from; i < line.to; i++) {
      const { upper, kind } = pieces[i];
      if (kind === 'semicolon') {
        ended = begins_at;
        open.length = 0;
        statement = { began: false, selects: false };
        continue;
      }
      if (kind === 'line_comment' || kind === 'block_comment') continue;
      if (!statement.began) statement = { began: true, selects: upper !== 'CREATE' };
      if (open.at(-1)?.closer === upper) open.pop();
      else if (upper === '(' || upper === '[' || (upper === 'CASE' && kind === 'reserved')) {
        const closer = upper === '(' ? ')' : upper === '[' ? ']' : 'END';
        open.push({ closer, outer: indent, indent: indent + 2, select: isQuery(pieces[i + 1]) });
      } else if (open.length === 0 && upper === 'AS' && kind === 'reserved') statement.selects = true;
    }
    if (first === undefined) break;
  }
  return output.length === 0 ? '' : `${output.join('\n')}\n`;
}

/** Whether a line is a whole statement, with what is said behind it. */
function isWhole(pieces: readonly Piece[], { from, to }: Line): boolean {
  const isSaid = ({ kind }: Piece): boolean => kind === 'line_comment' || kind === 'block_comment';
  return pieces.slice(from, to).findLast((piece) => !isSaid(piece))?.kind === 'semicolon';
}

function indentOf(
  pieces: readonly Piece[],
  { from }: Line,
  open: readonly Open[],
  statement: { readonly began: boolean; readonly selects: boolean },
): number {
  const first = pieces[from];
  const innermost = open.at(-1);
  if (innermost !== undefined) {
    if (innermost.closer === first.upper) return innermost.outer;
    return innermost.indent + (innermost.select && !isClauseHead(pieces, from) && first.upper !== 'SELECT' ? 2 : 0);
  }
  if (!statement.began || first.kind === 'semicolon') return 0;
  const is_comment = first.kind === 'line_comment' || first.kind === 'block_comment';
  const next = is_comment ? pieces.findIndex(({ kind }, i) => i > from && !kind.endsWith('_comment')) : from;
  if (next < 0) return 0;
  if (!statement.selects) return pieces[next].upper === 'AS' ? 0 : 2;
  return pieces[next].upper === 'AS' || isClauseHead(pieces, next) ? 0 : 2;
}

function linesOf(pieces: readonly Piece[]): Line[] {
  const lines: Line[] = [];
  let from = 0;
  pieces.forEach((piece, i) => {
    const before = pieces[i - 1];
    const must = before?.kind === 'line_comment' || (before?.kind === 'semicolon' && piece.kind !== 'line_comment');
    const joins = ((piece.kind === 'semicolon' || piece.upper === ',') && before?.kind !== 'line_comment') || i === 0;
    if (!joins && (must || piece.breaks_before > 0)) {
      lines.push({ from, to: i, empty_before: (pieces[from]?.breaks_before ?? 0) > 1 });
      from = i;
    }
  });
  if (pieces.length > 0) lines.push({ from, to: pieces.length, empty_before: (pieces[from]?.breaks_before ?? 0) > 1 });
  return lines.flatMap((line) => breakLine(pieces, line, (part) => textOf(pieces, part).length));
}

function textOf(pieces: readonly Piece[], { from, to }: Line): string {
  let text = '';
  for (let i = from; i < to; i++) {
    const piece = pieces[i];
    if (i === from) text += piece.text;
    // What stands behind a line is aligned with the lines around it as the author liked it.
    else if (piece.kind === 'line_comment') text += ' '.repeat(Math.max(1, piece.spaces_before)) + piece.text;
    else if (piece.kind === 'block_comment' || pieces[i - 1].kind === 'block_comment') text += ` ${piece.text}`;
    else text += (hasSpace(pieces, i) ? ' ' : '') + piece.text;
  }
  return text;
}
