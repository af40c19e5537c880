import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../../engine/index.ts';
import { earlyProgramOf } from '../../../engine/runtime/early-program.ts';
import { type CaseEvent, programOf, recordsOf } from '../fold/weir-sql.ts';

const pair = (within: string) => `events AS a JOIN events AS b WITHIN (AFTER ${within}) ON b.k = a.k AND b.g = 'b'`;
const views = `CREATE VIEW often AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 1 SECOND HAVING n >= 2;
  CREATE VIEW seldom AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 1 SECOND HAVING n >= 1;
  CREATE TABLE usual AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW TUMBLING 1 SECOND;`;
const early = `CREATE RULE joined AS SELECT a.k, b.x FROM ${pair('1 SECOND')} WHERE a.g = 'a' EMIT EARLY;
  CREATE RULE beside AS SELECT o.n FROM often AS o JOIN usual AS u ON u.k = o.k WHERE o.n > u.n EMIT EARLY;`;
const late = `CREATE RULE pairs AS SELECT a.k, b.x FROM ${pair('9 SECONDS')} WHERE a.g = 'a';
  CREATE RULE none AS SELECT s.k FROM seldom AS s WHERE NOT EXISTS
    (SELECT 1 FROM events AS e WHERE e.k = s.k AND e.g = 'b' WITHIN (AFTER 9 SECONDS));
  CREATE RULE counted AS SELECT k, count(*) AS n FROM events GROUP BY k WINDOW SLIDING 1 SECOND HAVING n >= 2;`;

test('S5 the early side has the operators and joins that rules with EMIT EARLY read, and no others', () => {
  const program = programOf(views + early + late);
  const found = earlyProgramOf(program);
  assert.ok(found !== null);
  assert.deepEqual(found.program.operators.map(({ name }) => name).sort(), ['beside', 'joined', 'often', 'usual']);
  assert.deepEqual(
    found.operators.map((index) => program.operators[index]),
    found.program.operators,
  );
  const joins = (some: typeof program) => some.streams.flatMap(({ join }) => (join === undefined ? [] : [join]));
  assert.equal(joins(program).length, 4);
  assert.deepEqual(
    joins(found.program).map(({ as_of, after_ms }) => (as_of ? 'usual' : after_ms)),
    [1_000, 'usual'],
  );
  assert.equal(earlyProgramOf(programOf(views + late)), null);
});

test('S5 rules without EMIT EARLY change neither what leaves early nor what the early side holds', () => {
  const events = Array.from({ length: 60 }, (_, i): CaseEvent => {
    return [1_000 + 130 * i, { k: `k${i % 5}`, g: i % 3 === 0 ? 'b' : 'a', x: i }];
  });
  const run = (rules: string) => {
    const engine = new Engine(programOf(rules));
    recordsOf(events).forEach((record, position) => {
      engine.apply(position, { kind: 'record', record });
    });
    const { early: notes } = engine.advance();
    const said = notes.map(({ kind, revision, detection: { rule, values } }) => ({ kind, revision, rule, values }));
    return { said, bytes: engine.stats().parts['early side'] };
  };
  const alone = run(views + early);
  assert.ok(alone.said.some(({ rule }) => rule === 'joined') && alone.said.some(({ rule }) => rule === 'beside'));
  assert.deepEqual(run(views + early + late), alone);
});
