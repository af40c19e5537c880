import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import {
  ColumnMaker,
  type ColumnSegment,
  type Program,
  SortedRun,
  type SortedRunOptions,
  type SourceRecord,
  type StoredEvents,
} from '../../../engine/index.ts';
import { segmentOf } from './column-segment.ts';

function programOf(text: string): Program {
  const file = { path: 'case.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  if (plan === null) throw new Error(renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

const program = programOf(
  `CREATE RULE r AS SELECT account_id, count(*) AS n FROM events WHERE account_id = 'wanted' AND event_type = 'login'
   GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= 2;`,
);

/** Its events are a second apart from `begin_s` on. */
function segment(
  begin_s: number,
  accounts: readonly string[],
  partitions: readonly string[],
  more: (i: number) => object = () => ({}),
): ColumnSegment {
  const maker = new ColumnMaker(program.schema);
  for (const [i, account_id] of accounts.entries()) {
    const place = { event_id: `e${begin_s + i}`, tenant_id: 'T', timestamp: 1000 * (begin_s + i) };
    const event = { ...place, platform: 'web', event_type: 'login', account_id, ...more(i) };
    const bytes = new TextEncoder().encode(JSON.stringify(event));
    const partition = partitions[i % partitions.length];
    maker.add({ partition, position: begin_s + i, received_at: 1e9, bytes }, 'accepted');
  }
  const made = maker.finish();
  assert.ok(made !== null);
  return segmentOf(made);
}

/** The same, and what was read of it, each as often as it was. */
function watched(of: ColumnSegment): { readonly segment: ColumnSegment; readonly reads: string[] } {
  const reads: string[] = [];
  const { events } = of;
  const watchedEvents: StoredEvents = {
    count: events.count,
    numbers: (name, rows) => {
      reads.push(name);
      return events.numbers(name, rows);
    },
    ids: (rows) => {
      reads.push('ids');
      return events.ids(rows);
    },
    tenant: () => {
      reads.push('tenant');
      return events.tenant();
    },
    column: (name) => {
      reads.push(`texts ${name}`);
      const column = events.column(name);
      assert.ok(column !== null && !(column instanceof Float64Array));
      return {
        texts: column.texts,
        get codes() {
          reads.push(`codes ${name}`);
          return column.codes;
        },
      };
    },
    open: (part) => {
      const open = events.open(part);
      if (open === null) return null;
      return {
        kinds: open.kinds,
        get texts() {
          reads.push(part);
          return open.texts;
        },
      };
    },
  };
  return { segment: { ...of, events: watchedEvents }, reads };
}

function run(segments: readonly ColumnSegment[], options: SortedRunOptions = {}, of = program) {
  const sorted = new SortedRun(of, { judged_to_ms: Number.POSITIVE_INFINITY, ...options });
  for (const one of segments) sorted.addColumns(one);
  const detections = [...sorted.finish()].flat();
  const { first_event_ms, last_event_ms, failed_casts } = sorted.stats();
  return { detections, counters: sorted.counters, first_event_ms, last_event_ms, failed_casts };
}

test('of a segment whose texts lack what rules name only those are read; its events are counted, and time reaches over it', () => {
  const first = segment(0, ['wanted', 'other', 'wanted'], ['p']);
  const { segment: skipped, reads } = watched(segment(10, ['other', 'another', 'other'], ['p']));
  const { detections, counters, first_event_ms, last_event_ms } = run([first, skipped]);
  assert.deepEqual(reads.sort(), ['texts account_id', 'texts event_type']);
  assert.deepEqual([detections.length, counters.read, counters.accepted], [1, 6, 6]);
  assert.deepEqual([first_event_ms, last_event_ms], [0, 12_000]);
});

test('of a segment with rows that rules read each part is read once, and none that says the same of all rows', () => {
  const { segment: one, reads } = watched(segment(0, ['other', 'wanted', 'wanted', 'other'], ['p']));
  assert.equal(run([one]).detections.length, 1);
  const columns = ['account_id', 'event_type'].flatMap((name) => [`codes ${name}`, `texts ${name}`]);
  assert.deepEqual(reads.sort(), [...columns, 'ids', 'position', 'seq', 'tenant', 'time'].sort());
});

test('of a segment with two partitions it is read which row has which', () => {
  const accounts = ['wanted', 'other', 'other', 'wanted', 'wanted'];
  const { segment: one, reads } = watched(segment(0, accounts, ['p', 'q']));
  assert.equal(run([one]).detections.length, 1);
  assert.equal(reads.filter((name) => name === 'partition').length, 1);
});

test('times are read where a segment is asked for in part, and the rows are those of that time', () => {
  const { segment: one, reads } = watched(segment(0, ['wanted', 'wanted', 'wanted', 'wanted'], ['p']));
  const { detections } = run([one], { until_ms: 2000 });
  assert.deepEqual(
    detections.map(({ decided_at }) => decided_at),
    [1000],
  );
  assert.ok(reads.filter((name) => name === 'time').length > 1);
});

const ofDetails = programOf(
  `CREATE RULE r AS SELECT account_id, sum(details.amount::float) AS s FROM events
   WHERE account_id = 'wanted' GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING s >= 5;`,
);

test('texts of details are read once, where a rule reads a row or a cast may fail, and not where none has the path', () => {
  const found = (account: string, more: (i: number) => object) => {
    const { segment: one, reads } = watched(segment(0, [account, 'other', account], ['p'], more));
    const { detections, failed_casts } = run([one], {}, ofDetails);
    const texts = reads.filter((name) => name === 'details' || name === 'extras');
    return { texts, detections: detections.length, failed: Object.fromEntries(failed_casts) };
  };
  const numbers = (i: number) => ({ details: { amount: 2 + i } });
  assert.deepEqual(found('wanted', numbers), { texts: ['details'], detections: 1, failed: {} });
  assert.deepEqual(found('nobody', numbers), { texts: [], detections: 0, failed: {} });
  const failing = (i: number) => ({ details: { amount: i === 1 ? 'one' : 3 } });
  assert.deepEqual(found('wanted', failing), { texts: ['details'], detections: 1, failed: { 'details.amount': 1 } });
  assert.deepEqual(found('nobody', failing), { texts: ['details'], detections: 0, failed: { 'details.amount': 1 } });
  const elsewhere = (i: number) => ({ details: { other: i, amount: null }, app: 'extra' });
  assert.deepEqual(found('wanted', elsewhere), { texts: [], detections: 0, failed: {} });
  const beside = () => ({ details: { other: 1 }, amount: 3 });
  assert.deepEqual(found('wanted', beside), { texts: ['extras'], detections: 1, failed: {} });
  const many = (i: number) => ({
    details: Object.fromEntries(Array.from({ length: 1001 }, (_, k) => [`k${i}.${k}`, k])),
  });
  assert.deepEqual(found('wanted', many), { texts: ['details'], detections: 0, failed: {} }, 'not all paths are known');
});

test('what fails in rows is counted the same of columns and of records, where a rule asks for a literal of details too', () => {
  const asking = programOf(
    `CREATE RULE r AS SELECT account_id FROM events
     WHERE event_type = 'login' AND details.app = 'mail' AND account_id::int > 5;`,
  );
  const records = ['other', 'mail'].map((app, i): SourceRecord => {
    const place = {
      event_id: `e${i}`,
      timestamp: 1000 * i,
      platform: 'web',
      event_type: 'login',
      account_id: `text${i}`,
    };
    const bytes = new TextEncoder().encode(JSON.stringify({ ...place, details: { app } }));
    return { partition: 'p', position: i, received_at: 1e9, bytes };
  });
  const failedOf = (give: (run: SortedRun) => void) => {
    const sorted = new SortedRun(asking, { judged_to_ms: Number.POSITIVE_INFINITY });
    give(sorted);
    for (const _ of sorted.finish());
    return sorted.stats().failed_values;
  };
  const maker = new ColumnMaker(asking.schema);
  for (const record of records) maker.add(record, 'accepted');
  const made = maker.finish();
  assert.ok(made !== null);
  const ofRecords = failedOf((sorted) => {
    for (const record of records) sorted.add(record, 'accepted');
  });
  assert.deepEqual(
    failedOf((sorted) => sorted.addColumns(segmentOf(made))),
    ofRecords,
  );
  assert.deepEqual(ofRecords, new Map([['r', new Map([['account_id::int', 2]])]]));
});
