import type { CstNode } from 'chevrotain';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { has, node, nodes, onlyChild, spanOf, token, tokenSpan, tokens, word } from './cst.ts';
import { caseTree, durationTree, expressionTree, nameTree, signedTree, textTree } from './expression-tree.ts';
import { functionTree } from './function-tree.ts';
import { lifeTree } from './life-tree.ts';
import type {
  ExceptionStatement,
  FieldDeclaration,
  FooterClause,
  HeaderClause,
  JoinDistanceNode,
  JoinNode,
  LookupStatement,
  NumberNode,
  ParamClause,
  QueryNode,
  Select,
  SelectItem,
  SourceNode,
  Statement,
  StreamSetting,
  StreamStatement,
  TuneStatement,
  UnnestNode,
  WindowClause,
  WindowNode,
} from './tree.ts';

/** From the concrete tree of a statement to its syntax tree. */
export function statementTree(whole: CstNode): Statement {
  const span = spanOf(whole);
  if (has(whole, 'tuneStatement')) return tuneTree(node(whole, 'tuneStatement'), span);
  const cst = node(whole, 'createStatement');
  if (has(cst, 'streamStatement')) return streamTree(node(cst, 'streamStatement'), span);
  if (has(cst, 'exceptionStatement')) return exceptionTree(node(cst, 'exceptionStatement'), span);
  if (has(cst, 'functionStatement')) return functionTree(node(cst, 'functionStatement'), span);
  if (has(cst, 'lookupStatement')) return lookupTree(node(cst, 'lookupStatement'), span);
  const kind = has(cst, 'ruleStatement') ? 'rule' : has(cst, 'tableStatement') ? 'table' : 'view';
  const statement = node(cst, `${kind}Statement`);
  const common = {
    span,
    name: word(token(statement, 'name')),
    select: queryTree(node(statement, 'query')),
    footer: nodes(statement, 'footerClause').map(footerTree),
  };
  if (kind !== 'rule') return { kind, ...common };
  return { kind, ...common, header: nodes(statement, 'headerClause').map(headerTree) };
}

function streamTree(cst: CstNode, span: Span): StreamStatement {
  return {
    kind: 'stream',
    span,
    name: word(token(cst, 'name')),
    fields: has(cst, 'fieldDeclaration') ? nodes(cst, 'fieldDeclaration').map(fieldTree) : null,
    settings: nodes(cst, 'streamSetting').map(settingTree),
    sharing: nodes(cst, 'sharingClause').map((clause) => {
      return { tenants: tokens(clause, 'Text').map(textTree), span: spanOf(clause) };
    }),
  };
}

function fieldTree(cst: CstNode): FieldDeclaration {
  const name = nameTree(node(cst, 'name')).parts;
  return { name, type: word(token(cst, 'type')), required: has(cst, 'NOT'), span: spanOf(cst) };
}

function exceptionTree(cst: CstNode, span: Span): ExceptionStatement {
  const text = (label: string) => (has(cst, label) ? textTree(token(cst, label)) : null);
  return {
    kind: 'exception',
    span,
    name: word(token(cst, 'name')),
    rules: tokens(cst, 'rule').map(word),
    action: has(cst, 'IGNORE') ? 'ignore' : 'mute',
    where: expressionTree(node(cst, 'expression')),
    valid_from: text('from'),
    valid_to: text('to'),
    because: textTree(token(node(cst, 'because'), 'Text')),
    owner: text('owner'),
  };
}

function tuneTree(cst: CstNode, span: Span): TuneStatement {
  return {
    kind: 'tune',
    span,
    rule: word(token(cst, 'rule')),
    where: expressionTree(node(cst, 'expression')),
    values: nodes(cst, 'tuneValue').map((value) => ({
      name: word(token(value, 'name')),
      value: signedTree(node(value, 'signed')),
    })),
    because: textTree(token(node(cst, 'because'), 'Text')),
    owner: has(cst, 'owner') ? textTree(token(cst, 'owner')) : null,
  };
}

