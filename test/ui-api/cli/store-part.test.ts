import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildProgram, compile, renderDiagnostics } from '../../../dsl/index.ts';
import type { Detection, LogEntry, Program } from '../../../engine/index.ts';
import { SortedBacktest } from '../../../ui-api/cli/backtest-run.ts';
import type { PartialHistory } from '../../../ui-api/cli/history-source.ts';
import { readPart } from '../../../ui-api/cli/store-part.ts';
import { seeded } from '../../simulation/random.ts';

const start_ms = 1_767_600_000_000;
const minute_ms = 60_000;
const span_ms = 300 * minute_ms;
const bounded = `
CREATE RULE many AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n >= 3;
CREATE RULE pair AS SELECT a.account_id FROM events AS a JOIN events AS b WITHIN (AFTER 2 MINUTES) ON b.account_id = a.account_id
  WHERE a.event_type = 'login' AND b.event_type = 'logout';`;
const suppressed = `${bounded}
CREATE RULE rare AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
  GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n >= 3 SUPPRESS BY account_id FOR 10 MINUTES;`;
const visits = `CREATE RULE visits AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
  WINDOW SESSION GAP 4 MINUTES MAX 2 HOURS HAVING n >= 3;`;
const risky = `CREATE RULE risky AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
  WINDOW SLIDING 5 MINUTES HAVING n >= 3 RISK 10 ON account account_id HALF LIFE 24 HOURS;`;

const silent = `CREATE LOOKUP staff (account_id string PRIMARY KEY) WITH (source = 'staff.csv');
CREATE RULE silent AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
  WINDOW TUMBLING 5 MINUTES WITH EMPTY KEYS OF staff HAVING n = 0;`;

function programOf(text: string): Program {
  const file = { path: 'r.rule.sql', text };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan, renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

type RecordEntry = Extract<LogEntry, { kind: 'record' }>;

/** Accepted events, a third of them without ids, some of these equal. */
function events(random: () => number): { readonly time_ms: number; readonly entry: RecordEntry }[] {
  const found: { time_ms: number; entry: RecordEntry }[] = [];
  for (let at_ms = 0; at_ms < span_ms; at_ms += random() * 30_000) {
    const time_ms = Math.floor(start_ms + at_ms);
    const event = {
      ...{ timestamp: time_ms, platform: 'x', account_id: `a${Math.floor(random() ** 2 * 6)}` },
      event_type: random() < 0.7 ? 'login' : 'logout',
      auth: { result: random() < 0.4 ? 'fail' : 'success' },
    };
    const named = random() < 0.67 ? { event_id: `e${found.length}` } : {};
    const bytes = new TextEncoder().encode(JSON.stringify({ ...named, ...event }));
    for (let copies = random() < 0.05 && !('event_id' in named) ? 2 : 1; copies > 0; copies--) {
      const record = { partition: 'p', position: found.length, received_at: start_ms + span_ms, bytes };
      found.push({ time_ms, entry: { kind: 'record', record } });
    }
  }
  return found;
}

/** A store that gives each event of a part the id that it got when all of them were read. */
function historyOf(all: ReturnType<typeof events>): PartialHistory & { readonly asked: number[] } {
  const ids = new Map<string, number>();
  const given = all.map(({ entry }) => {
    const text = new TextDecoder().decode(entry.record.bytes);
    const number = (ids.get(text) ?? 0) + 1;
    ids.set(text, number);
    return number;
  });
  const asked: number[] = [];
  return {
    asked,
    ...{ watermark_ms: start_ms + span_ms - 5000, earliest_ms: all[0].time_ms, end_position: all.length },
    part: async function* (from_ms, to_ms) {
      asked.push(from_ms);
      for (let position = 0; position < all.length; position++) {
        const { time_ms, entry } = all[position];
        if (time_ms < from_ms || time_ms >= to_ms) continue;
        // Whatever it is, what is found must not depend on how far back is read.
        const record = { ...entry.record, event_id: `given ${position} ${given[position]}` };
        yield { position, entry: { ...entry, record } };
      }
    },
    lookups: async function* () {},
  };
}

const nothing = { begin: () => undefined, recorded: () => undefined };

async function compare(text: string, cuts: number, seed: number): Promise<{ cut: number; found: number }> {
  const random = seeded(seed);
  const program = programOf(text);
  const history = historyOf(events(random));
  const sum = { cut: 0, found: 0 };
  for (let i = 0; i < cuts; i++) {
    const since_ms = Math.floor(start_ms + (random() * 1.1 - 0.05) * span_ms);
    const until_ms = i % 3 === 2 ? null : Math.floor(since_ms + random() ** 2 * span_ms);
    const options = { since_ms, until_ms, late_include: false, on_letter: () => undefined };
    const answerOf = (run: SortedBacktest): readonly [Detection[], object, number | null] => {
      const detections = [...run.finish()].flat();
      const { history: coverage, undecided } = run.facts();
      run.close();
      return [detections, coverage, undecided];
    };
    const whole = new SortedBacktest(program, options, history.watermark_ms);
    for await (const { entry } of history.part(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) {
      whole.add(entry.record, 'accepted');
    }
    const expected = answerOf(whole);
    const { run, note } = await readPart(program, options, history, nothing);
    const actual = answerOf(run);
    assert.deepEqual(actual, expected, `seed ${seed}, since ${since_ms}, until ${until_ms}: ${note}`);
    if (!note.includes('the beginning')) sum.cut++;
    sum.found += actual[0].length;
  }
  return sum;
}

test('a part gives what the whole history gives, and is most often less than it', async () => {
  const { cut, found } = await compare(bounded, 25, 7);
  assert.ok(cut >= 15, `${cut} of 25 read a part`);
  assert.ok(found > 200, `${found} detections`);
});

test('with SUPPRESS as far back is read as it takes to know what was suppressed', async () => {
  const { cut } = await compare(suppressed, 15, 8);
  assert.ok(cut >= 1, `${cut} of 15 read a part`);
});

test('with SESSION, RISK or WITH EMPTY KEYS OF all is read, for they remember to the beginning', async () => {
  assert.equal((await compare(silent, 3, 12)).cut, 0);
  assert.equal((await compare(visits, 3, 9)).cut, 0);
  assert.equal((await compare(risky, 3, 10)).cut, 0);
});

test('the reading begins where the rules’ memory does, and no earlier', async () => {
  const history = historyOf(events(seeded(11)));
  const since_ms = start_ms + 200 * minute_ms;
  const options = { since_ms, until_ms: since_ms + minute_ms, late_include: false, on_letter: () => undefined };
  const { run } = await readPart(programOf(bounded), options, history, nothing);
  run.close();
  assert.deepEqual(history.asked, [since_ms - 10 * minute_ms - 1], 'twice the five minutes of a SLIDING rule');
});
