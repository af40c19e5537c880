import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { emptyBatch } from '../../../engine/door/event-batch.ts';
import { Dictionary, Engine, type Program } from '../../../engine/index.ts';
import { MOST_SIGNATURES, predicateColumns } from '../../../engine/route/predicate-columns.ts';
import { passesResidual } from '../../../engine/route/residual.ts';
import { Router } from '../../../engine/route/router.ts';
import { eventRows } from '../../../engine/route/stream-rows.ts';
import { seeded } from '../../simulation/random.ts';

function programOf(conditions: readonly string[]): Program {
  const text = conditions
    .map((where, i) => `CREATE RULE r${i} AS SELECT timestamp AS t FROM events WHERE ${where};`)
    .join('\n');
  const file = { path: 'test.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  if (plan === null) throw new Error(renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const planOf = ({ streams, operators }: Program) =>
  predicateColumns(
    streams[0] as Program['streams'][number],
    operators.filter(({ input }) => input === 0),
  );

/** Texts of any of the tokens t0 to t24: what makes every combination of patterns true. */
function texts(count: number, seed: number): string[][] {
  const random = seeded(seed);
  return range(count).map(() => range(25).flatMap((i) => (random() < 0.5 ? [`<t${i}>`] : [])));
}

test('patterns on one text make a bounded number of classes, whatever texts come; and rules pass what they say', () => {
  const program = programOf(range(25).map((i) => `details.agent::string LIKE '%<t${i}>%'`));
  const dictionary = new Dictionary();
  const [stream] = program.streams;
  assert.ok(stream !== undefined);
  const router = new Router(stream, program.operators, dictionary);
  const agents = texts(20_000, 1);
  for (let from = 0; from < agents.length; from += 1_000) {
    const some = agents.slice(from, from + 1_000);
    const batch = emptyBatch(program, 1_000);
    batch.count = some.length;
    const [column] = batch.columns;
    some.forEach((tokens, i) => {
      (column as Int32Array)[i] = dictionary.idOf(tokens.join(' '));
    });
    router.route(eventRows(batch));
    some.forEach((tokens, i) => {
      const members = router.classes.members[router.rowClass[i] as number] ?? [];
      const passing = [...members].filter((position) => {
        const tests = router.tests[position] ?? null;
        return tests === null || passesResidual(router.residual, tests, i);
      });
      const said = program.operators.flatMap(({ name }, position) =>
        tokens.includes(`<t${name.slice(1)}>`) ? [position] : [],
      );
      assert.deepEqual(passing, said);
    });
  }
  assert.ok(new Set(agents.map((tokens) => tokens.join(' '))).size > 19_900);
  const classes = router.residual.map(({ table }) => table.count);
  assert.equal(router.classes.members.length, 2, 'no row class more than one for all');
  assert.ok(Math.max(...classes) <= 4_096, `${classes}`);
});

test('columns with few conditions each make no more signatures than the bound; the rest is residual', () => {
  const fields = range(12).map((i) => `details.f${i}::string`);
  const conditions = fields.flatMap((field) => range(4).map((k) => `${field} = 'v${k}'`));
  const { signature, residual } = planOf(programOf(conditions));
  const product = signature.reduce((all, { most }) => all * most, 1);
  assert.ok(product <= MOST_SIGNATURES && product * 6 > MOST_SIGNATURES, `${product}`);
  assert.equal(signature.length + residual.length, 12);
});

test('values that are named, thresholds and bools are counted as what they can be', () => {
  const most = (conditions: readonly string[]) => planOf(programOf(conditions)).signature.map((group) => group.most);
  assert.deepEqual(most(["event_type = 'a'", "event_type <> 'b'", "NOT event_type IN ('a', 'c')"]), [5]);
  assert.deepEqual(most(["event_type = 'a' OR event_type IS NULL", "event_type LIKE '%b%'"]), [4]);
  assert.deepEqual(most(['details.x::float > 5', '7 > details.x::float']), [7]);
  assert.deepEqual(most(['details.x::bool', 'NOT details.x::bool', 'details.x::bool IS NULL']), [3]);
  assert.deepEqual(most(["actor.ip = '10.0.0.0/8'", "actor.ip = '10.0.0.1'"]), [5]);
});

test('joint conditions, forty of them, and patterns: live rules find what their conditions say', () => {
  const joint = range(40).map((i) => `event_type || ':' || platform = 'e${i % 8}:p${i >> 3}'`);
  const both = range(20).map(
    (i) => `event_type LIKE '%${i % 8}' AND platform <> 'p${i % 5}' AND account_id LIKE '%${i}%'`,
  );
  const engine = new Engine(programOf([...joint, ...both]));
  const random = seeded(2);
  const events = range(2_000).map((i) => ({
    ...{ event_id: `e${i}`, timestamp: 1_000_000 + i, event_type: `e${Math.floor(random() * 9)}` },
    ...{ platform: `p${Math.floor(random() * 6)}`, account_id: `${Math.floor(random() * 100)}` },
  }));
  const found: string[] = [];
  events.forEach((event, position) => {
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    engine.apply(position, { kind: 'record', record: { partition: 'p', position, received_at: 2e6, bytes } });
  });
  engine.apply(events.length, { kind: 'end' });
  for (const { operator, evidence } of engine.advance().detections) found.push(`${operator} ${evidence[0]}`);
  const program = programOf([...joint, ...both]);
  const said = events.flatMap(({ event_id, event_type, platform, account_id }) =>
    program.operators.flatMap(({ name }, operator) => {
      const i = Number(name.slice(1));
      const k = i - 40;
      const isTrue =
        i < 40
          ? event_type === `e${i % 8}` && platform === `p${i >> 3}`
          : event_type.endsWith(`${k % 8}`) && platform !== `p${k % 5}` && account_id.includes(`${k}`);
      return isTrue ? [`${operator} ${event_id}`] : [];
    }),
  );
  assert.ok(said.length > 100);
  assert.deepEqual(found.toSorted(), said.toSorted());
});
