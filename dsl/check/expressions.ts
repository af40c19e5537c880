import { Refusal, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { commonType, functions, typeWithArticle } from '../functions/index.ts';
import type { CallNode, CaseNode, ExpressionNode, NameNode } from '../syntax/tree.ts';
import { windowFunctions } from '../syntax/window-functions.ts';
import { refuseAggregateHere } from './aggregate-place.ts';
import { aggregate, aggregateNames, isAggregate, wantedBy } from './aggregates.ts';
import { asArray, refuseAnyAlone } from './any.ts';
import { anyCondition, type PredicateNode } from './any-condition.ts';
import { call } from './calls.ts';
import type { Checked } from './checked.ts';
import { compare, inList, match, not, type Operand, readAs, settled } from './comparisons.ts';
import { type Context, inside } from './context.ts';
import { refuseExists } from './exists-refusals.ts';
import { foreignFunctions } from './foreign-functions.ts';
import { argumentNamed, paramInFunction } from './function-names.ts';
import { resolveField, unknownField } from './input.ts';
import { laterFunctions, laterHints, refusedFunctions } from './later.ts';
import { durationMs, isText, literal, numberLiteral } from './literals.ts';
import { joinedColumn } from './lookup-join.ts';
import { inLookup } from './lookup-values.ts';
import { castFunction, typeNamed } from './types.ts';

/** The meaning of an expression whose type must be known. */
export function checkValue(node: ExpressionNode, context: Context): Checked {
  return settled(check(node, context));
}

/** The meaning of a condition: bool, or the literal NULL. */
export function checkCondition(node: ExpressionNode, context: Context): Checked {
  const operand = check(node, context);
  const type = operand.kind === 'details' ? 'null' : operand.type;
  if (operand.kind !== 'details' && (type === 'bool' || type === 'null')) return operand;
  const name = operand.kind === 'details' || operand.kind === 'column' ? operand.name : 'it';
  refuse({
    code: 'W0206',
    span: node.span,
    message: `${context.clause} needs a condition, and this is ${operand.kind === 'details' ? 'of unknown type' : typeWithArticle(type)}`,
    label: operand.kind === 'details' ? `write ${name} = TRUE or ${name}::bool` : 'compare it with something',
    hints: type === 'int' || type === 'float' ? ['for "not zero" write > 0 or <> 0'] : [],
  });
}

/** The meaning of an expression, or a details path whose type its use has yet to fix. */
export function check(node: ExpressionNode, context: Context): Operand {
  const { span } = node;
  switch (node.kind) {
    case 'text':
      return literal('string', node.value, span);
    case 'number':
      return numberLiteral(node);
    case 'duration':
      return literal('duration', durationMs(node), span);
    case 'bool':
      return literal('bool', node.value, span);
    case 'null':
      return literal('null', null, span);
    case 'param':
      if (context.arguments !== undefined) paramInFunction(node.name, span);
      return context.params.use(node.name, span);
    case 'name':
      return checkName(node, context);
    case 'call':
      return checkCall(node, context);
    case 'and':
    case 'or':
      return {
        kind: node.kind,
        arguments: allOf(node.arguments, context),
        type: 'bool',
        span,
      };
    case 'not':
      return not(checkCondition(node.argument, context), span);
    case 'negate':
      return call('negate', [checkValue(node.argument, context)], span, '-');
    case 'case':
      return checkCase(node, context);
    case 'cast':
      return checkCast(node, context);
    case 'extract':
      return checkExtract(node, context);
    case 'exists':
      return refuseExists(node, context.clause);
    case 'index':
      return call('array_get', [asArray(check(node.argument, context)), numberLiteral(node.index)], span, 'x[n]');
    default:
      return checkPredicate(node, context);
  }
}

/** The sides of AND or OR. All that is wrong is said at once: the first refusal goes on, the others are reported here. */
function allOf(parts: readonly ExpressionNode[], context: Context): Checked[] {
  let first: unknown;
  const checked = parts.flatMap((part) => {
    try {
      return [checkCondition(part, context)];
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (first === undefined) first = refusal;
      else if (refusal.finding !== null) context.reporter.error(refusal.finding);
      return [];
    }
  });
  if (first !== undefined) throw first;
  return checked;
}

function checkPredicate(node: PredicateNode, context: Context): Checked {
  const { span } = node;
  const any = anyCondition(node, (part) => check(part, context), context.reporter);
  if (any !== null) return any;
  const negated = (result: Checked, yes: boolean) => (yes ? not(result, span) : result);
  switch (node.kind) {
    case 'binary':
      return checkBinary(node, context);
    case 'is_null': {
      const operand = check(node.argument, context);
      // Whatever JSON value stands there is not NULL: the cast to a text keeps them all.
      const argument = operand.kind === 'details' ? readAs(operand, 'string', 'cast') : operand;
      return negated({ kind: 'is_null', argument, type: 'bool', span }, node.negated);
    }
    case 'is_distinct': {
      const [left, right] = [check(node.left, context), check(node.right, context)];
      const compared = compare('is_distinct_from', left, right, span);
      return negated(compared, node.negated);
    }
    case 'in': {
      const list = node.list.map((item) => check(item, context));
      warnOfNull(list, node, context);
      return negated(inList(check(node.argument, context), list, span), node.negated);
    }
    case 'in_lookup':
      return negated(inLookup(check(node.argument, context), node.lookup, context.lookups, span), node.negated);
    case 'between': {
      const argument = check(node.argument, context);
      const least = compare('>=', argument, check(node.least, context), span);
      const greatest = compare('<=', argument, check(node.greatest, context), span);
      return negated({ kind: 'and', arguments: [least, greatest], type: 'bool', span }, node.negated);
    }
    default: {
      const [argument, pattern] = [check(node.argument, context), check(node.pattern, context)];
      if (node.operator !== 'matches') warnOfGlob(pattern, context);
      return negated(match(node.operator, argument, pattern, span), node.negated);
    }
  }
}

function warnOfNull(
  list: readonly Operand[],
  { negated, span }: Extract<ExpressionNode, { kind: 'in' }>,
  { reporter }: Context,
): void {
  const item = list.find((value) => value.kind === 'literal' && value.type === 'null');
  if (item === undefined) return;
  reporter.warn({
    code: 'W0303',
    span: negated ? span : item.span,
    message: negated ? 'NOT IN a list with NULL is never true' : 'nothing equals NULL',
    label: 'remove NULL from the list',
    hints: ['to match a missing value write OR x IS NULL'],
  });
}

/** `LIKE '*curl*'`: the wildcards of shells, Sigma and Splunk, which LIKE takes for themselves. */
function warnOfGlob(pattern: Operand, { reporter }: Context): void {
  if (!isText(pattern as Checked)) return;
  const { value } = pattern as { value: string };
  if (!/^\*|\*$/.test(value) || /[%_]/.test(value)) return;
  reporter.warn({
    code: 'W0305',
    span: pattern.span,
    message: 'LIKE takes `*` for itself: its wildcard is `%`',
    label: `write '${value.replaceAll('*', '%')}'`,
  });
}

const comparisons = new Set(['=', '<>', '<', '<=', '>', '>=']);

function checkBinary(node: Extract<ExpressionNode, { kind: 'binary' }>, context: Context): Checked {
  const { operator, span } = node;
  const left = check(node.left, context);
  const right = check(node.right, context);
  if (!comparisons.has(operator)) return call(operator, [settled(left), settled(right)], span);
  const null_side = [left, right].find((side) => side.kind === 'literal' && side.type === 'null');
  if (null_side !== undefined) {
    context.reporter.warn({
      code: 'W0303',
      span,
      message: `a comparison with NULL is never true`,
      label: operator === '<>' ? 'write IS NOT NULL' : 'write IS NULL',
      hints: ['NULL means unknown: whether it equals something is unknown too'],
    });
  }
  if (null_side === undefined) warnOfNothing([left, right], context);
  return compare(operator, left, right, span);
}

/** `1 / 0 = 2`: a side is computed at once, and is NULL. */
function warnOfNothing(sides: readonly Operand[], { reporter }: Context): void {
  const side = sides.find((one) => one.kind === 'literal' && one.value === null);
  if (side === undefined) return;
  reporter.warn({
    code: 'W0303',
    span: side.span,
    message: 'this comparison is always NULL, which is never true',
    label: 'this is always NULL',
  });
}

function checkName(node: NameNode, context: Context): Operand {
  if (context.arguments !== undefined) return argumentNamed(node, context.arguments);
  const [first] = node.parts;
  const single = node.parts.length === 1 ? (first?.text ?? '') : null;
  const joined = joinedColumn(node, context.joins);
  if (joined === null) throw new Refusal(null);
  if (joined !== undefined) return joined;
  const field = resolveField(context.input, context.input_alias, node);
  // There is no pair yet whose own time it could be.
  const isOfPair = context.clause === 'ON' && field?.kind === 'column' && field.path.length === 1;
  if (field !== null && !isOfPair) return field;
  if (single === 'window_start' || single === 'window_end') {
    if (context.windowed && context.clause !== 'WHERE' && context.clause !== 'GROUP BY') {
      if (context.clause === 'SELECT' || context.clause === 'HAVING') {
        return { kind: single, type: 'timestamp', span: node.span };
      }
    }
    refuse({
      code: 'W0210',
      span: node.span,
      message: `${single} is not known in ${context.clause}`,
      label: context.windowed ? 'it can stand in SELECT and HAVING' : 'a rule has it only with a WINDOW',
    });
  }
  if (single !== null && context.aliases.has(single)) {
    const meant = context.aliases.get(single);
    if (meant === null || meant === undefined) throw new Refusal(null);
    return { ...meant, span: node.span };
  }
  if (single !== null && context.all_aliases.includes(single)) {
    refuse({
      code: 'W0107',
      span: node.span,
      message: `the alias \`${single}\` is not known yet in ${context.clause}`,
      label: context.clause === 'WHERE' ? 'WHERE is decided before SELECT' : 'repeat its expression here',
      hints:
        context.clause === 'WHERE'
          ? ['repeat the expression, or move the condition to HAVING']
          : context.clause === 'an aggregate'
            ? [
                'of an aggregate over earlier windows: CREATE TABLE t AS … WINDOW TUMBLING 1 HOUR, and JOIN t beside the rows',
              ]
            : [],
    });
  }
  if (single !== null && context.params.has(single)) {
    // It stands there, if without its colon: nothing is to be said of its being unused.
    context.params.use(single, node.span);
    refuse({
      code: 'W0107',
      span: node.span,
      message: `\`${single}\` is a PARAM of this rule`,
      label: `write :${single}`,
    });
  }
  if (single !== null && isAggregate(single.toLowerCase()) && context.clause === 'HAVING') {
    refuseBareAggregate(single, node.span, context);
  }
  unknownField(context.input, context.input_alias, node, [...context.aliases.keys()]);
}

/** `HAVING count >= 5`: an aggregate without its brackets; the SELECT may have it under an alias. */
function refuseBareAggregate(written: string, span: Span, { aliases, input }: Context): never {
  const name = written.toLowerCase();
  const alias = [...aliases].find(([, value]) => value?.kind === 'aggregate' && value.function === name)?.[0];
  const call = name === 'count' ? 'count(*)' : `${name}(x)`;
  refuse({
    code: 'W0107',
    span,
    message: `${input.written} has no field \`${written}\``,
    label: alias === undefined ? `write ${call}` : `write ${alias}, or ${call}`,
    hints: [`${name} is an aggregate, and has brackets`],
  });
}

function checkCall(node: CallNode, context: Context): Checked {
  const name = node.name.text.toLowerCase();
  if (isAggregate(name)) return checkAggregate(node, context);
  if (name === 'any') refuseAnyAlone(node.span);
  const declared = context.params.functions;
  if (declared.has(name)) {
    refuseAggregateWords(node, name);
    const given = node.arguments.map((argument) => checkValue(argument, context));
    return declared.call(node, given, context);
  }
  const later = laterFunctions.get(name);
  if (later !== undefined) {
    const hint = laterHints.get(name) ?? windowFunctions.get(name)?.hint;
    const hints = hint === undefined ? [] : [hint];
    refuse({ code: 'W0010', span: node.name.span, message: `not yet: ${name}`, label: later, hints });
  }
  const refused = refusedFunctions.get(name);
  if (refused !== undefined) refuse({ code: 'W0011', span: node.span, ...refused });
  if (
    !/^[a-z]\w*$/.test(name) ||
    /^cast_|^any_|^in_cidr$|^is_distinct_from$|^extract$/.test(name) ||
    !functions.has(name)
  ) {
    const names = [...functions.keys(), ...aggregateNames, ...declared.names].filter((known) => /^[a-z]/.test(known));
    refuse({
      code: 'W0104',
      span: node.name.span,
      message: `there is no function \`${node.name.text}\``,
      label: foreignFunctions.get(name) ?? didYouMean(name, names),
      hints: [windowFunctions.get(name)?.hint ?? 'weir functions lists them all'],
    });
  }
  refuseAggregateWords(node, name);
  const { parameters } = functions.get(name) as { readonly parameters: readonly string[] };
  const given = node.arguments.map((argument, i) => {
    const operand = check(argument, context);
    // Where only an array can stand, a path into details is one.
    if (operand.kind === 'details' && parameters[i] === 'array') return asArray(operand);
    return settled(operand, castTypes.find((type) => type === parameters[i]) ?? null);
  });
  return call(name, given, node.span);
}

const castTypes = ['string', 'int', 'float', 'bool', 'timestamp', 'ip'] as const;

function refuseAggregateWords({ star, distinct, filter, span }: CallNode, name: string): void {
  if (!star && !distinct && filter === null) return;
  const what = star ? '*' : distinct ? 'DISTINCT' : 'FILTER';
  const label = `aggregates are ${aggregateNames.join(', ')}`;
  refuse({ code: 'W0202', span, message: `${what} is for aggregates, and ${name} is none`, label });
}

function checkAggregate(node: CallNode, context: Context): Checked {
  refuseAggregateHere(node, context);
  const name = node.name.text.toLowerCase();
  const given = node.arguments.map((argument, i) => {
    return settled(check(argument, inside(context, 'an aggregate')), i === 0 ? wantedBy(name) : null);
  });
  const filter = node.filter === null ? null : checkCondition(node.filter, inside(context, 'FILTER'));
  return aggregate(node, given, filter);
}

function checkCase(node: CaseNode, context: Context): Checked {
  const operand = node.operand === null ? null : check(node.operand, context);
  const branches = node.branches.map(({ when, result }) => ({
    when: operand === null ? checkCondition(when, context) : compare('=', operand, check(when, context), when.span),
    result: checkValue(result, context),
  }));
  const otherwise = node.otherwise === null ? null : checkValue(node.otherwise, context);
  const results = [...branches.map((branch) => branch.result), ...(otherwise === null ? [] : [otherwise])];
  const type = commonType(results.map((result) => result.type));
  if (type === null) {
    const [first] = results.filter((result) => result.type !== 'null');
    const other = results.find((result) => commonType([result.type, first?.type ?? 'null']) === null) ?? results[0];
    refuse({
      code: 'W0201',
      span: other?.span ?? node.span,
      message: `CASE gives ${typeWithArticle(first?.type ?? 'null')} in one branch and ${typeWithArticle(other?.type ?? 'null')} in another`,
      label: 'all branches need one type; cast one of them',
    });
  }
  return { kind: 'case', branches, otherwise, type, span: node.span };
}

function checkCast(node: Extract<ExpressionNode, { kind: 'cast' }>, context: Context): Checked {
  const operand = check(node.argument, context);
  const type = typeNamed(node.type, ['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'array']);
  if (operand.kind === 'details') return { ...readAs(operand, type, 'cast'), span: node.span };
  if (operand.type === type) return { ...operand, span: node.span };
  if (type === 'array') return { ...asArray(operand), span: node.span };
  const result = call(castFunction(type).name, [operand], node.span, `::${type}`);
  if (result.kind === 'literal' && result.value === null && isText(operand)) {
    refuse({
      code: 'W0204',
      span: node.span,
      message: `'${operand.value}' is no ${type}`,
      label: 'this is always NULL',
    });
  }
  return result;
}

function checkExtract(node: Extract<ExpressionNode, { kind: 'extract' }>, context: Context): Checked {
  const given = [literal('string', node.unit.text.toUpperCase(), node.unit.span), checkValue(node.argument, context)];
  if (node.zone !== null) given.push(checkValue(node.zone, context) as (typeof given)[0]);
  return call('extract', given, node.span);
}
