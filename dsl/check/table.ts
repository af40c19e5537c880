import { refuse } from '../diagnostics/diagnostic.ts';
import type { SelectItem, ViewStatement } from '../syntax/tree.ts';

/** What a CREATE TABLE must have beyond a view: windows that end, because a row is what a window was (S8). */
export function checkTable({ name, select, span }: ViewStatement): void {
  const { window } = select;
  if (window === null) {
    refuse({
      code: 'W0211',
      // A SELECT of a UNION ALL has a name of its own, but it stands nowhere.
      span: span === select.span ? (select.items[0] as SelectItem).span : name.span,
      message: `the table ${name.text} needs a WINDOW: its rows are windows`,
      label: 'write for example GROUP BY account_id WINDOW TUMBLING 1 HOUR',
      hints: ['rows without a window are a view: CREATE VIEW; rows that are known beforehand a lookup: CREATE LOOKUP'],
    });
  }
  if (window.kind === 'sliding') {
    refuse({
      code: 'W0214',
      span: window.span,
      message: 'a row of a table appears at the end of its window, and SLIDING has a window at every event',
      label: 'write TUMBLING, HOPPING … ADVANCE BY … or SESSION GAP …',
    });
  }
}
