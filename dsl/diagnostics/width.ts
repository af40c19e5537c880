/** Ranges of code points that a terminal shows two cells wide: East Asian wide and full-width forms, and emoji. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

const tab_cells = 4;

function cellsOf(character: string): number {
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}]$/u.test(character)) return 0;
  const code = character.codePointAt(0) as number;
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Number of terminal cells that a text takes. */
export function displayWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** A text as a terminal can show it: tabs as spaces up to the next stop, control characters as their symbols. */
export function displayText(text: string, cells_before = 0): string {
  let shown = '';
  let cells = cells_before;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === '\t') {
      const spaces = tab_cells - (cells % tab_cells);
      shown += ' '.repeat(spaces);
      cells += spaces;
    } else {
      // Escape sequences in a rule file must not reach the terminal.
      const visible = code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : character;
      shown += visible;
      cells += cellsOf(visible);
    }
  }
  return shown;
}
