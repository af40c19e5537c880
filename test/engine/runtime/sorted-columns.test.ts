import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ColumnMaker,
  MemoryScratch,
  type Program,
  readsColumns,
  SortedRun,
  type SortedRunOptions,
  type SourceRecord,
  type Verdict,
} from '../../../engine/index.ts';
import { segmentOf } from './column-segment.ts';
import { event, program, records } from './fixture.ts';

const judgedAll = { judged_to_ms: Number.POSITIVE_INFINITY };

type Judged = readonly [SourceRecord, Verdict | undefined];

/** What a run over the records gives, those of each stretch as columns; null: a stretch cannot have them. */
function run(of: Program, stretches: readonly (readonly Judged[])[], rest: readonly Judged[], more: SortedRunOptions) {
  const verdicts: Verdict[] = [];
  const sorted = new SortedRun(of, {
    ...more,
    on_verdict: (record, verdict) => {
      assert.equal(verdicts[record], undefined);
      verdicts[record] = verdict;
    },
  });
  for (const stretch of stretches) {
    const maker = new ColumnMaker(of.schema);
    for (const [record, verdict] of stretch) maker.add(record, verdict as Verdict);
    const made = maker.finish();
    if (made === null) return null;
    sorted.addColumns(segmentOf(made));
  }
  for (const [record, verdict] of rest) sorted.add(record, verdict);
  const detections = [...sorted.finish()].flat();
  const { undecided, after_until, first_event_ms, last_event_ms, spilled_events } = sorted.stats();
  const figures = { counters: sorted.counters, undecided, after_until, first_event_ms, last_event_ms };
  const accepted = [...verdicts.keys()].filter((record) => verdicts[record] === 'accepted');
  return { detections, figures, spilled_events, accepted };
}

test('S1 stretches of a history as columns give what their records give: order, duplicates, verdicts by record, counters', () => {
  const horizon_ms = program.settings.dedup_horizon_ms;
  const step_ms = horizon_ms / 4;
  const one = fc.record({
    step: fc.integer({ min: 0, max: 16 }),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    k1: fc.constantFrom('a', 'b', null),
    seq: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    tenant_id: fc.constantFrom('T', 'U'),
    partition: fc.constantFrom('p0', 'p1'),
    verdict: fc.constantFrom<Verdict>('accepted', 'accepted', 'accepted', 'duplicate', 'late', 'rejected'),
  });
  const of = (step: number, id: 'a' | 'b') => {
    const rest = { k1: 'a', seq: undefined, tenant_id: 'T', partition: 'p0', verdict: 'accepted' } as const;
    return { step, id, ...rest };
  };
  /** Whether the last one is a duplicate depends on which ones before it are remembered: in columns, and among records. */
  const chains: [ReturnType<typeof of>[], number, number, number, boolean][] = [
    [[of(0, 'a'), of(0, 'a'), of(4, 'b'), of(0, 'a'), of(4, 'a')], 4, 0, 1, false],
    [[of(0, 'b'), of(0, 'a'), of(0, 'a'), of(5, 'b'), of(0, 'a'), of(1, 'b')], 0, 1, 2, false],
  ];
  let duplicates = 0;
  let went_through_scratch = 0;
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 40, size: 'max' }),
      fc.nat(40),
      fc.nat(40),
      fc.integer({ min: 0, max: 18 }),
      fc.boolean(),
      (all, a, b, judged_to, ends) => {
        const [first, second] = [a, b].map((cut) => cut % (all.length + 1)).sort((x, y) => x - y);
        const judged = all.map(({ step, id, k1, seq, tenant_id, partition, verdict }, i): Judged => {
          const more = { tenant_id, ...(seq === undefined ? {} : { seq }) };
          const [record] = records(
            [event(step * step_ms + (i % 3), id, k1 as string, more)],
            partition,
            10 * horizon_ms,
          );
          // What W has not passed is judged again by a run over the log: no column has it as accepted.
          const isPassed = step < judged_to;
          const stands = i < second ? (isPassed || verdict !== 'accepted' ? verdict : 'late') : undefined;
          return [{ ...record, position: i }, isPassed ? verdict : stands];
        });
        const judged_to_ms = judged_to * step_ms;
        const options = { judged_to_ms, until_ms: ends ? judged_to_ms : Number.POSITIVE_INFINITY };
        const records_only = run(program, [], judged, options);
        const stretches = [judged.slice(0, first), judged.slice(first, second)];
        const rest = judged.slice(second);
        const columns = run(program, stretches, rest, options);
        assert.ok(records_only !== null && columns !== null);
        assert.deepEqual(columns.detections, records_only.detections);
        assert.deepEqual(columns.figures, records_only.figures);
        // Records that come as columns are not told one by one.
        const told = records_only.accepted.filter((record) => record >= second);
        assert.deepEqual(columns.accepted, told);
        const small = { scratch: new MemoryScratch(), memory_rows: 3, batch_rows: 2 };
        const spilled = run(program, stretches, rest, { ...options, ...small });
        assert.deepEqual(spilled?.detections, records_only.detections);
        assert.deepEqual(spilled?.figures, records_only.figures);
        assert.deepEqual(spilled?.accepted, told);
        went_through_scratch += spilled?.spilled_events ?? 0;
        duplicates +=
          rest.filter(([, verdict]) => verdict === undefined).length > 0 ? columns.figures.counters.conflict : 0;
      },
    ),
    { examples: chains },
  );
  assert.ok(went_through_scratch > 100, `${went_through_scratch} events beside columns went through scratch space`);
  assert.ok(duplicates > 10, `${duplicates} events that were judged against columns tell little`);
});

