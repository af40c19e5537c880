import { type Finding, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { children } from './children.ts';
import { syntaxLimits } from './limits.ts';
import type { ExpressionNode } from './tree.ts';

export function tooDeep(span: Span): Finding {
  return {
    code: 'W0005',
    span,
    message: 'this expression is nested too deeply',
    label: `more than ${syntaxLimits.nesting} levels of brackets, or a chain of more than ${syntaxLimits.depth} operators`,
    hints: ['compare with a list (x IN (...)) or split the work over a CREATE VIEW'],
  };
}

/** Refuses a tree that is too deep to be walked by recursion; itself it walks without. */
export function checkDepth(expression: ExpressionNode): void {
  const waiting: { node: ExpressionNode; depth: number }[] = [{ node: expression, depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > syntaxLimits.depth) refuse(tooDeep(expression.span));
    for (const child of children(next.node)) waiting.push({ node: child, depth: next.depth + 1 });
  }
}
