import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { WeirProcess } from './weir-process.ts';
import { wideEvents } from './wide-events.ts';
import { workload } from './workload.ts';

/** Events that are made before anything is sent; then they come again with other ids. */
const POOL = 1_000_000;
const AT_MOST = 8_192;
const PROBE_EVERY_MS = 5;

export interface Pace {
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly accounts: number;
  /** Every 5 ms one more event, `event_type` probe, of the account probe_0, probe_1, …: a rule may tell each of them. */
  readonly probes: boolean;
}

/** What became of what was sent. */
export interface Sent {
  readonly accepted: number;
  readonly others: number;
  /** By the number of the probe: when it was due, by performance.now(). */
  readonly due_ms: readonly number[];
  /** How far behind its rate the sender ended. */
  readonly behind_ms: number;
}

/** Events as bytes, with the places in them that differ from one sending to the next. */
class Pool {
  readonly #events: Buffer[];
  readonly #times: number[];
  readonly #id: number;
  #time_ms = -1;
  #time = Buffer.alloc(0);

  constructor({ rate, seconds, accounts }: Pace) {
    const events = Math.min(POOL, Math.ceil(rate * seconds));
    const options = { events, accounts, addresses: 300_000, seed: 42, rate, each_once: true };
    this.#events = Array.from(wideEvents(workload(options)), (event) => Buffer.from(`${JSON.stringify(event)}\n`));
    this.#times = this.#events.map((bytes) => bytes.indexOf('"timestamp":"') + '"timestamp":"'.length);
    this.#id = (this.#events[0] as Buffer).indexOf('"event_id":"') + '"event_id":"'.length;
  }

  /** Event `n` at this time; valid until the next lap. */
  at(n: number, time_ms: number): Buffer {
    const place = n % this.#events.length;
    const bytes = this.#events[place] as Buffer;
    // The ids of the first lap begin with e.
    bytes[this.#id] = 'e'.charCodeAt(0) + Math.floor(n / this.#events.length);
    this.isoOf(time_ms).copy(bytes, this.#times[place]);
    return bytes;
  }

  isoOf(time_ms: number): Buffer {
    if (time_ms !== this.#time_ms) {
      this.#time_ms = time_ms;
      this.#time = Buffer.from(new Date(time_ms).toISOString());
    }
    return this.#time;
  }
}

/**
 * Sends at a rate, as a collector with one connection does: what is due goes out together when the answer before it has
 * come, so that events come in their order. An event's time is when it was due, also where the sender is behind: waiting
 * for Weir counts as Weir's.
 */
export async function sendPaced(weir: WeirProcess, pace: Pace, begun: () => void = () => undefined): Promise<Sent> {
  const pool = new Pool(pace);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const total = Math.ceil(pace.rate * pace.seconds);
  const due_ms: number[] = [];
  let [accepted, others, next] = [0, 0, 0];
  begun();
  const [started, started_at] = [performance.now(), Date.now()];
  while (next < total) {
    const elapsed = performance.now() - started;
    const due = Math.min(total, next + AT_MOST, Math.floor((elapsed * pace.rate) / 1000));
    if (due === next) {
      await wait(1);
      continue;
    }
    const parts: Buffer[] = [];
    for (; next < due; next++) {
      const at_ms = (next * 1000) / pace.rate;
      while (pace.probes && due_ms.length * PROBE_EVERY_MS <= at_ms) {
        const probe_ms = due_ms.length * PROBE_EVERY_MS;
        parts.push(probe(due_ms.length, started_at + probe_ms));
        due_ms.push(started + probe_ms);
      }
      parts.push(pool.at(next, started_at + Math.floor(at_ms)));
    }
    const answer = await post(weir, agent, Buffer.concat(parts));
    accepted += answer.accepted;
    others += answer.others;
  }
  const behind_ms = performance.now() - started - pace.seconds * 1000;
  agent.destroy();
  return { accepted, others, due_ms, behind_ms };
}

function probe(n: number, time_ms: number): Buffer {
  const event = { event_id: `p${n}`, platform: 'web', event_type: 'probe', account_id: `probe_${n}` };
  return Buffer.from(`${JSON.stringify({ ...event, timestamp: new Date(time_ms).toISOString() })}\n`);
}

function post(weir: WeirProcess, agent: Agent, body: Buffer): Promise<{ accepted: number; others: number }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${weir.token}`,
      'content-type': 'application/x-ndjson',
      'content-length': body.length,
    };
    const sent = request(`${weir.url}/v1/events?partition=bench`, { method: 'POST', agent, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.once('error', reject);
      answer.once('end', () => {
        const text = Buffer.concat(parts).toString();
        if (answer.statusCode !== 200) return reject(new Error(`Weir answered ${answer.statusCode}: ${text}`));
        // The counts stand before the lines.
        const counts = /"accepted":(\d+),"duplicate":(\d+),"late":(\d+),"rejected":(\d+)/.exec(text);
        if (counts === null) return reject(new Error(`no counts in: ${text.slice(0, 200)}`));
        const [, accepted, ...others] = counts.map(Number);
        resolve({ accepted: accepted as number, others: others.reduce((sum, count) => sum + count, 0) });
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
