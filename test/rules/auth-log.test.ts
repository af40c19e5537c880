import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findCodec } from '../../connectors/index.ts';
import { buildProgram, compile, loadRuleFiles } from '../../dsl/index.ts';
import { type Detection, Engine, type Program } from '../../engine/index.ts';
import { diskReader } from '../../ui-api/cli/rules.ts';

const root = new URL('../..', import.meta.url).pathname;
/** 24 days of one real host, with the year missing; it stands beside the repository and is not part of it. */
const log = new URL('../../../shared/data/auth.log', import.meta.url);

function detectionsOf(program: Program): Detection[] {
  const codec = findCodec('sshd')?.create({ year: 2017, time_zone: 'UTC' });
  assert.ok(codec);
  const engine = new Engine(program, {});
  const detections: Detection[] = [];
  let position = 0;
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const result = codec.decode(Buffer.from(line, 'latin1'));
    if (result.kind !== 'events') continue;
    for (const event of result.events) {
      const bytes = Buffer.from(JSON.stringify(event));
      const record = { partition: 'auth.log', position, received_at: Date.UTC(2017, 4, 1), bytes };
      engine.apply(position++, { kind: 'record', record });
    }
    detections.push(...engine.advance().detections);
  }
  engine.apply(position, { kind: 'end' });
  detections.push(...engine.advance().detections);
  return detections.filter(({ suppressed_by }) => suppressed_by === null);
}

if (existsSync(log)) {
  test('on a real sshd log: the guessing, the one takeover, and no operator who mistyped', () => {
    const { plan } = compile(loadRuleFiles(diskReader(root), ['rules/auth']).rules);
    assert.ok(plan);
    const program = buildProgram(plan);
    const detections = detectionsOf(program);
    const counts = Map.groupBy(detections, ({ rule }) => rule);
    assert.deepEqual(Object.fromEntries([...counts].map(([rule, found]) => [rule, found.length])), {
      ...{ account_guessing: 13, account_guessing_heavy: 3, address_hits_many_accounts: 1 },
      ...{ root_or_invalid_user_probing: 9, takeover_after_guessing: 1 },
    });
    const [takeover] = counts.get('takeover_after_guessing') ?? [];
    assert.equal(new Date(takeover.decided_at).toISOString(), '2017-03-30T16:01:36.000Z');
    assert.deepEqual(takeover.values, ['sshd', 'elastic_user_0', 147, 1, '24.151.103.17', true]);
    const operators = detections.filter(({ values }) => /^(elastic_user|ubuntu)/.test(String(values[1])));
    assert.deepEqual(new Set(operators.map(({ values }) => values[1])), new Set(['elastic_user_0']));
  });
}
