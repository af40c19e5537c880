import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreClient } from '../../connectors/clickhouse/store-client.ts';
import { EmbeddedStore } from '../../connectors/embedded/embedded-store.ts';
import { buildProgram, compile } from '../../dsl/index.ts';
import { coreOf, type DetectionRecord, SortedRun, toRecord } from '../../engine/index.ts';
import { inArrivalOrder } from '../simulation/pack-traffic.ts';
import { seeded } from '../simulation/random.ts';
import { readLog } from './log-backtest.ts';
import { detectionsOf, WeirProcess } from './weir-process.ts';

export interface KillFigures {
  readonly weir_killed: number;
  readonly child_killed: number;
  readonly sent: number;
  readonly sent_again: number;
  readonly alerts: number;
  readonly table_rows: number;
  readonly lost: number;
  readonly doubled: number;
}

const rules = `CREATE STREAM events LATENESS 2 SECONDS IDLE 30 MINUTES;
CREATE RULE mark AS SELECT account_id, details.note::string AS note FROM events WHERE event_type = 'password_reset';
CREATE RULE three AS SELECT account_id, count(*) AS n FROM events WHERE result = 'fail'
GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING n >= 3 ENTITY account account_id RISK 5 ON account account_id HALF LIFE 1 HOURS;
CREATE TABLE minutes AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 MINUTE;
`;
const notes = ['plain', "it's; DROP TABLE events --", 'blank\n\nDROP TABLE alerts', 'back\\slash `tick` "quote"'];
const events_at_once = 150;
/** Of event time between two events: all times differ, so that order does not hang on arrival. */
const step_ms = 40;

/** Events of some hours ago, by their ids, in an order that the lateness allows. */
function linesOf(random: () => number, count: number, start_ms: number, first: number): string[] {
  const lines = Array.from({ length: count }, (_, k) => {
    const i = first + k;
    const isMark = random() < 0.02;
    const timestamp = start_ms + i * step_ms;
    const text = JSON.stringify({
      ...{ event_id: `e${i}`, timestamp, platform: 'inhouse' },
      event_type: isMark ? 'password_reset' : 'login',
      account_id: `a${Math.floor(random() * random() * 60)}`,
      auth: { result: random() < 0.15 ? 'fail' : 'success' },
      details: { note: notes[i % notes.length] },
    });
    return { timestamp, text };
  });
  return inArrivalOrder(lines, 1000, random);
}

/**
 * A real `weir run` with its embedded store takes events while it, the store's process, or both are killed (SIGKILL) at
 * random points, again and again. At the end log, alerts and tables must be those of the events that were sent, judged in
 * one piece by a run that knows of no crash; every row of them must be there once.
 * @throws AssertionError where they differ
 */
