import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import {
  ColumnMaker,
  type ColumnSegment,
  type Program,
  SortedRun,
  type SortedRunOptions,
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
function segment(begin_s: number, accounts: readonly string[], partitions: readonly string[]): ColumnSegment {
  const maker = new ColumnMaker(program.schema);
  for (const [i, account_id] of accounts.entries()) {
    const place = { event_id: `e${begin_s + i}`, tenant_id: 'T', timestamp: 1000 * (begin_s + i) };
    const event = { ...place, platform: 'web', event_type: 'login', account_id };
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
  };
  return { segment: { ...of, events: watchedEvents }, reads };
}

function run(segments: readonly ColumnSegment[], options: SortedRunOptions = {}) {
  const sorted = new SortedRun(program, { judged_to_ms: Number.POSITIVE_INFINITY, ...options });
  for (const one of segments) sorted.addColumns(one);
  const detections = [...sorted.finish()].flat();
  const { first_event_ms, last_event_ms } = sorted.stats();
  return { detections, counters: sorted.counters, first_event_ms, last_event_ms };
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
