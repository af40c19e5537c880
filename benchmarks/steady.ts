import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** `npm run steady`: a whole Weir under the demo's traffic for some minutes, its memory every minute. */

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '2000' }, minutes: { type: 'string', default: '10' } },
});
const rate = Number(values.rate);
const minutes = Number(values.minutes);
if (!(rate >= 1) || !(minutes >= 1)) throw new Error('--rate and --minutes are numbers from 1 on');

/** The last third may hold so much more than the middle third at most, else memory grows without end. */
const most_growth = 1.15;
const sample_ms = 5000;
const megabyte = 1024 * 1024;

interface Status {
  readonly counters: Readonly<Record<'read' | 'accepted' | 'duplicate' | 'late' | 'rejected', number>>;
  readonly state_bytes: number;
  readonly behind_ms: number | null;
  readonly store: { readonly state: string; readonly behind: number } | null;
}

/** Resident memory in bytes of a process with its children, without the embedded store, and of that store. */
function residentBytes(root: number): { weir: number; store: number } {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']).toString().trim().split('\n');
  const processes = lines.map((line) => {
    const [pid, parent, kilobytes, ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), bytes: Number(kilobytes) * 1024, line: words.join(' ') };
  });
  const family = new Set([root]);
  // A child may stand before its parent.
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const sum = { weir: 0, store: 0 };
  for (const { pid, bytes, line } of processes) {
    if (family.has(pid)) sum[line.includes('embedded/child') ? 'store' : 'weir'] += bytes;
  }
  return sum;
}

const folder = mkdtempSync(join(tmpdir(), 'weir-steady-'));
const entry = new URL('../ui-api/weir.mjs', import.meta.url).pathname;
const args = ['run', '--demo', '--demo-rate', String(rate), '--data', folder, '--port', '0'];
const child = spawn(process.execPath, [entry, ...args], {
  cwd: new URL('..', import.meta.url).pathname,
  stdio: ['ignore', 'ignore', 'pipe'],
});
process.once('SIGINT', () => child.kill('SIGINT'));
let said = '';
child.stderr.on('data', (chunk: Buffer) => {
  said += chunk.toString();
});
const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
const print = (cells: readonly (string | number)[]): void => {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(11)).join('')}\n`);
};

async function address(): Promise<string> {
  for (;;) {
    const found = /http:\/\/[\d.]+:\d+/.exec(said);
    if (found !== null) return found[0];
    if (child.exitCode !== null) throw new Error(`Weir did not start:\n${said}`);
    await wait(50);
  }
}

/** One row a minute; gives the greatest memory of each. */
async function measure(url: string): Promise<number[]> {
  const authorization = `Bearer ${readFileSync(join(folder, 'token'), 'utf8').trim()}`;
  const most: number[] = [];
  let read = 0;
  print(['minute', 'events/s', 'Weir MB', 'store MB', 'state MB', 'behind s', 'late', 'rejected', 'in store']);
  for (let minute = 1; minute <= minutes && child.exitCode === null; minute++) {
    const peak = { weir: 0, store: 0 };
    for (const until = performance.now() + 60_000; performance.now() < until; await wait(sample_ms)) {
      const { weir, store } = residentBytes(child.pid as number);
      peak.weir = Math.max(peak.weir, weir);
      peak.store = Math.max(peak.store, store);
    }
    const answer = await fetch(`${url}/v1/status`, { headers: { authorization } });
    const status = (await answer.json()) as Status;
    const { counters, state_bytes, behind_ms, store } = status;
    const [weir_mb, store_mb] = [peak.weir, peak.store].map((bytes) => Math.round(bytes / megabyte));
    const behind = ((behind_ms ?? 0) / 1000).toFixed(1);
    const in_store = store === null || store.state !== 'up' ? (store?.state ?? 'off') : `-${store.behind}`;
    const per_second = Math.round((counters.read - read) / 60);
    const state_mb = Math.round(state_bytes / megabyte);
    print([minute, per_second, weir_mb, store_mb, state_mb, behind, counters.late, counters.rejected, in_store]);
    read = counters.read;
    most.push(peak.weir);
  }
  return most;
}

try {
  const most = await measure(await address()).catch(async (error: unknown) => {
    throw new Error(`Weir ended in the middle with ${await Promise.race([ended, wait(5000, 'nothing')])}:\n${said}`, {
      cause: error,
    });
  });
  child.kill('SIGINT');
  const code = await ended;
  const third = Math.max(1, Math.floor(most.length / 3));
  const middle = Math.max(...most.slice(-2 * third, -third));
  const last = Math.max(...most.slice(-third));
  const growth = last / middle;
  const isSteady = code === 0 && most.length === minutes && growth <= most_growth;
  const figure = `the last third's most is ${growth.toFixed(2)} times that of the third before (at most ${most_growth})`;
  process.stdout.write(`${isSteady ? 'steady' : 'NOT STEADY'}: ${figure}; ended with ${code}\n`);
  process.exitCode = isSteady ? 0 : 1;
} finally {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