function lookupTree(cst: CstNode, span: Span): LookupStatement {
  const parts = nodes(cst, 'lookupPart');
  return {
    kind: 'lookup',
    span,
    name: word(token(cst, 'name')),
    columns: parts
      .filter((part) => has(part, 'name'))
      .map((part) => ({
        name: word(token(part, 'name')),
        type: word(token(part, 'type')),
        primary: has(part, 'primary'),
        span: spanOf(part),
      })),
    keys: parts
      .filter((part) => has(part, 'key'))
      .map((part) => ({ columns: tokens(part, 'key').map(word), span: spanOf(part) })),
    options: nodes(cst, 'lookupOption').map((option) => ({
      name: word(token(option, 'name')),
      value: textTree(token(option, 'Text')),
    })),
  };
}

function settingTree(cst: CstNode): StreamSetting {
  const kind = has(cst, 'LATENESS')
    ? 'lateness'
    : has(cst, 'IDLE')
      ? 'idle'
      : has(cst, 'DEDUP')
        ? 'dedup'
        : 'max_ahead';
  return { kind, duration: durationTree(node(cst, 'duration')), span: spanOf(cst) };
}

function numberNode(cst: CstNode): NumberNode {
  const number = token(cst, 'Number');
  return { kind: 'number', digits: number.image, span: tokenSpan(number) };
}

function headerTree(cst: CstNode): HeaderClause {
  const span = spanOf(cst);
  if (has(cst, 'paramClause')) return paramTree(node(cst, 'paramClause'));
  if (has(cst, 'textClause') || has(cst, 'textListClause')) {
    const clause = onlyChild(cst);
    const kind = token(clause, 'keyword').tokenType.name.toLowerCase();
    const texts = tokens(clause, 'Text').map(textTree);
    if (has(cst, 'textListClause')) return { kind: kind as 'attack' | 'tags' | 'references', texts, span };
    return { kind: kind as 'title' | 'description' | 'runbook', text: texts[0] as (typeof texts)[0], span };
  }
  if (has(cst, 'severityClause')) {
    const clause = node(cst, 'severityClause');
    const chosen = has(clause, 'caseExpression')
      ? caseTree(node(clause, 'caseExpression'))
      : word(token(clause, 'word'));
    return { kind: 'severity', chosen, span };
  }
  const kind = token(cst, 'keyword').tokenType.name.toLowerCase();
  if (kind === 'across') return { kind: 'across_tenants', span };
  if (kind === 'confidence') return { kind, value: numberNode(cst), span };
  return { kind: 'mode', word: word(token(cst, 'word')), span };
}

function paramTree(cst: CstNode): ParamClause {
  const range = has(cst, 'least')
    ? { least: signedTree(node(cst, 'least')), greatest: signedTree(node(cst, 'greatest')) }
    : null;
  return {
    kind: 'param',
    name: word(token(cst, 'name')),
    type: word(token(cst, 'type')),
    value: signedTree(node(cst, 'value')),
    range,
    span: spanOf(cst),
  };
}

function footerTree(cst: CstNode): FooterClause {
  const span = spanOf(cst);
  if (has(cst, 'suppressClause')) {
    const clause = node(cst, 'suppressClause');
    return {
      kind: 'suppress',
      by: nodes(clause, 'name').map(nameTree),
      duration: durationTree(node(clause, 'duration')),
      reset: has(clause, 'RESET') ? tokenSpan(token(clause, 'RESET')) : null,
      span,
    };
  }
  if (has(cst, 'lifeClause')) return lifeTree(node(cst, 'lifeClause'));
  switch (token(cst, 'keyword').tokenType.name) {
    case 'ENTITY':
      return { kind: 'entity', type: word(token(cst, 'type')), column: nameTree(node(cst, 'name')), span };
    case 'EVIDENCE':
      return { kind: 'evidence', count: numberNode(cst), span };
    default:
      return { kind: has(cst, 'EARLY') ? 'emit_early' : 'emit_at_end', span };
  }
}

/** A SELECT with its WITH. */
function queryTree(cst: CstNode): Select {
  return selectTree(
    node(cst, 'select'),
    nodes(cst, 'localView').map((local) => {
      return { ...bracketedTree(node(local, 'bracketed')), name: word(token(local, 'name')), span: spanOf(local) };
    }),
  );
}

function bracketedTree(cst: CstNode): QueryNode {
  return {
    select: queryTree(node(cst, 'query')),
    footer: nodes(cst, 'footerClause').map(footerTree),
    span: spanOf(cst),
  };
}

