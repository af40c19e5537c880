import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, selectOperators } from '../../../dsl/index.ts';
import { storesOf } from '../../../engine/fold/lanes.ts';
import { type Program, type ProgramPart, partsOf, partsOfNames } from '../../../engine/index.ts';

const counting = (name: string, where: string, rest = '') => {
  return `CREATE RULE ${name} AS SELECT account_id, count(*) AS n FROM events WHERE ${where}
  GROUP BY account_id WINDOW SLIDING 1 MINUTE HAVING n >= 2 ${rest};`;
};

function planOf(...texts: string[]) {
  const { plan } = compile([{ path: 't.rule.sql', text: texts.join('\n') }]);
  assert.ok(plan !== null);
  return plan;
}

/** Names of the rules of each part. */
function shared(program: Program, most: number, rows: Record<string, number> = {}): string[] {
  return partsOf(program, most, new Map(Object.entries(rows)))
    .map(({ names }) => [...names].sort().join(' '))
    .sort();
}

/** The rules that share a row store, of a whole program or of a part. */
function stores({ operators }: Program, part?: ProgramPart): string[] {
  const placed = operators.map((spec, index) => ({ index, position: index, spec }));
  const keyed = placed.filter(({ spec }) => spec.key !== null && spec.input === 0);
  return storesOf(keyed, part?.stores).map((store) => store.map(({ spec }) => spec.name).join(' '));
}

test('rules that share a row store, a view, a join or RISK are in one part; others may be anywhere', () => {
  const program = buildProgram(
    planOf(
      counting('a', "event_type = 'a'"),
      counting('b', "event_type = 'b'"),
      counting('b_too', "event_type = 'b' AND result = 'fail'"),
      counting('c', "event_type = 'c'", 'RISK 1 ON account account_id HALF LIFE 1 HOUR'),
      counting('d', "event_type = 'd'", 'RISK 2 ON account account_id HALF LIFE 1 HOUR'),
      `CREATE VIEW outs AS SELECT account_id, actor.ip AS ip FROM events WHERE event_type = 'logout';`,
      `CREATE RULE out_of AS SELECT ip FROM outs;`,
      `CREATE RULE twice AS SELECT x.ip FROM outs AS x JOIN events AS y WITHIN (AFTER 1 SECONDS) ON y.account_id = x.account_id;`,
      `CREATE RULE single AS SELECT account_id FROM events WHERE event_type = 'e';`,
    ),
  );
  assert.deepEqual(shared(program, 99), ['a', 'b b_too', 'c d', 'out_of outs twice', 'single']);
  assert.deepEqual(shared(program, 1), ['a b b_too c d out_of outs single twice']);
});

test('a rule that takes events of every type connects the rules of its key', () => {
  const rules = [counting('a', "event_type = 'a'"), counting('b', "event_type = 'b'"), counting('any', "result = 'x'")];
  assert.deepEqual(shared(buildProgram(planOf(...rules)), 9), ['a any b']);
});

test('parts are equally much work, as far as a sample of the events says', () => {
  const program = buildProgram(planOf(...['a', 'b', 'c', 'd'].map((name) => counting(name, `event_type = '${name}'`))));
  assert.deepEqual(shared(program, 2, { a: 90, b: 30, c: 30, d: 20 }), ['a', 'b c d']);
  assert.deepEqual(shared(program, 2, { a: 10, b: 30, c: 30, d: 20 }), ['a c', 'b d']);
});

test('a part has the row stores of the whole program, also where its own rules would be split otherwise', () => {
  const plan = planOf(
    counting('a', "event_type = 'x' AND result = 'fail'"),
    counting('b', "event_type = 'x' AND result = 'success'"),
    counting('c', "event_type = 'y' AND result = 'fail'"),
    counting('d', "event_type = 'z' AND result = 'fail'"),
  );
  const program = buildProgram(plan);
  assert.deepEqual(stores(program), ['a b', 'c', 'd']);
  const parts = partsOf(program, 3, new Map());
  const own = (part: ProgramPart) => buildProgram(selectOperators(plan, part.names));
  const part = parts.find(({ names }) => names.has('a')) as ProgramPart;
  // By itself it would be split by `result`, and bounds would be those of two stores.
  assert.deepEqual(stores(own(part)), ['a', 'b']);
  assert.deepEqual(stores(own(part), part), ['a b']);
});

test('parts that were kept by their names come back, unless they are none of this program', () => {
  const program = buildProgram(
    planOf(
      counting('a', "event_type = 'a'"),
      counting('b', "event_type = 'b'"),
      counting('b_too', "event_type = 'b' AND result = 'fail'"),
      counting('c', "event_type = 'c'"),
    ),
  );
  const kept = partsOf(program, 3, new Map());
  const names = kept.map((part) => [...part.names]);
  assert.deepEqual(partsOfNames(program, names), kept);
  assert.equal(
    partsOfNames(program, [
      ['a', 'b'],
      ['b_too', 'c'],
    ]),
    null,
    'a row store would be in two parts',
  );
  assert.equal(partsOfNames(program, [['a', 'c'], ['b_too']]), null, 'a rule would be in none');
  assert.equal(
    partsOfNames(program, [
      ['a', 'b', 'b_too'],
      ['a', 'c'],
    ]),
    null,
    'a rule would be in two',
  );
  const isFirst = ({ name }: { readonly name: string }): boolean => name === 'c';
  assert.equal(partsOfNames(program, [['a'], ['b', 'b_too', 'c']], { isFirst }), null);
  assert.equal(partsOfNames(program, [['c'], ['a', 'b', 'b_too']], { isFirst })?.length, 2);
});
