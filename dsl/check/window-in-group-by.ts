import type { Finding } from '../diagnostics/diagnostic.ts';
import type { ExpressionNode } from '../syntax/tree.ts';

/** `GROUP BY account_id, TUMBLE(ts, INTERVAL '15' MINUTE)`, Flink's windows: how they are written here; null: there is none. */
export function windowInGroupBy(group_by: readonly ExpressionNode[]): Finding | null {
  for (const node of group_by) {
    if (node.kind !== 'call') continue;
    const lengths = node.arguments.flatMap((part) => (part.kind === 'duration' ? [part] : []));
    const texts = lengths.map(
      ({ digits, unit }) => `${digits} ${unit.toUpperCase().replace(/S?$/, digits === '1' ? '' : 'S')}`,
    );
    const [first, second] = texts;
    const name = node.name.text.toUpperCase();
    // The advance stands before the size.
    const windows = new Map([
      ['TUMBLE', `TUMBLING ${first}`],
      ['HOP', `HOPPING ${second ?? first} ADVANCE BY ${first}`],
      ['SESSION', `SESSION GAP ${first}`],
    ]);
    const window = windows.get(name);
    if (first === undefined || window === undefined) continue;
    return {
      code: 'W0011',
      span: node.span,
      message: 'this is how Flink writes windows',
      label: `remove it, and write WINDOW ${window} after GROUP BY`,
      hints: ['window_start and window_end are columns then; they need no GROUP BY'],
    };
  }
  return null;
}
