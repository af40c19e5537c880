import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EmbeddedStore, LogReader, StoreClient, storedSources } from '../../connectors/index.ts';
import { buildProgram, compile, renderDiagnostics } from '../../dsl/index.ts';
import type { Detection, Program, TableRow } from '../../engine/index.ts';
import { SortedBacktest } from '../../ui-api/cli/backtest-run.ts';
import { type PartialHistory, partialOf } from '../../ui-api/cli/history-source.ts';
import { LogHistory } from '../../ui-api/cli/log-history.ts';
import { readPart } from '../../ui-api/cli/store-part.ts';
import { seeded } from '../simulation/random.ts';
import { TestWeir } from './test-weir.ts';

const start_ms = Date.parse('2026-01-05T10:00:00Z');
const minute_ms = 60_000;
const span_ms = 3 * 60 * minute_ms;
const stream = 'CREATE STREAM events LATENESS 2 SECONDS IDLE 2 HOURS DEDUP 10 MINUTES;';
const bounded = `
CREATE VIEW failing AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
  GROUP BY account_id WINDOW SLIDING 4 MINUTES HAVING n >= 2;
CREATE RULE guessed AS SELECT f.account_id, f.n FROM failing AS f JOIN events AS e WITHIN (AFTER 3 MINUTES)
  ON e.account_id = f.account_id WHERE e.result = 'success';
CREATE RULE many AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING n >= 4;
CREATE RULE wide AS SELECT platform, count(DISTINCT account_id) AS n FROM events GROUP BY platform
  WINDOW HOPPING 20 MINUTES ADVANCE BY 5 MINUTES HAVING n >= 9;
CREATE RULE silent AS SELECT e.account_id FROM events AS e WHERE e.event_type = 'login' AND NOT EXISTS
  (SELECT * FROM events AS s WHERE s.account_id = e.account_id AND s.event_type = 'logout' WITHIN (AFTER 2 MINUTES));
CREATE TABLE hourly AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 30 MINUTES;`;
const suppressed = `${bounded}
CREATE RULE rare AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
  GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n >= 3 SUPPRESS BY account_id FOR 15 MINUTES;`;
const openEnded = `${bounded}
CREATE RULE visits AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
  WINDOW SESSION GAP 4 MINUTES MAX 2 HOURS HAVING n >= 3;`;

function programOf(rules: string): Program {
  const file = { path: 'r.rule.sql', text: stream + rules };
  const { plan, diagnostics } = compile([file]);
  assert.ok(plan, renderDiagnostics(diagnostics, [file], { color: false }));
  return buildProgram(plan);
}

interface Found {
  readonly detections: readonly Detection[];
  readonly rows: readonly TableRow[];
  readonly history: ReadonlyMap<string, string>;
  readonly undecided: number | null;
  readonly read: number;
}

