import type { CstNode } from 'chevrotain';
import type { Span } from '../diagnostics/diagnostic.ts';
import { node, nodes, spanOf, token, word } from './cst.ts';
import { expressionTree } from './expression-tree.ts';
import type { FunctionStatement } from './tree.ts';

export function functionTree(cst: CstNode, span: Span): FunctionStatement {
  return {
    kind: 'function',
    span,
    name: word(token(cst, 'name')),
    arguments: nodes(cst, 'functionArgument').map((argument) => ({
      name: word(token(argument, 'name')),
      type: word(token(argument, 'type')),
      span: spanOf(argument),
    })),
    returns: word(token(cst, 'returns')),
    body: expressionTree(node(cst, 'expression')),
  };
}
