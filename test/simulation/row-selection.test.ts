import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildProgram, compile, renderDiagnostics } from '../../dsl/index.ts';
import { ColumnMaker, type Program, SortedRun, type SourceRecord, type StoredEvents } from '../../engine/index.ts';
import { columnSources } from '../../engine/runtime/column-sources.ts';
import { RowSelection } from '../../engine/runtime/row-selection.ts';
import { segmentOf } from '../engine/runtime/column-segment.ts';

const start_ms = Date.UTC(2026, 0, 5);
const equalities = [
  "event_type = 'login'",
  "event_type IN ('login', 'reset')",
  "event_type = 'none has it'",
  "platform = 'web'",
  "result = 'fail'",
  "actor.ip = '10.0.0.1'",
  "account_id = 'a1'",
  "account_id IN ('a2', '\u00e4')",
];
const others = ['net.asn > 5', "geo.country <> 'DE'", 'account_id IS NOT NULL', "(platform = 'web' OR net.asn = 3)"];
/** What is computed of a row, so that values can come to nothing; each is told. */
const computed = ['account_id::int > 3', "lower(account_id) = 'a1'", 'net.asn * 1000000 > 7'];

const where = fc
  .tuple(
    fc.subarray(equalities, { minLength: 1, maxLength: 2 }),
    fc.subarray(others, { maxLength: 1 }),
    fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...computed) }),
  )
  .map(([first, second, third]) => [...first, ...second, ...(third === null ? [] : [third])]);

/** A rule of each shape. */
const rule = fc.tuple(fc.constantFrom('single', 'sliding', 'tumbling', 'join', 'exists', 'view'), where, where);

type Rules = readonly (readonly [string, readonly string[], readonly string[]])[];

function sqlOf(rules: Rules): string {
  const joined = (alias: string, all: readonly string[]): string =>
    all
      .map((one) =>
        one.replace(/\b(event_type|platform|result|actor\.ip|account_id|net\.asn|geo\.country)\b/g, `${alias}.$1`),
      )
      .join(' AND ');
  const statements = rules.map(([shape, left, right], i) => {
    const rest = `FROM events WHERE ${left.join(' AND ')}`;
    switch (shape) {
      case 'single':
        return `CREATE RULE r${i} AS SELECT account_id, actor.ip AS ip ${rest};`;
      case 'sliding':
        return `CREATE RULE r${i} AS SELECT account_id, count(*) AS n, last(result) AS got ${rest} GROUP BY account_id WINDOW SLIDING 5 SECONDS HAVING n >= 2;`;
      case 'tumbling':
        return `CREATE RULE r${i} AS SELECT platform, count(DISTINCT actor.ip) AS n ${rest} GROUP BY platform WINDOW TUMBLING 5 SECONDS HAVING n < 3;`;
      case 'join':
        return `CREATE RULE r${i} AS SELECT a.account_id, b.actor.ip AS ip FROM events AS a JOIN events AS b WITHIN (AFTER 3 SECONDS) ON b.account_id = a.account_id WHERE ${joined('a', left)} AND ${joined('b', right)};`;
      case 'exists':
        return `CREATE RULE r${i} AS SELECT a.account_id FROM events AS a WHERE ${joined('a', left)} AND NOT EXISTS (SELECT 1 FROM events AS b WHERE b.account_id = a.account_id AND ${joined('b', right)} WITHIN (AFTER 2 SECONDS));`;
      default:
        return `CREATE RULE r${i} AS WITH v AS (SELECT account_id, count(*) AS n ${rest} GROUP BY account_id WINDOW TUMBLING 1 SECOND) SELECT account_id, sum(n) AS m FROM v GROUP BY account_id WINDOW SLIDING 10 SECONDS HAVING m >= 2;`;
    }
  });
  return statements.join('\n');
}