describe('a part of the history, out of the store', () => {
  const random = seeded(20261128);
  let folder: string;
  let weir: TestWeir;
  let store: EmbeddedStore;
  let client: StoreClient;
  let partial: PartialHistory;
  let reader: LogReader;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-part-'));
    weir = new TestWeir(programOf(bounded), folder, start_ms + span_ms, true);
    await weir.start();
    let number = 0;
    for (let from_ms = 0; from_ms < span_ms; from_ms += 4 * minute_ms) {
      const lines: string[] = [];
      for (let at_ms = from_ms; at_ms < from_ms + 4 * minute_ms; at_ms += random() * 24_000) {
        const id = random() < 0.4 ? {} : { event_id: `e${random() < 0.05 ? number - 1 : ++number}` };
        const late_ms = random() < 0.03 ? 20_000 : random() * 1500;
        const line = JSON.stringify({
          ...{ ...id, timestamp: Math.floor(start_ms + Math.max(0, at_ms - late_ms)), platform: 'inhouse' },
          account_id: `a${Math.floor(random() ** 2 * 14)}`,
          event_type: random() < 0.7 ? 'login' : 'logout',
          auth: { result: random() < 0.5 ? 'fail' : 'success' },
        });
        lines.push(random() < 0.02 ? '{"broken' : line);
        // Equal events without ids are different events: their numbers stand in what was found.
        if (random() < 0.03) lines.push(line);
      }
      await weir.post(lines, random() < 0.5 ? 'p0' : 'p1');
    }
    const give_up_ms = performance.now() + 180_000;
    for (let now = weir.weir.status().store; now?.state !== 'up' || now.behind > 0; now = weir.weir.status().store) {
      assert.ok(performance.now() < give_up_ms, JSON.stringify(now));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await weir.stop();
    const { duplicate, late, rejected } = weir.weir.status().counters;
    assert.ok(duplicate > 5 && late > 5 && rejected > 5, JSON.stringify({ duplicate, late, rejected }));
    reader = new LogReader(join(weir.data, 'log'));
    store = new EmbeddedStore({ folder: join(weir.data, 'store') });
    const { url, reader: login } = await store.ready(180_000);
    client = new StoreClient(() => ({ url, database: null, login }));
    const [source] = await storedSources(client);
    assert.equal(source.as_of, await reader.positionAt(Number.POSITIVE_INFINITY), 'the store has all of the log');
    partial = (await partialOf(client, source)) as PartialHistory;
  });
  after(async () => {
    await client.close();
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function found(run: SortedBacktest, rows: readonly TableRow[]): Promise<Found> {
    const detections = [...run.finish()].flat();
    const { history, undecided, counters } = run.facts();
    run.close();
    return { detections, rows, history, undecided, read: counters.read };
  }

  async function compare(program: Program, cuts: number): Promise<{ cut: number; detections: number }> {
    const log = await LogHistory.read((until) => reader.readBatches(0, until), program);
    assert.equal(log.watermark_ms, partial.watermark_ms, 'both are decided up to the same time');
    const sum = { cut: 0, detections: 0 };
    for (let i = 0; i < cuts; i++) {
      const since_ms = i % 8 === 7 ? null : Math.floor(start_ms + (random() * 1.1 - 0.05) * span_ms);
      const length_ms = random() ** 3 * span_ms;
      const until_ms = i % 3 === 2 ? null : Math.floor((since_ms ?? start_ms) + length_ms);
      const rows: { log: TableRow[]; store: TableRow[] } = { log: [], store: [] };
      const optionsOf = (from: 'log' | 'store') => ({
        ...{ since_ms, until_ms, late_include: false, on_letter: () => undefined },
        on_table_row: (row: TableRow) => rows[from].push(row),
      });
      const whole = new SortedBacktest(program, optionsOf('log'), log.watermark_ms);
      for await (const { position, entry } of reader.read(0, log.end_position)) {
        if (entry.kind === 'record') whole.add(entry.record, log.of(position));
      }
      const expected = await found(whole, rows.log);
      const nothing = { begin: () => undefined, recorded: () => undefined };
      const { run, note } = await readPart(program, optionsOf('store'), partial, nothing);
      const actual = await found(run, rows.store);
      const { read, ...answer } = actual;
      const { read: read_whole, ...expected_answer } = expected;
      assert.deepEqual(answer, expected_answer, `since ${since_ms} until ${until_ms}: ${note}`);
      if (!note.includes('the beginning')) sum.cut++;
      assert.ok(read <= read_whole);
      sum.detections += actual.detections.length;
    }
    return sum;
  }

  test('S14 a part of the history: random cuts give what the whole log gives', async () => {
    const { cut, detections } = await compare(programOf(bounded), 12);
    assert.ok(cut >= 4, `${cut} of 12 read a part`);
    assert.ok(detections > 20, `${detections} detections`);
  });

  test('SUPPRESS: the reading goes back until it is known what was suppressed', async () => {
    await compare(programOf(suppressed), 4);
  });

  test('SESSION remembers without an end: everything before is read', async () => {
    assert.equal((await compare(programOf(openEnded), 2)).cut, 0);
  });
});
