import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../dsl/index.ts';
import { parityCase } from './arbitrary.ts';
import type { SimulationRule } from './case.ts';
import { ruleToSql, streamToSql } from './to-sql.ts';

const stream = streamToSql({ lateness: 0, dedup_horizon: 0, max_ahead: 0 });
/** The arguments have the names of the fields, so that a condition is the same text in both places. */
const fields = ['type', 'k1', 'k2', 'x', 'ip', 'res'].map((name) => `"${name}"`);
const typed = fields.map((name) => `${name} ${name === '"x"' ? 'int' : 'string'}`).join(', ');

/** A rule whose WHERE is a function of all fields, the function, and the rule as it was. */
function calling(rule: SimulationRule): [called: string, written: string] | null {
  if (rule.kind !== 'single' && rule.kind !== 'window') return null;
  if (rule.where === null) return null;
  if (rule.kind === 'window' && rule.input !== undefined) return null;
  // Alone: what EXISTS reads and what an exception is about are statements of their own.
  const alone = { ...rule, exceptions: undefined, exists: undefined, unnest: undefined, twice: undefined };
  const text = ruleToSql(alone as SimulationRule);
  const found = /\nWHERE (.*?)(;|\n)/.exec(text);
  if (found === null) return null;
  const [clause, condition, end] = found as unknown as [string, string, string];
  const call = `\nWHERE wanted(${fields.join(', ')})${end}`;
  return [`CREATE FUNCTION wanted(${typed}) RETURNS bool AS ${condition};\n${text.replace(clause, call)}`, text];
}

function hashOf(text: string): string | null {
  const { plan, diagnostics } = compile([{ path: 'case.rule.sql', text: `${stream}\n${text}` }]);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(
    errors.map(({ message }) => message),
    [],
    text,
  );
  return plan?.hash ?? null;
}

test('S7 a function is what it stands for: random rules have one hash with it and without', () => {
  let compared = 0;
  fc.assert(
    fc.property(parityCase, ({ rules }) => {
      for (const rule of rules) {
        const both = calling(rule);
        if (both === null) continue;
        assert.equal(hashOf(both[0]), hashOf(both[1]), both[0]);
        compared++;
      }
    }),
    { numRuns: 60, seed: 28 },
  );
  assert.ok(compared > 60, `${compared} rules`);
});