export async function killAtRandom(points: number, seed: number, say: (line: string) => void): Promise<KillFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-store-kill-'));
  const random = seeded(seed);
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'kill.rule.sql'), rules);
  const start_ms = Math.floor(Date.now() / 60_000 - 8 * 60) * 60_000;
  const killed = new KilledWeir(folder, random, say);
  try {
    const sent: string[] = [];
    while (killed.points < points) {
      const lines = linesOf(random, 1 + Math.floor(random() * events_at_once), start_ms, sent.length);
      sent.push(...lines);
      await killed.send(lines);
    }
    // Far behind the last one: it closes every window, and waits itself.
    const end = { event_id: 'end', timestamp: start_ms + 7 * 3_600_000, platform: 'inhouse', event_type: 'logout' };
    assert.ok(sent.length * step_ms < 6 * 3_600_000);
    await killed.finish(JSON.stringify({ ...end, account_id: 'nobody' }), sent.length);
    return await compare(sent, killed);
  } finally {
    await killed.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The process that is killed, and the client that sends again what got no answer. */
class KilledWeir {
  readonly #folder: string;
  readonly #random: () => number;
  readonly #say: (line: string) => void;
  #weir: WeirProcess | null = null;
  weir_killed = 0;
  child_killed = 0;
  sent_again = 0;

  constructor(folder: string, random: () => number, say: (line: string) => void) {
    this.#folder = folder;
    this.#random = random;
    this.#say = say;
  }

  get data(): string {
    return join(this.#folder, 'var');
  }

  get points(): number {
    return this.weir_killed + this.child_killed;
  }

  async #started(): Promise<WeirProcess> {
    const flags = ['--checkpoint-seconds', '1'];
    this.#weir ??= await WeirProcess.start([join(this.#folder, 'rules')], this.data, flags, 'embedded');
    return this.#weir;
  }

  async send(lines: readonly string[]): Promise<void> {
    for (;;) {
      const weir = await this.#started();
      // Often the store is there, so that its process can be killed in the middle of an insert.
      if (this.#random() < 0.3) await this.#storeIsUp(weir);
      const answer = weir.post(lines, 'one').catch(() => 0);
      // At any moment of the way into the log, and of what the store is doing meanwhile.
      if (this.#random() < 0.25) {
        await pause(this.#random() * this.#random() * 400);
        await this.#kill();
      }
      if ((await answer) === 200) return;
      this.sent_again += lines.length;
    }
  }

  async #storeIsUp(weir: WeirProcess): Promise<void> {
    for (let i = 0; i < 200 && (await weir.status()).store?.state !== 'up'; i++) await pause(50);
  }

  async #kill(): Promise<void> {
    const draw = this.#random();
    const child = this.#childPid();
    if (draw < 0.55 && child !== null) {
      process.kill(child, 'SIGKILL');
      this.child_killed++;
    }
    if (draw >= 0.4) {
      await this.end();
      this.weir_killed++;
    }
    if (this.points % 5 === 0)
      this.#say(`  Weir killed ${this.weir_killed} times, its store ${this.child_killed} times`);
  }

  /** The store's process of now; null: it is not up, or has been killed already. */
  #childPid(): number | null {
    try {
      const { pid } = JSON.parse(readFileSync(join(this.data, 'store', 'endpoint.json'), 'utf8')) as { pid: number };
      process.kill(pid, 0);
      return pid;
    } catch {
      return null;
    }
  }

  /** Sends the last event, waits until everything is decided and in the store, and stops as a user does. */
  async finish(line: string, events: number): Promise<void> {
    const weir = await this.#started();
    assert.equal(await weir.post([line], 'one'), 200);
    const give_up_ms = performance.now() + 300_000;
    for (;;) {
      const { counters, store } = await weir.status();
      if (counters.accepted >= events && store?.state === 'up' && store.behind === 0) break;
      assert.ok(performance.now() < give_up_ms, JSON.stringify([counters, store]));
      await pause(100);
    }
    assert.equal(await weir.end('SIGINT'), 0);
    this.#weir = null;
  }

  async end(): Promise<void> {
    await this.#weir?.end('SIGKILL');
    this.#weir = null;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a run that knows of no crash says of the events: the cores of its detections, and rows of its table. */
function oracleOf(sent: readonly string[]): { cores: string[]; tableRows: number } {
  const { plan } = compile([{ path: 'kill.rule.sql', text: rules }]);
  assert.ok(plan);
  const program = buildProgram(plan);
  const run = new SortedRun(program, {});
  sent.forEach((line, position) => {
    run.add({ partition: 'one', position, received_at: Date.now(), bytes: Buffer.from(line) });
  });
  const found = [...run.finish()].flat();
  const cores = found.map((detection) => JSON.stringify(coreOf(toRecord(program, detection, { mode: 'backtest' }))));
  const events = sent.map((line) => JSON.parse(line) as { account_id: string; timestamp: number });
  const minutes = new Set(events.map(({ account_id, timestamp }) => `${account_id} ${Math.floor(timestamp / 60_000)}`));
  return { cores: cores.sort(), tableRows: minutes.size };
}

async function compare(sent: readonly string[], killed: KilledWeir): Promise<KillFigures> {
  const { cores, tableRows } = oracleOf(sent);
  const byId = new Map(sent.map((line) => [(JSON.parse(line) as { event_id: string }).event_id, line]));
  const published = detectionsOf(killed.data) as unknown as DetectionRecord[];
  assert.deepEqual(published.map((record) => JSON.stringify(coreOf(record))).sort(), cores, 'the alert file');
  const log = await readLog(join(killed.data, 'log'));
  const accepted = new Set(
    log.entries.flatMap(({ entry }) =>
      entry.kind === 'verdict' && entry.verdict === 'accepted' ? [entry.position] : [],
    ),
  );
  const inLog = log.records.filter(({ position }) => accepted.has(position)).map(({ record }) => text(record.bytes));
  assert.deepEqual(inLog.sort(), [...sent].sort(), 'the accepted records of the log');
  const store = new EmbeddedStore({ folder: join(killed.data, 'store') });
  try {
    const { url, writer: login } = await store.ready(60_000);
    assert.ok(login);
    const client = new StoreClient(() => ({ url, database: null, login }));
    const alerts = await client.rows<{ record: string }>('SELECT record FROM alerts');
    const inStore = alerts.map(({ record }) => JSON.stringify(coreOf(JSON.parse(record) as DetectionRecord)));
    const events = await client.rows<{ event_id: string; raw: string }>('SELECT event_id, raw FROM events');
    for (const { event_id, raw } of events) assert.equal(raw, byId.get(event_id));
    const count = async (table: string): Promise<number> =>
      Number((await client.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`))[0].n);
    const figures = [
      difference(inStore, cores),
      difference(
        events.map(({ event_id }) => event_id),
        [...byId.keys()],
      ),
      {
        lost: Math.max(0, tableRows - (await count('aggregates'))),
        doubled: Math.max(0, (await count('aggregates')) - tableRows),
      },
    ];
    const records = await count(
      '(SELECT 1 FROM events UNION ALL SELECT 1 FROM duplicate_events UNION ALL SELECT 1 FROM late_events UNION ALL SELECT 1 FROM dead_letters)',
    );
    assert.equal(records, log.records.length - 1, 'a row for every record of the log that has its verdict');
    await client.close();
    const { weir_killed, child_killed, sent_again } = killed;
    return {
      ...{ weir_killed, child_killed, sent: sent.length, sent_again, alerts: cores.length, table_rows: tableRows },
      lost: figures.reduce((sum, { lost }) => sum + lost, 0),
      doubled: figures.reduce((sum, { doubled }) => sum + doubled, 0),
    };
  } finally {
    await store.stop();
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** How many of `expected` are not there, and how many are there more than once or should not be. */
function difference(found: readonly string[], expected: readonly string[]): { lost: number; doubled: number } {
  const left = new Map<string, number>();
  for (const one of expected) left.set(one, (left.get(one) ?? 0) + 1);
  let doubled = 0;
  for (const one of found) {
    const n = left.get(one) ?? 0;
    if (n === 0) doubled++;
    else left.set(one, n - 1);
  }
  return { lost: [...left.values()].reduce((sum, n) => sum + n, 0), doubled };
}