function sourceTree(cst: CstNode): SourceNode {
  const alias = has(cst, 'alias') ? word(token(cst, 'alias')) : null;
  if (has(cst, 'source')) return { name: word(token(cst, 'source')), alias, query: null };
  const query = bracketedTree(node(cst, 'bracketed'));
  if (alias !== null) return { name: alias, alias: null, query };
  refuse({
    code: 'W0110',
    span: { offset: query.span.offset, length: 1 },
    message: 'this subquery has no name',
    label: 'write AS and a name behind its closing bracket',
    hints: ['explain and why say by that name what it gives'],
  });
}

export function selectTree(cst: CstNode, locals: Select['with']): Select {
  const [first, ...others] = nodes(cst, 'oneSelect').map((one, i) => oneSelectTree(one, i === 0 ? locals : []));
  return { ...(first as Select), union: others };
}

function oneSelectTree(cst: CstNode, locals: Select['with']): Select {
  const window = has(cst, 'window') ? node(cst, 'window') : null;
  return {
    span: spanOf(cst),
    with: locals,
    items: nodes(cst, 'selectItem').map(itemTree),
    from: sourceTree(node(cst, 'source')),
    joins: nodes(cst, 'joinClause').map(joinTree),
    unnests: nodes(cst, 'unnestClause').map(unnestTree),
    where: has(cst, 'where') ? expressionTree(node(cst, 'where')) : null,
    group_by: has(cst, 'group') ? nodes(cst, 'group').map(expressionTree) : null,
    window: window === null ? null : windowTree(window),
    having: has(cst, 'having') ? expressionTree(node(cst, 'having')) : null,
    union: [],
  };
}

function unnestTree(cst: CstNode): UnnestNode {
  const [alias, column] = [token(cst, 'alias'), token(cst, 'column')];
  if (has(cst, 'column')) {
    return {
      ...{ array: expressionTree(node(cst, 'expression')), span: spanOf(cst) },
      ...{ alias: word(alias), column: word(column) },
    };
  }
  const name = has(cst, 'alias') ? word(alias).text : 'element';
  refuse({
    code: 'W0110',
    span: has(cst, 'alias') ? tokenSpan(alias) : spanOf(cst),
    message: 'the elements of UNNEST need a name',
    label: has(cst, 'alias')
      ? `write AS t(${name}): t is the row, ${name} the element in it`
      : 'write AS t(element) behind it',
  });
}

function joinTree(cst: CstNode): JoinNode {
  return {
    kind: has(cst, 'LEFT') ? 'left' : 'inner',
    ...sourceTree(node(cst, 'source')),
    within: has(cst, 'joinDistance') ? distanceTree(node(cst, 'joinDistance')) : null,
    on: expressionTree(node(cst, 'expression')),
    span: spanOf(cst),
  };
}

export function distanceTree(cst: CstNode): JoinDistanceNode {
  const side = (label: string) => (has(cst, label) ? durationTree(node(cst, label)) : null);
  const both = side('both');
  return { before: both ?? side('before'), after: both ?? side('after'), span: spanOf(cst) };
}

function windowTree(cst: CstNode): WindowNode {
  const kinds = ['sliding', 'hopping', 'session'] as const;
  return {
    kind: kinds.find((kind) => has(cst, kind.toUpperCase())) ?? 'tumbling',
    size: durationTree(node(cst, 'size')),
    advance: has(cst, 'advance') ? durationTree(node(cst, 'advance')) : null,
    max: has(cst, 'max') ? durationTree(node(cst, 'max')) : null,
    clauses: nodes(cst, 'windowClause').map(windowClauseTree),
    span: spanOf(cst),
  };
}

function windowClauseTree(cst: CstNode): WindowClause {
  const span = spanOf(cst);
  if (has(cst, 'ZONE')) return { kind: 'zone', zone: textTree(token(cst, 'Text')), span };
  if (has(cst, 'KEYS')) return { kind: 'emptyKeys', lookup: word(token(cst, 'lookup')), span };
  return { kind: has(cst, 'OFFSET') ? 'offset' : 'empty', duration: durationTree(node(cst, 'duration')), span };
}

function itemTree(cst: CstNode): SelectItem {
  const span = spanOf(cst);
  if (has(cst, 'Star')) return { kind: 'star', span };
  const alias = has(cst, 'alias') ? word(token(cst, 'alias')) : null;
  return { kind: 'item', expression: expressionTree(node(cst, 'expression')), alias, span };
}
