import type { CstNode, IToken } from 'chevrotain';
import { refuse, type Span, spanFrom } from '../diagnostics/diagnostic.ts';
import { has, node, nodes, spanOf, token, tokenSpan, tokens, unquote, word } from './cst.ts';
import { distanceTree, selectTree } from './statement-tree.ts';
import { NumberLiteral } from './tokens.ts';
import type { BinaryOperator, CaseNode, DurationNode, ExpressionNode, NameNode, TextNode } from './tree.ts';

/** From the concrete tree of an expression to the syntax tree: grouping by precedence is in the grammar already. */
export function expressionTree(cst: CstNode): ExpressionNode {
  const parts = nodes(cst, 'conjunction').map(conjunctionTree);
  return parts.length === 1 ? (parts[0] as ExpressionNode) : { kind: 'or', arguments: parts, span: spanOf(cst) };
}

function conjunctionTree(cst: CstNode): ExpressionNode {
  const parts = nodes(cst, 'negation').map(negationTree);
  return parts.length === 1 ? (parts[0] as ExpressionNode) : { kind: 'and', arguments: parts, span: spanOf(cst) };
}

function negationTree(cst: CstNode): ExpressionNode {
  const argument = predicateTree(node(cst, 'predicate'));
  const signs = tokens(cst, 'NOT');
  // NOT NOT x is x in three-valued logic too.
  if (signs.length % 2 === 0) return argument;
  return { kind: 'not', argument, span: spanOf(cst) };
}

function predicateTree(cst: CstNode): ExpressionNode {
  const left = sumTree(node(cst, 'left'));
  const span = spanOf(cst);
  if (has(cst, 'comparison')) return comparisonTree(left, node(cst, 'comparison'), span);
  if (has(cst, 'isTest')) {
    const test = node(cst, 'isTest');
    const negated = has(test, 'NOT');
    if (has(test, 'NULL')) return { kind: 'is_null', argument: left, negated, span };
    return { kind: 'is_distinct', left, right: sumTree(node(test, 'sum')), negated, span };
  }
  return has(cst, 'wordTest') ? wordTestTree(left, node(cst, 'wordTest'), span) : left;
}

function comparisonTree(left: ExpressionNode, cst: CstNode, span: Span): ExpressionNode {
  const image = (has(cst, 'Equals') ? token(cst, 'Equals') : token(cst, 'Comparison')).image;
  const operator = (image === '!=' ? '<>' : image) as BinaryOperator;
  return { kind: 'binary', operator, left, right: sumTree(node(cst, 'sum')), span };
}

function wordTestTree(argument: ExpressionNode, cst: CstNode, span: Span): ExpressionNode {
  const negated = has(cst, 'NOT');
  if (has(cst, 'inTest')) {
    const test = node(cst, 'inTest');
    if (has(test, 'LOOKUP')) {
      return { kind: 'in_lookup', argument, lookup: word(token(test, 'lookup')), negated, span };
    }
    return { kind: 'in', argument, list: inList(test), negated, span };
  }
  if (has(cst, 'BETWEEN')) {
    const least = sumTree(node(cst, 'least'));
    return { kind: 'between', argument, least, greatest: sumTree(node(cst, 'greatest')), negated, span };
  }
  const pattern = sumTree(node(cst, 'pattern'));
  if (has(cst, 'Tilde')) {
    const not = negated !== token(cst, 'Tilde').image.startsWith('!');
    return { kind: 'match', operator: 'matches', argument, pattern, negated: not, span };
  }
  return { kind: 'match', operator: has(cst, 'LIKE') ? 'like' : 'ilike', argument, pattern, negated, span };
}

function inList(cst: CstNode): ExpressionNode[] {
  if (has(cst, 'Text')) return [textTree(token(cst, 'Text'))];
  if (has(cst, 'Parameter')) return [paramTree(token(cst, 'Parameter'))];
  return nodes(cst, 'expression').map(expressionTree);
}

function sumTree(cst: CstNode): ExpressionNode {
  return chain(nodes(cst, 'product').map(productTree), tokens(cst, 'operator'));
}

function productTree(cst: CstNode): ExpressionNode {
  return chain(nodes(cst, 'signed').map(signedTree), tokens(cst, 'operator'));
}

function chain(operands: ExpressionNode[], operators: IToken[]): ExpressionNode {
  return operands.reduce((left, right, i) => ({
    kind: 'binary',
    operator: operators[i - 1]?.image as BinaryOperator,
    left,
    right,
    span: spanFrom(left.span, right.span),
  }));
}

/** `- x :: int`: casts bind tighter than signs, as in SQL. */
export function signedTree(cst: CstNode): ExpressionNode {
  let tree = primaryTree(node(cst, 'primary'));
  for (const postfix of tokens(cst, 'postfix')) {
    const span = spanFrom(tree.span, tokenSpan(postfix));
    if (postfix.tokenType === NumberLiteral) {
      const before = tree.span.offset + tree.span.length;
      const minus = tokens(cst, 'negative').find(
        ({ startOffset }) => startOffset >= before && startOffset < postfix.startOffset,
      );
      const place = minus === undefined ? tokenSpan(postfix) : spanFrom(tokenSpan(minus), tokenSpan(postfix));
      const digits = `${minus === undefined ? '' : '-'}${postfix.image}`;
      const index = { kind: 'number', digits, span: place } as const;
      tree = { kind: 'index', argument: tree, index, span };
    } else {
      tree = { kind: 'cast', argument: tree, type: word(postfix), span };
    }
  }
  for (const sign of tokens(cst, 'sign').reverse()) {
    if (sign.image === '+') continue;
    const span = spanFrom(tokenSpan(sign), tree.span);
    if ((tree.kind === 'number' || tree.kind === 'duration') && !tree.digits.startsWith('-')) {
      tree = { ...tree, digits: `-${tree.digits}`, span };
    } else {
      tree = { kind: 'negate', argument: tree, span };
    }
  }
  return tree;
}

