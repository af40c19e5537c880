import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from '../../../dsl/index.ts';
import type { RuleFile } from '../../../dsl/packs/load-rules.ts';
import { selectAsked, selectOperators } from '../../../dsl/packs/select-operators.ts';

const files: RuleFile[] = [
  {
    path: 'a.rule.sql',
    text: 'CREATE VIEW v AS SELECT account_id FROM events; CREATE RULE a AS SELECT account_id FROM v;',
    role: 'needed',
  },
  {
    path: 'b.rule.sql',
    text: 'CREATE VIEW w AS SELECT account_id FROM v; CREATE RULE b AS SELECT account_id FROM w;',
    role: 'asked',
  },
  { path: 'c.rule.sql', text: 'CREATE RULE c AS SELECT account_id FROM events;', role: 'asked' },
];

test('rules with the views they read, and nothing else, in the order of the plan', () => {
  const { plan } = compile(files);
  assert.ok(plan);
  const names = (selected: typeof plan) => selected.operators.map(({ name }) => name).sort();
  assert.deepEqual(names(selectOperators(plan, ['b'])), ['b', 'v', 'w']);
  assert.deepEqual(names(selectOperators(plan, ['c'])), ['c']);
  assert.deepEqual(names(selectAsked(plan, files)), ['b', 'c', 'v', 'w']);
  const order = plan.operators.map(({ name }) => name);
  const kept = selectAsked(plan, files).operators.map(({ name }) => name);
  assert.deepEqual(
    kept,
    order.filter((name) => kept.includes(name)),
  );
  assert.equal(
    selectAsked(
      plan,
      files.map((file) => ({ ...file, role: 'asked' as const })),
    ),
    plan,
  );
});