function programOf(text: string): Program {
  const file = { path: 'case.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  if (plan === null) throw new Error(renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

const one = fc.record({
  step: fc.integer({ min: 0, max: 900 }),
  event_type: fc.constantFrom('login', 'reset', 'other', 'text 1'),
  platform: fc.constantFrom('web', 'ios'),
  account_id: fc.constantFrom('a1', 'a2', '4', '\u00e4', 'x'.repeat(90)),
  ip: fc.constantFrom('10.0.0.1', '10.0.0.2', '::ffff:10.0.0.1', 'fd00::1', null),
  result: fc.constantFrom('fail', 'success', null),
  asn: fc.constantFrom(3, 9, null),
  country: fc.constantFrom('DE', 'FR', null),
});

type Drawn = typeof one extends fc.Arbitrary<infer T> ? T : never;

function recordsOf(events: readonly Drawn[]): SourceRecord[] {
  let time_ms = start_ms;
  return events.map(({ step, ip, result, asn, country, ...rest }, i) => {
    time_ms += step;
    const own = { event_id: `e${i}`, tenant_id: 'T', timestamp: time_ms, ...rest };
    const nested = { actor: { ip }, auth: { result }, net: { asn }, geo: { country } };
    const bytes = new TextEncoder().encode(JSON.stringify({ schema_version: 'v1', ...own, ...nested }));
    return { partition: 'p', position: i, received_at: start_ms + 1e9, bytes };
  });
}

/** Rows that are left out of the columns of these events. */
function leftOut(program: Program, events: StoredEvents): number {
  const sources = columnSources(program);
  const selection = sources === null ? null : RowSelection.of(program, sources);
  return selection?.leavesOut ? (selection.of(events)?.filter((kept) => kept === 0).length ?? 0) : 0;
}

function run(program: Program, records: readonly SourceRecord[], cut: number, until_ms: number) {
  let left_out = 0;
  const sorted = new SortedRun(program, { judged_to_ms: until_ms, until_ms });
  if (cut > 0) {
    const maker = new ColumnMaker(program.schema);
    for (const record of records.slice(0, cut)) maker.add(record, 'accepted');
    const made = maker.finish();
    assert.ok(made !== null);
    const segment = segmentOf(made);
    left_out = leftOut(program, segment.events);
    sorted.addColumns(segment);
  }
  for (const record of records.slice(cut)) sorted.add(record, 'accepted');
  const detections = [...sorted.finish()].flat();
  const { operators, failed_values, first_event_ms, last_event_ms, after_until, undecided } = sorted.stats();
  const figures = operators.map(({ name, events, null_key }) => ({ name, events, null_key }));
  const ends = { first_event_ms, last_event_ms, after_until, undecided };
  return { left_out, said: { detections, figures, failed_values, ...ends, counters: sorted.counters } };
}

test('rows of columns that no rule may read are left out, and nothing shows it: detections, figures by rule, failed values', () => {
  let fired = 0;
  let left_out = 0;
  let failed = 0;
  const check = (rules: Rules, events: readonly Drawn[], part: number, ends: boolean): void => {
    const program = programOf(sqlOf(rules));
    const records = recordsOf(events);
    const end_ms = start_ms + events.reduce((sum, { step }) => sum + step, 0);
    const until_ms = ends ? Math.floor((start_ms + end_ms) / 2) : Number.POSITIVE_INFINITY;
    // Verdicts reach as far as the run: what is behind comes as records.
    const judged = records.filter((record) => timeOf(record) < until_ms).length;
    const plain = run(program, records, 0, until_ms);
    const columns = run(program, records, Math.ceil((judged * part) / 100), until_ms);
    assert.deepEqual(columns.said, plain.said);
    fired += plain.said.detections.length;
    failed += plain.said.failed_values.size;
    left_out += columns.left_out;
  };
  const rules = fc.array(rule, { minLength: 1, maxLength: 3 });
  const events = fc.array(one, { minLength: 1, maxLength: 60, size: 'max' });
  fc.assert(fc.property(rules, events, fc.nat(100), fc.boolean(), check), { numRuns: 300 });
  const counts = `${fired} detections, ${left_out} rows left out, ${failed} expressions that failed`;
  assert.ok(fired > 300 && left_out > 300 && failed > 10, counts);
});

function timeOf({ bytes }: SourceRecord): number {
  return (JSON.parse(new TextDecoder().decode(bytes)) as { timestamp: number }).timestamp;
}
