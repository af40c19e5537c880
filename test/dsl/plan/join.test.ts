import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';

const lookup = "CREATE LOOKUP watched (net cidr PRIMARY KEY) WITH (source = 'watched.csv');";

/** How many conditions are asked of the left row, of the right row and of the pair. */
function places(kind: string, within: string): { left: number; right: number; pair: number } {
  const rule = `CREATE RULE r SEVERITY low AS SELECT a.account_id FROM events AS a
${kind} events AS b WITHIN ${within} ON b.account_id = a.account_id
WHERE a.actor.ip IN LOOKUP watched AND b.actor.ip IN LOOKUP watched;`;
  const { plan, diagnostics } = compile([{ path: 'r.rule.sql', text: `${lookup}\n${rule}` }]);
  assert.ok(plan, JSON.stringify(diagnostics));
  const [join] = plan.joins ?? [];
  assert.ok(join);
  return { left: join.left_where.length, right: join.right_where.length, pair: plan.operators[0]?.where.length ?? 0 };
}

test('S9 a lookup is asked before the join of the row that has the time of the pair, and of the pair for the other', () => {
  assert.deepEqual(places('JOIN', '1 MINUTE'), { left: 0, right: 0, pair: 2 });
  assert.deepEqual(places('JOIN', '(BEFORE 1 MINUTE, AFTER 1 MINUTE)'), { left: 0, right: 0, pair: 2 });
  assert.deepEqual(places('JOIN', '(AFTER 1 MINUTE)'), { left: 0, right: 1, pair: 1 });
  assert.deepEqual(places('JOIN', '(BEFORE 1 MINUTE)'), { left: 1, right: 0, pair: 1 });
  // Of the right side of a LEFT JOIN nothing is asked before: it would make a row without a partner.
  assert.deepEqual(places('LEFT JOIN', '(AFTER 1 MINUTE)'), { left: 0, right: 0, pair: 2 });
  assert.deepEqual(places('LEFT JOIN', '(BEFORE 1 MINUTE)'), { left: 1, right: 0, pair: 1 });
});
