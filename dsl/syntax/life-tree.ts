import type { CstNode } from 'chevrotain';
import { has, node, onlyChild, spanOf, token, tokenSpan, tokens, word } from './cst.ts';
import { durationTree, expressionTree, nameTree } from './expression-tree.ts';
import type { LifeClause } from './tree.ts';

/** From the concrete tree of a clause about the life of a detection to its syntax tree. */
export function lifeTree(cst: CstNode): LifeClause {
  const span = spanOf(cst);
  const clause = onlyChild(cst);
  const duration = () => durationTree(node(clause, 'lifeDuration'));
  if (has(cst, 'respondClause')) {
    const while_open = has(clause, 'WHILE') ? tokenSpan(token(clause, 'WHILE')) : null;
    const responses = tokens(clause, 'response').map(word);
    return { kind: 'respond', responses, column: nameTree(node(clause, 'name')), while_open, span };
  }
  if (has(cst, 'riskClause')) {
    const score = expressionTree(node(clause, 'expression'));
    const column = nameTree(node(clause, 'name'));
    return { kind: 'risk', score, type: word(token(clause, 'type')), column, half_life: duration(), span };
  }
  if (has(cst, 'escalateClause')) {
    const when = expressionTree(node(clause, 'expression'));
    return { kind: 'escalate', when, severity: word(token(clause, 'severity')), span };
  }
  if (has(cst, 'updateClause')) return { kind: 'update_at_end', span };
  if (has(cst, 'closeClause')) return { kind: 'close_after', duration: duration(), span };
  if (has(cst, 'retentionClause')) return { kind: 'retention', duration: duration(), span };
  const number = token(clause, 'Number');
  return { kind: 'state_max', keys: { kind: 'number', digits: number.image, span: tokenSpan(number) }, span };
}
