import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import { type Detection, SortedRun } from '../../../engine/index.ts';

interface Given {
  tenant_id?: string;
  event_id: string;
  timestamp?: number;
  tags?: string[];
}

/** What a rule finds in events of one account, a second apart. */
function found(text: string, events: readonly Given[]): Detection[] {
  const file = { path: 'r.sql', text };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan !== null, renderDiagnostics(diagnostics, [file], { color: false }));
  const run = new SortedRun(buildProgram(plan));
  events.forEach(({ tags, ...event }, i) => {
    const timestamp = 1_000_000 + i * 1000;
    const whole = { timestamp, platform: 'p', event_type: 't', account_id: 'a', details: { tags }, ...event };
    const bytes = new TextEncoder().encode(JSON.stringify(whole));
    run.add({ partition: 'f', position: i, received_at: timestamp, bytes });
  });
  return [...run.finish()].flat();
}

const numbered = (count: number, more: Partial<Given> = {}): Given[] =>
  Array.from({ length: count }, (_, i) => ({ event_id: `e${i}`, ...more }));

/** Every event passes both SELECTs: two rows. */
const both = `CREATE VIEW both AS SELECT account_id FROM events WHERE event_type = 't'
  UNION ALL SELECT account_id FROM events WHERE platform = 'p';`;

test('an event of which a window has several rows is named once: UNION ALL; rows are counted as rows', () => {
  const rule = `CREATE RULE r AS SELECT account_id, count(*) AS n FROM both GROUP BY account_id
    WINDOW SLIDING 1 HOUR HAVING n >= 6 EVIDENCE 2;`;
  const [first] = found(both + rule, numbered(3)) as [Detection];
  assert.deepEqual(first.values, ['a', 6]);
  assert.deepEqual(first.evidence, ['e1', 'e2']);
  assert.equal(first.evidence_total, 6);
});

test('at a window’s end too, and of elements and pairs', () => {
  const window = 'WINDOW TUMBLING 1 HOUR HAVING min(account_id) = ';
  const union = `CREATE RULE r AS SELECT count(*) AS n FROM both ${window} 'a';`;
  assert.deepEqual(found(both + union, numbered(3))[0]?.evidence, ['e0', 'e1', 'e2']);
  const elements = `CREATE RULE r AS SELECT count(*) AS n FROM events CROSS JOIN UNNEST(details.tags) AS t(tag)
    GROUP BY account_id ${window} 'a';`;
  const [tagged] = found(elements, numbered(2, { tags: ['x', 'y', 'z'] })) as [Detection];
  assert.deepEqual([tagged.values, tagged.evidence], [[6], ['e0', 'e1']]);
  const pairs = `CREATE RULE r AS SELECT count(*) AS n FROM events AS a JOIN events AS b WITHIN (AFTER 1 MINUTE)
    ON b.account_id = a.account_id GROUP BY a.account_id WINDOW TUMBLING 1 HOUR HAVING min(a.account_id) = 'a';`;
  const [paired] = found(pairs, numbered(4)) as [Detection];
  assert.deepEqual([paired.values, paired.evidence], [[6], ['e1', 'e2', 'e3']]);
});

test('where aggregates of many rows are kept running, as many rows are read as have the events that are shown', () => {
  const rule = `CREATE RULE r AS SELECT account_id, count(*) AS n FROM both GROUP BY account_id
    WINDOW SLIDING 1 HOUR HAVING n % 100 = 0 EVIDENCE 30;`;
  const all = found(both + rule, numbered(200));
  assert.deepEqual(
    all.map(({ values }) => values[1]),
    [100, 200, 300, 400],
  );
  for (const { values, evidence } of all) {
    const last = (values[1] as number) / 2 - 1;
    assert.deepEqual(
      evidence,
      Array.from({ length: 30 }, (_, i) => `e${last - 29 + i}`),
    );
  }
});

const shared = "CREATE STREAM events SHARING TENANTS 't', 'u';";

test('events of one id in several tenants are several, at one time too', () => {
  const text = `${shared}
    CREATE RULE r ACROSS TENANTS AS SELECT account_id, count(*) AS n FROM both GROUP BY account_id
    WINDOW SLIDING 1 HOUR HAVING n >= 4;`;
  for (const timestamp of [undefined, 1_000_000]) {
    const [first] = found(both + text, [
      { event_id: 'e', tenant_id: 't', ...(timestamp === undefined ? {} : { timestamp }) },
      { event_id: 'e', tenant_id: 'u', ...(timestamp === undefined ? {} : { timestamp }) },
    ]) as [Detection];
    assert.deepEqual(first.evidence, ['e', 'e']);
  }
});

test('across tenants too, rows of several windows of one event name it once', () => {
  const text = `${shared}
    CREATE VIEW seen AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
      WINDOW HOPPING 30 SECONDS ADVANCE BY 10 SECONDS HAVING n >= 1 EMIT AT END;
    CREATE RULE r ACROSS TENANTS AS SELECT account_id, count(*) AS rows FROM seen GROUP BY account_id
      WINDOW SLIDING 1 HOUR HAVING rows >= 6;`;
  const [first] = found(text, [
    { event_id: 'e', tenant_id: 't' },
    { event_id: 'e', tenant_id: 'u' },
  ]) as [Detection];
  assert.deepEqual([first.values, first.evidence, first.evidence_total], [['a', 6], ['e', 'e'], 6]);
});
