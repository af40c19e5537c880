import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mock } from 'node:test';
import type { Processes } from '../../connectors/index.ts';
import { buildProgram, compile } from '../../dsl/index.ts';
import { coreOf, type DetectionRecord, ManualClock, type Program } from '../../engine/index.ts';
import { compose } from '../../ui-api/compose.ts';
import { dataPaths, readConfig } from '../../ui-api/config.ts';
import type { Weir } from '../../ui-api/live/weir.ts';
import type { FaultyFiles } from '../connectors/files/faulty-files.ts';
import { backtestOfLog, readLog } from './log-backtest.ts';

const start_ms = Date.parse('2026-03-01T10:00:00Z');

const rules = `CREATE STREAM events LATENESS 1 SECONDS IDLE 5 SECONDS;
CREATE RULE guessing AS SELECT account_id, count(*) AS failures FROM events
WHERE result = 'fail' GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING failures >= 3;
CREATE RULE busy AS SELECT actor.ip, count(*) AS events FROM events
GROUP BY actor.ip WINDOW TUMBLING 1 MINUTES HAVING events >= 2 EMIT AT END;
CREATE RULE success AS SELECT account_id FROM events WHERE result = 'success';
`;

function compiled(): Program {
  const { plan, diagnostics } = compile([{ path: 'crash.rule.sql', text: rules }]);
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return buildProgram(plan);
}

export const program = compiled();

function event(second: number, account_id: string, result: string, id = `${account_id}${second}`): string {
  const timestamp = start_ms + second * 1000;
  const fields = { event_id: id, timestamp, platform: 'inhouse', event_type: 'login', account_id };
  return JSON.stringify({ ...fields, actor: { ip: `192.0.2.${second % 3}` }, auth: { result } });
}

const overLong = `{"account_id":"${'x'.repeat(300 * 1024)}"}`;

const token = 'the-token-of-this-test';

/** What a client and the time of day do. A step that was not done is done again after a restart: ids make it harmless. */
type Step = { readonly post: readonly string[] } | { readonly advance_s: number };

export const script: readonly Step[] = [
  { post: [event(0, 'ann', 'fail'), event(1, 'ann', 'fail'), '{"broken', event(2, 'ann', 'fail')] },
  { post: [event(9, 'bob', 'success'), event(8, 'bob', 'fail')] },
  { advance_s: 31 },
  { post: [event(20, 'cid', 'fail'), event(20, 'cid', 'fail'), overLong, event(21, 'cid', 'fail')] },
  { post: [event(22, 'cid', 'fail'), event(1, 'late', 'fail'), event(30, 'bob', 'success')] },
  { advance_s: 31 },
  { post: [event(40, 'dee', 'success'), '[]', event(70, 'ann', 'fail')] },
  { post: [event(71, 'ann', 'fail'), event(72, 'ann', 'fail'), event(71, 'ann', 'success')] },
  { advance_s: 86_400 },
];

/** Every life is a process of its own; the earlier ones are dead. */
function processOf(number: number): Processes {
  return { pid: number, started: '1', startOf: (pid) => (pid === number ? '1' : null) };
}

/** One history of one data folder, over several lives. */
export class History {
  readonly #clock = new ManualClock(start_ms + 60_000);
  #lives = 0;
  /** Steps done so far. */
  #done = 0;
  readonly #acknowledged: string[] = [];

