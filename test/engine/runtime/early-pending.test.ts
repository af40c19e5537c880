import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { Engine, type EngineOutput, type Program } from '../../../engine/index.ts';

const KiB = 1024;

function programOf(rule: string): Program {
  const file = { path: 'r.sql', text: rule };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan !== null, renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

const program =
  programOf(`CREATE RULE r AS SELECT account_id, details.text = 'x' AS is_x, last(actor.user_agent) AS agent
  FROM events GROUP BY account_id, details.text = 'x' WINDOW SLIDING 1 HOUR HAVING count(*) >= 1 EMIT EARLY;`);

/** An event of an account of its own, with a text of so many characters. */
function take(engine: Engine, i: number, characters: number): void {
  const event = {
    ...{ timestamp: 1_000_000 + i, event_id: `e${i}`, platform: 'p', event_type: 't', account_id: `a${i}` },
    ...{ actor: { user_agent: 'ä'.repeat(characters) }, details: { text: 'y' } },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(event));
  engine.apply(i, { kind: 'record', record: { partition: 'a', position: i, received_at: 1_000_000 + i, bytes } });
}

const kinds = ({ early }: EngineOutput) => Object.groupBy(early, ({ kind }) => kind);

test('S14 early detections are bounded in bytes: what finds no room is counted, and told when it is final', () => {
  const options = { early_bytes: 100 * KiB };
  let engine = new Engine(program, options);
  for (let i = 0; i < 100; i++) take(engine, i, 2 * KiB);
  const empty_bytes = new Engine(program, options).stats().parts['early side'] as number;
  const first = kinds(engine.advance()).early?.length ?? 0;
  assert.ok(first > 5 && first < 50, `${first} of 100 left early`);
  assert.deepEqual(engine.stats().drops, { early_bytes: 100 - first });
  // Short ones still find what is left.
  for (let i = 100; i < 110; i++) take(engine, i, 1);
  assert.ok((kinds(engine.advance()).early?.length ?? 0) > 0);
  const { parts, drops } = engine.stats();
  const held = (parts['early side'] as number) - empty_bytes;
  assert.ok(held > 90 * KiB, `${held}`);
  engine = Engine.restore(program, structuredClone(engine.snapshot()), options);
  assert.deepEqual(engine.stats().drops, drops);
  assert.equal(engine.stats().parts['early side'], parts['early side']);
  engine.apply(110, { kind: 'end' });
  assert.equal(kinds(engine.advance()).final?.length, 110);
});

test('S14 what W has passed makes room for others', () => {
  const engine = new Engine(program, { early_bytes: 40 * KiB });
  let told = 0;
  for (let i = 0; i < 200; i++) {
    take(engine, i * 10_000, 2 * KiB);
    told += kinds(engine.advance()).early?.length ?? 0;
  }
  assert.equal(told, 200, 'LATENESS is 5 s: one after the other is final');
  assert.deepEqual(engine.stats().drops, {});
});