function primaryTree(cst: CstNode): ExpressionNode {
  const [name, [first]] = Object.entries(cst.children)[0] as [string, (CstNode & IToken)[]];
  switch (name) {
    case 'Text':
      return textTree(first as IToken);
    case 'Parameter':
      return paramTree(first as IToken);
    case 'TRUE':
    case 'FALSE':
      return { kind: 'bool', value: name === 'TRUE', span: tokenSpan(first as IToken) };
    case 'NULL':
      return { kind: 'null', span: tokenSpan(first as IToken) };
    case 'numberOrDuration':
      return numberTree(first as CstNode);
    case 'interval':
      return intervalTree(first as CstNode);
    case 'caseExpression':
      return caseTree(first as CstNode);
    case 'existsTest':
      return existsTree(first as CstNode);
    case 'castCall':
    case 'extractCall':
      return specialCallTree(name, first as CstNode);
    case 'nameOrCall':
      return nameOrCallTree(first as CstNode);
    default:
      return expressionTree(node(cst, 'expression'));
  }
}

export function textTree(text: IToken): TextNode {
  return { kind: 'text', value: unquote(text), span: tokenSpan(text) };
}

function paramTree(param: IToken): ExpressionNode {
  return { kind: 'param', name: param.image.slice(1), span: tokenSpan(param) };
}

function numberTree(cst: CstNode): ExpressionNode {
  const digits = token(cst, 'Number').image;
  if (!has(cst, 'Unit')) return { kind: 'number', digits, span: spanOf(cst) };
  return { kind: 'duration', digits, unit: token(cst, 'Unit').image, span: spanOf(cst) };
}

export function intervalTree(cst: CstNode): DurationNode {
  return { kind: 'duration', digits: unquote(token(cst, 'Text')), unit: token(cst, 'Unit').image, span: spanOf(cst) };
}

/** The `duration` rule: number and unit, or INTERVAL. */
export function durationTree(cst: CstNode): DurationNode {
  if (has(cst, 'interval')) return intervalTree(node(cst, 'interval'));
  return { kind: 'duration', digits: token(cst, 'Number').image, unit: token(cst, 'Unit').image, span: spanOf(cst) };
}

export function caseTree(cst: CstNode): CaseNode {
  const results = nodes(cst, 'then').map(expressionTree);
  return {
    kind: 'case',
    operand: has(cst, 'operand') ? expressionTree(node(cst, 'operand')) : null,
    branches: nodes(cst, 'when').map((when, i) => ({
      when: expressionTree(when),
      result: results[i] as ExpressionNode,
    })),
    otherwise: has(cst, 'otherwise') ? expressionTree(node(cst, 'otherwise')) : null,
    span: spanOf(cst),
  };
}

function existsTree(cst: CstNode): ExpressionNode {
  const within = has(cst, 'joinDistance') ? distanceTree(node(cst, 'joinDistance')) : null;
  return { kind: 'exists', select: selectTree(node(cst, 'select'), []), within, span: spanOf(cst) };
}

function specialCallTree(name: 'castCall' | 'extractCall', cst: CstNode): ExpressionNode {
  const argument = expressionTree(node(cst, 'expression'));
  if (name === 'castCall') return { kind: 'cast', argument, type: word(token(cst, 'type')), span: spanOf(cst) };
  const zone = has(cst, 'zone') ? primaryTree(node(cst, 'zone')) : null;
  return { kind: 'extract', unit: word(token(cst, 'unit')), argument, zone, span: spanOf(cst) };
}

export function nameTree(cst: CstNode): NameNode {
  const parts = tokens(cst, 'part').map((part) =>
    part.image.startsWith("'") ? { text: unquote(part), span: tokenSpan(part) } : word(part),
  );
  return { kind: 'name', parts, span: spanOf(cst) };
}

function nameOrCallTree(cst: CstNode): ExpressionNode {
  const name = nameTree(node(cst, 'name'));
  if (!has(cst, 'callArguments')) return name;
  if (name.parts.length !== 1) {
    refuse({
      code: 'W0104',
      span: name.span,
      message: `\`${name.parts.map((part) => part.text).join('.')}\` is no function`,
      label: 'functions have names without dots',
    });
  }
  const call = node(cst, 'callArguments');
  return {
    kind: 'call',
    name: name.parts[0] as NameNode['parts'][0],
    star: has(call, 'Star'),
    distinct: has(call, 'DISTINCT'),
    arguments: nodes(call, 'expression').map(expressionTree),
    filter: has(cst, 'filter') ? expressionTree(node(cst, 'filter')) : null,
    span: spanOf(cst),
  };
}
