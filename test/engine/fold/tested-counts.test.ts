import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile } from '../../../dsl/index.ts';
import { Engine } from '../../../engine/index.ts';

const countries = ['DE', 'FR', 'US', 'BR', 'JP', 'IN', 'NL'];
const kinds = ['login', 'logout', 'follow'];

test('the rows that passed WHERE are counted right, also for rules that ask one or several narrow columns', () => {
  const wanted = countries.flatMap((country, c) =>
    kinds.map((kind, k) => ({ country, kind, asn: c * 10 + k, asks: (c + k) % 3 })),
  );
  const rules = wanted.map(({ country, kind, asn, asks }, i) => {
    const conditions = [`event_type = '${kind}'`];
    if (asks !== 1) conditions.push(`geo.country <> '${country}'`);
    if (asks !== 0) conditions.push(`net.asn > ${asn}`);
    return `CREATE RULE r${i} AS SELECT account_id, count(*) AS n FROM events WHERE ${conditions.join(' AND ')} GROUP BY account_id WINDOW SLIDING 1 MINUTE HAVING n >= 3;`;
  });
  const events = Array.from({ length: 900 }, (_, i) => ({
    ...{ timestamp: 1_000_000 + i, platform: 'web', event_type: kinds[(i * 7) % 3], account_id: `a${i % 50}` },
    geo: { country: countries[(i * 5) % 8] ?? null },
    net: { asn: (i * 13) % 75 },
  }));
  const { plan } = compile([{ path: 'case.rule.sql', text: rules.join('\n') }]);
  assert.ok(plan !== null);
  const program = buildProgram(plan);
  let engine = new Engine(program);
  events.forEach((event, position) => {
    if (position === 400) engine = Engine.restore(program, structuredClone(engine.snapshot()));
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    engine.apply(position, { kind: 'record', record: { partition: 'p', position, received_at: 2_000_000, bytes } });
    engine.advance();
  });
  engine.apply(events.length, { kind: 'end' });
  engine.advance();
  const expected = wanted.map(
    ({ country, kind, asn, asks }) =>
      events.filter(
        (event) =>
          event.event_type === kind &&
          (asks === 1 || (event.geo.country !== null && event.geo.country !== country)) &&
          (asks === 0 || event.net.asn > asn),
      ).length,
  );
  const { operators } = engine.stats();
  assert.deepEqual(
    wanted.map((_, i) => operators.find(({ name }) => name === `r${i}`)?.events),
    expected,
  );
});
