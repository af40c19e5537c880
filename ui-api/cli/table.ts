import type { Paint, Style } from './output.ts';

export interface TableColumn {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: 'left' | 'right';
  /** The column that is cut when the terminal is too narrow; else the last one is. */
  readonly may_shrink?: boolean;
}

/** A cell's raw text, with its colour beside it: text from events is made harmless before it is painted. */
export type Cell = string | { readonly text: string; readonly style: Style };

export interface TableOptions {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly paint: Paint;
  /** Columns of the terminal; Infinity: nothing is cut. */
  readonly width?: number;
  readonly indent?: string;
  /** Leave out the line of titles. */
  readonly headless?: boolean;
}

const gap = '   ';

/** Aligned columns, one line per row, without a final newline. */
export function renderTable(options: TableOptions): string {
  const { columns, paint } = options;
  const indent = options.indent ?? '  ';
  const texts = options.rows.map((row) => row.map((cell) => printable(typeof cell === 'string' ? cell : cell.text)));
  const widths = columns.map((column, i) =>
    texts.reduce((widest, row) => Math.max(widest, textWidth(row[i] ?? '')), textWidth(column.title)),
  );
  shrink(widths, columns, (options.width ?? Number.POSITIVE_INFINITY) - indent.length);
  const place = (text: string, i: number, style: Style | null): string => {
    const cut = cutTo(text, widths[i]);
    const padding = ' '.repeat(Math.max(0, widths[i] - textWidth(cut)));
    const painted = style === null ? cut : paint.style(style, cut);
    return columns[i].align === 'right' ? padding + painted : painted + padding;
  };
  const lines: string[] = [];
  if (options.headless !== true) {
    lines.push(indent + columns.map((column, i) => place(column.title, i, 'dim')).join(gap));
  }
  texts.forEach((row, at) => {
    const cells = columns.map((_, i) => {
      const cell = options.rows[at][i] ?? '';
      return place(row[i] ?? '', i, typeof cell === 'string' ? null : cell.style);
    });
    lines.push(indent + cells.join(gap));
  });
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The last column gives first, as far as it stays worth reading; then the one that says it may. */
function shrink(widths: number[], columns: readonly TableColumn[], available: number): void {
  let over = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - available;
  const marked = columns.findIndex((column) => column.may_shrink === true);
  const last = widths.length - 1;
  for (const [column, least] of [
    [last, marked === -1 || marked === last ? 8 : 16],
    [marked === -1 ? last : marked, 8],
  ]) {
    if (over <= 0) return;
    const width = Math.min(widths[column], Math.max(least, widths[column] - over));
    over -= widths[column] - width;
    widths[column] = width;
  }
}

function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  for (const character of text) {
    if (textWidth(cut + character) > width - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

/** Control characters, and what cannot be seen (Unicode's Default_Ignorable_Code_Point) but in an emoji. */
const unseen =
  /[\p{Cc}\u2028\u2029]|(?![\ufe00-\ufe0f\u200d])\p{DI}|(?<!\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d/gu;

/**
 * Text of an event made harmless for a terminal: control characters (an escape sequence in a user name could clear the
 * screen or fake a line), the characters that turn the writing direction, and others that make two names look like one are
 * shown as \u{...}.
 */
export function printable(text: string): string {
  return text.replace(unseen, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
  });
}

/** Columns that a text takes: wide East Asian characters and emoji take two, marks on others none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\u200d|\ufe0f/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character) ||
      (character.codePointAt(0) ?? 0) >= 0x1f300
        ? 2
        : 1;
  }
  return width;
}