  /** Starts on these files, goes on with the script to its end, and stops. Gives what broke it, or null. */
  async live(files: FaultyFiles): Promise<Error | null> {
    let weir: Weir;
    try {
      weir = await this.#start(files);
    } catch (error) {
      return error as Error;
    }
    let failure: Error | null = null;
    weir.finished.catch((error: Error) => {
      failure = error;
    });
    try {
      // The loop's first turn is over: the clock must not move in the middle of it.
      await idle(files);
      while (this.#done < script.length && (await this.#step(weir, files, script[this.#done]))) this.#done++;
      if (failure === null && this.#done === script.length) checkCounters(weir);
      else await checkRefusal(weir);
    } finally {
      await weir.stop().catch((error: Error) => {
        failure ??= error;
      });
    }
    return failure;
  }

  async #start(files: FaultyFiles): Promise<Weir> {
    const flags = { data: files.root, port: 0, log_level: 'silent', token };
    const config = readConfig({ flags, environment: {}, folder: files.root });
    const { weir } = await compose({
      ...{ config, program, version: '0.0.0', clock: this.#clock, files, processes: processOf(++this.#lives) },
      report: () => undefined,
      replaying: () => undefined,
    });
    return weir;
  }

  /** False when Weir did not take it. */
  async #step(weir: Weir, files: FaultyFiles, step: Step): Promise<boolean> {
    if ('advance_s' in step) {
      this.#clock.advance(step.advance_s * 1000);
      // Two wakes: the partition steps aside, then the clock ticks on.
      for (let wakes = 0; wakes < (step.advance_s > 3600 ? 2 : 0); wakes++) {
        this.#clock.advance(2000);
        mock.timers.tick(250);
        await idle(files);
      }
      return weir.status().state === 'running';
    }
    const response = await post(weir, step.post);
    const body = await response.text();
    await idle(files);
    if (response.status !== 200) return false;
    assert.equal((JSON.parse(body) as { read: number }).read, step.post.length);
    this.#acknowledged.push(...step.post);
    return true;
  }

  /** Holds the files at rest against what was acknowledged, and against a backtest of the log. */
  async check(root: string, expected: readonly unknown[] | null): Promise<unknown[]> {
    const paths = dataPaths(root);
    const log = await readLog(paths.log);
    const texts = log.records.map(({ record }) => new TextDecoder().decode(record.bytes));
    const held = new Set(texts);
    for (const line of this.#acknowledged) {
      assert.ok(held.has(line.slice(0, 256 * 1024 + 1)), `acknowledged, and not in the log: ${line.slice(0, 100)}`);
    }
    const published = linesOf(paths.detections) as unknown as DetectionRecord[];
    const ids = published.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'a detection stands twice');
    const cores = published.map(coreOf);
    assert.deepEqual(cores, await backtestOfLog(program, log), 'the live detections differ from a backtest of the log');
    if (expected !== null)
      assert.deepEqual(cores, expected, 'the detections differ from those of a run without a crash');
    const letters = new Map(linesOf(paths.dead_letters).map((letter) => [letter.position, letter]));
    const rejected = log.records.filter((_, i) => !texts[i].startsWith('{"event_id"'));
    assert.deepEqual([...letters.keys()].sort(), rejected.map(({ position }) => position).sort(), 'dead letters');
    for (const { position, record } of rejected) {
      const { bytes, length } = letters.get(position) as { bytes: string; length: number };
      assert.deepEqual(Buffer.from(bytes, 'base64'), Buffer.from(record.bytes));
      assert.equal(length, record.length ?? record.bytes.length);
    }
    return cores;
  }
}

function linesOf(path: string): Record<string, unknown>[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function post(weir: Weir, lines: readonly string[]): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${weir.url}/v1/events?partition=p`, { method: 'POST', headers, body: lines.join('\n') });
}

function checkCounters(weir: Weir): void {
  const { read, accepted, duplicate, late, rejected } = weir.status().counters;
  assert.equal(accepted + duplicate + late + rejected, read, 'the four counters add up to what was read');
}

/** A Weir that broke acknowledges nothing more, and says so. */
async function checkRefusal(weir: Weir): Promise<void> {
  const response = await post(weir, [event(80, 'eve', 'fail')]);
  const body = (await response.json()) as { code: string; detail: string };
  assert.equal(response.status, 503);
  assert.equal(body.code, 'not_accepting');
  assert.match(body.detail, /^Weir stopped/);
}

/** Until the loop has nothing more to do: between two of its file calls there are only microtasks. */
async function idle(files: FaultyFiles): Promise<void> {
  do {
    await new Promise((resolve) => setImmediate(resolve));
  } while (!files.isIdle);
}
