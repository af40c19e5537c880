import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildProgram, compile, renderDiagnostics } from '../../dsl/index.ts';
import type { Program } from '../../engine/index.ts';
import { denseCase } from './arbitrary.ts';
import type { JoinRule, SimulationRule } from './case.ts';
import { coreText, eventsOf, recordOf, runLive, runSorted } from './parity.ts';
import { rulesToSql, streamToSql } from './to-sql.ts';

/** The ways to write a view that one rule reads. */
const forms = ['statement', 'with', 'subquery'] as const;
type Form = (typeof forms)[number];

const sides = ['l', 'r'] as const;

/** A join whose sides are views, in one of the forms; what a view is called differs in each. */
function joinOfViews({ name, on, before, after, left_join }: JoinRule, form: Form): string {
  const select = (side: string) => `SELECT * FROM events WHERE x ${side === 'l' ? '>' : '<'}= 1`;
  const equal = on.map(([left, right]) => `l."${left}" = r."${right}"`).join(' AND ');
  const source = (side: string) =>
    form === 'subquery' ? `(${select(side)})` : form === 'with' ? `${side}_local` : `${side}_${name}`;
  const statements =
    form === 'statement' ? sides.map((side) => `CREATE VIEW ${side}_${name} AS ${select(side)};\n`) : [];
  const before_select =
    form === 'with' ? `WITH ${sides.map((side) => `${side}_local AS (${select(side)})`).join(', ')}\n` : '';
  return `${statements.join('')}CREATE RULE ${name} AS
${before_select}SELECT l.k1 AS left_key, r.x AS right_x, l.timestamp AS at
FROM ${source('l')} AS l ${left_join ? 'LEFT ' : ''}JOIN ${source('r')} AS r
WITHIN (BEFORE ${before} MILLISECONDS, AFTER ${after} MILLISECONDS) ON ${equal};`;
}

function written(rules: readonly SimulationRule[], form: Form): readonly string[] {
  const others = rules
    .filter(({ kind }) => kind !== 'join')
    .map((rule) => (rule.kind === 'window' ? { ...rule, local: form === 'statement' ? undefined : form } : rule));
  const joins = rules.flatMap((rule) => (rule.kind === 'join' ? [joinOfViews(rule, form)] : []));
  return [...rulesToSql(others as SimulationRule[]), ...joins];
}

function compiled(rules: readonly string[], lateness: number): { program: Program; hashes: Map<string, string> } {
  const stream = streamToSql({ lateness, dedup_horizon: 3_600_000, max_ahead: 300_000_000 });
  const file = { path: 'case.rule.sql', text: [stream, ...rules].join('\n\n') };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan !== null, renderDiagnostics(diagnostics, [file], { color: false }));
  const hashes = plan.operators.flatMap(({ kind, name, hash }) => (kind === 'rule' ? [[name, hash] as const] : []));
  return { program: buildProgram(plan), hashes: new Map(hashes) };
}

test('S7 a view, a WITH and a SELECT in brackets mean the same: one plan hash, one result, whatever it is called', () => {
  let found = 0;
  fc.assert(
    fc.property(denseCase, ({ lateness, events, rules }) => {
      const records = eventsOf({ events }).map((event, i) => recordOf(event, i + 1));
      const made = forms.map((form) => compiled(written(rules, form), lateness));
      const results = made.map(({ program }) => runSorted(program, records).map(coreText));
      for (const i of [1, 2]) {
        assert.deepEqual([...made[i].hashes].sort(), [...made[0].hashes].sort());
        assert.deepEqual(results[i], results[0], forms[i]);
      }
      const entries = records.map((record) => ({ kind: 'record', record }) as const);
      const options = { shards: 2, batch_rows: 7, arrival_batch: 3, restarts: new Set([5, 20]) };
      assert.deepEqual(runLive(made[1].program, entries, options).map(coreText), results[0]);
      found += results[0].length;
    }),
    { numRuns: 20 },
  );
  assert.ok(found > 100, `${found} detections`);
});
