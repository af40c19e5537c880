import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forms } from '../../../dsl/functions/forms.ts';
import { functions } from '../../../dsl/functions/index.ts';
import { buildProgram, compile } from '../../../dsl/index.ts';
import type { Value } from '../../../engine/index.ts';

/** Examples that make an array do so from the accounts of two events; everything else in them is literal. */
const accounts = ['acct_1', 'acct_2'];

/** The value of a piece of Weir SQL, through the whole compiler: parsed, checked, planned, built, evaluated. */
function evaluated(text: string): Value {
  const group = text.includes('array_agg') ? 'GROUP BY platform WINDOW SLIDING 1 MINUTE HAVING count(*) > 1' : '';
  const rule = `CREATE RULE r AS SELECT ${text} AS v FROM events WHERE event_type = 'login' ${group};`;
  const { plan, diagnostics } = compile([{ path: 'example.rule.sql', text: rule }]);
  assert.ok(plan, diagnostics.map(({ message }) => message).join('\n'));
  const [operator] = buildProgram(plan).operators;
  const aggregates = operator.aggregates.map((one) => (one.function === 'array_agg' ? accounts : accounts.length));
  return operator.outputs[0].evaluate({ key: ['okta'], aggregates, row: [], window_start: 0, window_end: 0 });
}

for (const { name, signature, summary, example } of [...forms, ...functions.values()]) {
  test(`the example of ${signature} gives its value`, () => {
    assert.deepEqual(evaluated(example.text), example.value, example.text);
    assert.match(summary, /^[A-Z'"].*\.$/, 'a summary is a sentence');
    assert.ok(name.length > 0);
  });
}

test('names, groups and parameters fit together', () => {
  for (const [name, definition] of functions) {
    assert.equal(definition.name, name);
    const { required, parameters } = definition;
    assert.ok(required === null || required < parameters.length, name);
    assert.equal(typeof definition.result(parameters.map(() => 'null')), 'string');
  }
});

test('every function that the language promises is there', () => {
  const promised = [
    ...['lower', 'upper', 'length', 'substr', 'split_part', 'starts_with', 'contains', 'replace', '||'],
    ...['regexp_extract', 'regexp_replace', 'levenshtein', 'jaro_winkler', 'email_domain', 'url_host', 'skeleton'],
    ...['subnet', 'is_private', 'in_cidr', 'any_=', 'any_like', 'cardinality', 'array_get', 'extract', 'date_trunc'],
    ...['coalesce', 'like', 'ilike', 'matches', 'div', '/', 'is_distinct_from', 'cast_int', 'cast_ip'],
  ];
  assert.deepEqual(
    promised.filter((name) => !functions.has(name)),
    [],
  );
});
