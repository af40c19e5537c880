import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import type { ExistsNode, Select } from '../syntax/tree.ts';

export function refuseClauses({ joins, group_by, window, having, union }: Select): void {
  const clause = joins[0] ?? group_by?.[0] ?? window ?? having ?? union[0];
  if (clause === undefined || clause === null) return;
  refuse({
    code: 'W0011',
    span: clause.span,
    message: 'EXISTS asks for a row of one stream or view',
    label: 'write this SELECT as CREATE VIEW name AS SELECT …, and here SELECT 1 FROM name AS v WHERE …',
    hints: ['a row of a lookup is asked for with IN LOOKUP'],
  });
}

export function refuseWithoutWithin(span: Span): never {
  refuse({
    code: 'W0011',
    span,
    message: 'EXISTS needs WITHIN: how far apart may the rows be?',
    label: 'write WITHIN 10 MINUTES, or WITHIN (BEFORE 10 MINUTES), before the last bracket',
    hints: ['a stream never ends, so without it every row would be kept for ever'],
  });
}

export function refuseWithoutKey(span: Span, right: string, left: string): never {
  refuse({
    code: 'W0011',
    span,
    message: 'the WHERE of EXISTS needs an equality between the two sides',
    label: `write for example ${right}.account_id = ${left}.account_id and further conditions with AND`,
    hints: ['rows are kept and found by that key; without one every row would be compared with every other'],
  });
}

/** EXISTS anywhere but in the AND of a WHERE. */
export function refuseExists({ span }: ExistsNode, clause: string): never {
  const isWhere = clause === 'WHERE';
  refuse({
    code: 'W0011',
    span,
    message: isWhere ? 'EXISTS can be joined to other conditions with AND only' : `EXISTS cannot stand in ${clause}`,
    label: isWhere
      ? 'with OR: write a rule for each of the two, or a CREATE VIEW for the rows of which this holds'
      : 'it stands in WHERE: WHERE … AND [NOT] EXISTS (SELECT … WITHIN 10 MINUTES)',
    hints: ['it is a join: each row has its own moment at which it is decided'],
  });
}

export function refuseNested(span: Span): never {
  refuse({
    code: 'W0011',
    span,
    message: 'EXISTS inside of EXISTS',
    label: 'write the rows of the inner SELECT that have a partner as CREATE VIEW name AS SELECT …, and read that',
  });
}
