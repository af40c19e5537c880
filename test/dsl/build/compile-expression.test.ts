import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileExpression } from '../../../dsl/build/compile-expression.ts';
import { functions } from '../../../dsl/functions/index.ts';
import type { Expression } from '../../../dsl/plan/plan.ts';
import type { Truth, Value } from '../../../engine/index.ts';
import { callOf, column, literal } from './plans.ts';

const noLeaf = () => assert.fail('there are no columns here');
const value = (expression: Expression): Value => compileExpression(expression, noLeaf)(null);
const truth = (t: Truth): Expression => literal(t, 'bool');
const junction = (kind: 'and' | 'or', ...parts: Truth[]): Value =>
  value({ kind, arguments: parts.map(truth), type: 'bool' });
const truths: Truth[] = [true, false, null];

test('AND, OR and NOT follow three-valued logic for every combination', () => {
  for (const a of truths) {
    assert.equal(value({ kind: 'not', argument: truth(a), type: 'bool' }), a === null ? null : !a);
    for (const b of truths) {
      const and = a === false || b === false ? false : a === null || b === null ? null : true;
      const or = a === true || b === true ? true : a === null || b === null ? null : false;
      assert.equal(junction('and', a, b), and, `${a} AND ${b}`);
      assert.equal(junction('or', a, b), or, `${a} OR ${b}`);
    }
  }
  assert.equal(junction('and'), true);
  assert.equal(junction('or'), false);
});

const isIn = (argument: Expression, ...list: Expression[]): Value =>
  value({ kind: 'in', argument, list, type: 'bool' });

test('IN is an OR of equalities, so a NULL in the list makes a miss UNKNOWN', () => {
  assert.equal(isIn(literal('a'), literal('b'), literal('a')), true);
  assert.equal(isIn(literal('a'), literal('b')), false);
  assert.equal(isIn(literal('a'), literal('b'), literal(null)), null);
  assert.equal(isIn(literal('a'), literal(null), literal('a')), true);
  assert.equal(isIn(literal(null), literal('a')), null);
  assert.equal(isIn(literal(1), literal(1, 'float')), true);
  assert.equal(isIn(literal('b'), callOf('lower', [literal('B')], 'string')), true);
});

test('IN asks whether an address lies in a network', () => {
  const address = literal('10.1.2.3', 'ip');
  assert.equal(isIn(address, literal('192.168.0.0/16', 'cidr'), literal('10.0.0.0/8', 'cidr')), true);
  assert.equal(isIn(address, literal('10.1.2.3', 'ip')), true);
  assert.equal(isIn(address, literal('192.168.0.0/16', 'cidr')), false);
});

test('CASE takes the first branch that is true; UNKNOWN is not', () => {
  const branch = (when: Truth, then: string) => ({ when: truth(when), then: literal(then) });
  const choose = (otherwise: Expression | null, ...when: Truth[]): Value =>
    value({ kind: 'case', branches: when.map((t, i) => branch(t, `branch ${i}`)), otherwise, type: 'string' });
  assert.equal(choose(null, false, true, true), 'branch 1');
  assert.equal(choose(literal('else'), null, false), 'else');
  assert.equal(choose(null, null), null);
});

test('IS NULL is never UNKNOWN', () => {
  assert.equal(value({ kind: 'is_null', argument: literal(null), type: 'bool' }), true);
  assert.equal(value({ kind: 'is_null', argument: literal(0), type: 'bool' }), false);
});

test('comparisons of numbers are the ones of the registry', () => {
  const operand = fc.option(fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ noNaN: true })));
  const name = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
  fc.assert(
    fc.property(name, operand, operand, (operator, a, b) => {
      const meaning = a === null || b === null ? null : functions.get(operator)?.evaluate([a, b]);
      assert.equal(value(callOf(operator, [literal(a, 'float'), literal(b, 'float')])), meaning);
    }),
  );
});

test('calls know the bounds of their type', () => {
  assert.equal(value(callOf('*', [literal(2 ** 40), literal(2 ** 40)], 'int')), null);
  assert.equal(value(callOf('+', [literal(2 ** 40), literal(null, 'int')], 'int')), null);
  assert.equal(value(callOf('cast_string', [literal(0, 'timestamp')], 'string')), '1970-01-01T00:00:00.000Z');
});

test('leaves are read from the context', () => {
  const evaluate = compileExpression<Map<string, Value>>(callOf('||', [column('a'), column('b')], 'string'), (leaf) =>
    leaf.kind === 'column' ? (row) => row.get(leaf.name) ?? null : noLeaf(),
  );
  assert.equal(
    evaluate(
      new Map([
        ['a', 'x'],
        ['b', 'y'],
      ]),
    ),
    'xy',
  );
  assert.equal(evaluate(new Map([['a', 'x']])), null);
});

test('a plan that no checker makes is an error and not a wrong answer', () => {
  assert.throws(() => value(callOf('no_such', [])), /'no_such', which is not in the functions registry/);
  let deep: Expression = truth(true);
  for (let i = 0; i < 1_001; i++) deep = { kind: 'not', argument: deep, type: 'bool' };
  assert.throws(() => value(deep), /deeper than 1000/);
});