test('texts of columns that the dictionary has taken back are looked up again', () => {
  const many = 40_000;
  const judged = Array.from({ length: 3 * many }, (_, i): Judged => {
    // A key comes three times, and again behind forty thousand other texts.
    const [record] = records([event(3 * i, `e${i}`, i % many < 300 ? `key${i % 100}` : `once${i}`)]);
    return [{ ...record, position: i }, 'accepted'];
  });
  const records_only = run(program, [], judged, {});
  const columns = run(program, [judged], [], judgedAll);
  assert.ok(records_only !== null && columns !== null && records_only.detections.length >= 300);
  assert.deepEqual(columns.detections, records_only.detections);
});

test('a stretch with an event that brings no id, or with one that was taken and cannot be read, has no columns', () => {
  const [good, without, bad] = records([event(1000, 'a'), event(1000, null), null]);
  assert.notEqual(run(program, [[[good, 'accepted']]], [], judgedAll), null);
  for (const verdict of ['accepted', 'late', 'duplicate', 'rejected'] as const) {
    assert.equal(run(program, [[[without, verdict]]], [], judgedAll), null, 'its id is counted, whatever its verdict');
  }
  assert.equal(run(program, [[[bad, 'accepted']]], [], judgedAll), null);
  assert.notEqual(run(program, [[[bad, 'rejected']]], [], judgedAll), null);
});

test('rules that read what only a record says have no columns, and a run that judges late events again takes none', () => {
  assert.deepEqual(readsColumns(program), { fields: ['k1'], open: [] });
  const [stream] = program.streams;
  const extra = { ...stream.columns[0], path: ['event_id'] } as (typeof stream.columns)[0];
  const other = { ...program, streams: [{ ...stream, columns: [...stream.columns, extra] }] };
  assert.equal(readsColumns(other), null);
  assert.throws(() => run(other, [[]], [], {}), /ask readsColumns/);
  assert.throws(() => run(program, [[]], [], { late: 'include' }), /ask readsColumns/);
});

test('an accepted event that verdicts do not reach is not taken from columns: what is judged beside it could be the same', () => {
  const [good] = records([event(1000, 'a')]);
  const stretches = [[[good, 'accepted'] as const]];
  assert.throws(
    () => run(program, stretches, [], { judged_to_ms: 1000 }),
    /an event of 1000, and verdicts are known before 1000/,
  );
  assert.throws(() => run(program, stretches, [], {}), /before -Infinity/);
  assert.equal(run(program, stretches, [], { judged_to_ms: 1001 })?.figures.counters.accepted, 1);
});

test('of a part of a history the stretches before it are counted, and not read', () => {
  const judged = Array.from({ length: 300 }, (_, i): Judged => {
    const [record] = records([event(100 * i, `e${i}`, `k${Math.floor(i / 10)}`)]);
    return [{ ...record, position: i }, 'accepted'];
  });
  const segments = [0, 100, 200].map((begin) => {
    const maker = new ColumnMaker(program.schema);
    for (const [record, verdict] of judged.slice(begin, begin + 100)) maker.add(record, verdict as Verdict);
    const made = maker.finish();
    assert.ok(made !== null);
    return segmentOf(made);
  });
  const untouched = (): never => assert.fail('a stretch before the part was read');
  const events = {
    count: 100,
    numbers: untouched,
    ids: untouched,
    tenant: untouched,
    column: untouched,
    open: untouched,
  };
  const since_ms = 25_000;
  const found = [segments[0].events, events].map((first) => {
    const from = first === events ? { complete_from_ms: 12_000 } : {};
    const sorted = new SortedRun(program, { ...judgedAll, since_ms, until_ms: 29_000, ...from });
    for (const segment of [{ ...segments[0], events: first }, ...segments.slice(1)]) sorted.addColumns(segment);
    const detections = [...sorted.finish()].flat();
    const { operators, after_until, first_event_ms, last_event_ms } = sorted.stats();
    const passed = operators.map(({ name, events: of_rule }) => ({ name, of_rule }));
    return { detections, passed, after_until, first_event_ms, last_event_ms, counters: sorted.counters };
  });
  assert.deepEqual(found[1], found[0]);
  assert.ok(found[0].detections.length > 0 && found[0].after_until === 10);
  assert.deepEqual(found[0].passed[0], { name: 'minute', of_rule: 40 }, 'rows are counted from --since on');
});

test('while events are folded it is told how far that is: from the first event to the last, of records and of columns', () => {
  const judged = Array.from({ length: 50 }, (_, i): Judged => {
    const [record] = records([event(1000 + 100 * i, `e${i}`)]);
    return [{ ...record, position: i }, 'accepted'];
  });
  for (const cut of [0, 30, 50]) {
    const told: number[] = [];
    const on_reached: SortedRunOptions['on_reached'] = (reached_ms, span) => {
      assert.deepEqual(span, { first_ms: 1000, last_ms: 5900 });
      told.push(reached_ms);
    };
    run(program, cut === 0 ? [] : [judged.slice(0, cut)], judged.slice(cut), {
      ...judgedAll,
      batch_rows: 8,
      on_reached,
    });
    assert.ok(told.length > 5 && told[0] === 1700 && told.at(-1) === 5900, told.join());
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  }
});
