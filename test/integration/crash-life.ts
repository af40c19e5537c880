import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Processes } from '../../connectors/index.ts';
import { type LookupContent, lookupContent, ManualClock, type Program } from '../../engine/index.ts';
import { compose } from '../../ui-api/compose.ts';
import { readConfig } from '../../ui-api/config.ts';
import type { LookupFiles } from '../../ui-api/live/lookup-watch.ts';
import type { Weir } from '../../ui-api/live/weir.ts';
import type { FaultyFiles } from '../connectors/files/faulty-files.ts';
import { type CrashWorld, event, type Step, start_ms } from './crash-worlds.ts';

const token = 'the-token-of-this-test';

/** Every life is a process of its own; the earlier ones are dead. */
function processOf(number: number): Processes {
  return { pid: number, started: '1', startOf: (pid) => (pid === number ? '1' : null) };
}

/** The file of the lookup, which outlives every Weir. */
class NamesFile implements LookupFiles {
  #names: readonly string[] = [];
  #written = 0;

  set(names: readonly string[]): void {
    this.#names = names;
    this.#written++;
  }

  stamp(): string {
    return String(this.#written);
  }

  read(): { readonly contents: readonly LookupContent[]; readonly problems: readonly string[] } {
    const rows = this.#names.map((name) => [name]);
    return { contents: [lookupContent('watched', [{ name: 'name', type: 'string' }], rows)], problems: [] };
  }
}

/** One history of one data folder, over several lives. */
export class History {
  readonly #world: CrashWorld;
  readonly #clock = new ManualClock(start_ms + 60_000);
  readonly #names = new NamesFile();
  #lives = 0;
  /** Steps done so far. */
  #done = 0;
  readonly acknowledged: string[] = [];

  constructor(world: CrashWorld) {
    this.#world = world;
  }

  /** Starts on these files, goes on with the script to its end, and stops. Gives what broke it, or null. */
  async live(files: FaultyFiles, program: Program = this.#world.program): Promise<Error | null> {
    const { script } = this.#world;
    let weir: Weir;
    try {
      weir = await this.#start(files, program);
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

  async #start(files: FaultyFiles, program: Program): Promise<Weir> {
    const flags = { data: files.root, port: 0, log_level: 'silent', token };
    const config = readConfig({ flags, environment: {}, folder: files.root });
    const { weir } = await compose({
      ...{ config, program, version: '0.0.0', clock: this.#clock, files, processes: processOf(++this.#lives) },
      ...((program.lookups ?? []).length === 0 ? {} : { lookups: this.#names }),
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
    if ('names' in step) {
      this.#names.set(step.names);
      // Two looks: a file is read when it has come to rest.
      for (let looks = 0; looks < 2; looks++) {
        this.#clock.advance(2000);
        mock.timers.tick(2000);
        await idle(files);
      }
      return weir.status().state === 'running';
    }
    const response = await post(weir, step.post);
    const body = await response.text();
    await idle(files);
    if (response.status !== 200) return false;
    assert.equal((JSON.parse(body) as { read: number }).read, step.post.length);
    this.acknowledged.push(...step.post);
    return true;
  }
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
