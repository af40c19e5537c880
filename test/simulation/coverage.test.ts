import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { clauseHelp } from '../../dsl/functions/clause-help.ts';
import { forms } from '../../dsl/functions/forms.ts';
import { functions, reference } from '../../dsl/functions/index.ts';
import { compile } from '../../dsl/index.ts';
import { drawnClauses, heldElsewhere } from './drawn-clauses.ts';
import { textOf } from './parity.ts';
import { everyWay } from './properties.ts';

/** Always the same cases, so that what they lack is not chance; those of a test run are others. */
const cases = fc.sample(everyWay.cases, { numRuns: 260, seed: 20 });

interface Drawn {
  readonly texts: readonly string[];
  /** Names with how many arguments: `substr/2`. */
  readonly calls: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
  /** Aggregates, `array_agg distinct` too, and each that has a FILTER once more, as `sum filter`. */
  readonly aggregates: ReadonlySet<string>;
}

/** What stands in the plans of the cases: what the compiler made of them, not what the generators meant. */
function drawn(): Drawn {
  const [calls, kinds, aggregates] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const texts = cases.map((parity) => textOf(parity.rules, parity.lateness));
  for (const text of texts) {
    const { plan, diagnostics } = compile([{ path: 'case.rule.sql', text }]);
    assert.ok(plan, diagnostics.map(({ message }) => message).join('\n'));
    JSON.stringify(plan, (key, part) => {
      if (typeof part?.kind === 'string') kinds.add(part.kind);
      if (part?.kind === 'call') calls.add(`${part.function}/${part.arguments.length}`);
      for (const one of key === 'aggregates' ? part : []) {
        aggregates.add(`${one.function}${one.distinct ? ' distinct' : ''}`);
        if (one.filter !== null) aggregates.add(`${one.function} filter`);
      }
      return part;
    });
  }
  return { texts, calls, kinds, aggregates };
}

const { texts, calls, kinds, aggregates } = drawn();
const missing = (wanted: readonly string[], there: ReadonlySet<string>) => wanted.filter((one) => !there.has(one));

test('each function and operator is in some random case, with its further arguments and without', () => {
  const wanted = [...functions.values()].flatMap(({ name, parameters, required, rest }) => {
    // Of any number of arguments two will do.
    const counts = new Set(rest === null ? [required ?? parameters.length, parameters.length] : [2]);
    return [...counts].map((count) => `${name}/${count}`);
  });
  assert.deepEqual(missing(wanted, calls), [], 'write a form of it (forms.ts) that says what it means');
});

test('each form of conditions is in some random case', () => {
  // BETWEEN is two comparisons in the plan.
  const wanted = forms.map(({ name }) => name).filter((name) => name !== 'between');
  assert.deepEqual(missing(wanted, kinds), []);
  assert.ok(texts.some((text) => text.includes(' BETWEEN ')));
});

test('each aggregate is in some random case, with DISTINCT where it takes it, and with FILTER', () => {
  const names = reference.filter(({ group }) => group === 'aggregate').map(({ name }) => name);
  assert.ok(names.length > 10, 'the catalogue has aggregates');
  const wanted = [...names, 'count_distinct', 'array_agg distinct', ...names.map((name) => `${name} filter`)];
  assert.deepEqual(missing(wanted, aggregates), [], 'add it to the aggregates of arbitrary.ts and of the oracle');
});

test('each clause is in some random case, or a test that is named has an oracle for it', () => {
  for (const { syntax } of clauseHelp) {
    const elsewhere = heldElsewhere[syntax];
    if (elsewhere !== undefined) {
      assert.ok(existsSync(new URL(`../${elsewhere}`, import.meta.url)), `${syntax}: there is no test/${elsewhere}`);
      continue;
    }
    const patterns = drawnClauses[syntax];
    assert.ok(patterns, `${syntax}: say in drawn-clauses.ts how a random case has it`);
    for (const pattern of patterns) {
      assert.ok(
        texts.some((text) => pattern.test(text)),
        `${syntax}: no random case has ${pattern}`,
      );
    }
  }
  const known = new Set(clauseHelp.map(({ syntax }) => syntax));
  const listed = [...Object.keys(drawnClauses), ...Object.keys(heldElsewhere)];
  assert.deepEqual(missing(listed, known), [], 'remove what is no clause any more');
});
