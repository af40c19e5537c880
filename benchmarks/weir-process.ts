import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoopTimes } from './loop-watch.ts';

const program = fileURLToPath(new URL('../ui-api/weir.mjs', import.meta.url));
const watch = new URL('./loop-watch.ts', import.meta.url).href;

/** A `weir run` in a process of its own, with the log on disk and without a store. */
export interface WeirProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** A GET of the API, as JSON or text. */
  get(path: string): Promise<string>;
  /** From now on its loop is timed. */
  beginWatch(): void;
  /** Ends it in order. Throws when it ended otherwise. */
  stop(): Promise<LoopTimes>;
  /** Ends it if it still runs, and takes its folder away. */
  close(): void;
}

/** Starts Weir with these rules; it listens when the promise resolves. */
export async function startWeir(rules: readonly string[], checkpoint_seconds = 30): Promise<WeirProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-process-'));
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'bench.rule.sql'), rules.join('\n'));
  const [data, times] = [join(folder, 'var'), join(folder, 'loop.json')];
  const flags = ['--data', data, '--port', '0', '--checkpoint-seconds', String(checkpoint_seconds)];
  const args = ['run', join(folder, 'rules'), ...flags];
  const child = spawn(process.execPath, ['--import', watch, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LOOP_WATCH: times, WEIR_STORE: 'off', WEIR_LOG_LEVEL: 'error' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const close = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  let url: string | undefined;
  for (; url === undefined; await wait(20)) {
    url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0];
    if (child.exitCode === null) continue;
    close();
    throw new Error(`Weir did not start:\n${said}`);
  }
  const token = readFileSync(join(data, 'token'), 'utf8').trim();
  const at = url;
  return {
    ...{ url, token, close, pid: child.pid as number },
    get: async (path) => (await fetch(`${at}${path}`, { headers: { authorization: `Bearer ${token}` } })).text(),
    beginWatch: () => child.kill('SIGUSR2'),
    stop: async () => {
      child.kill('SIGINT');
      const code = await ended;
      if (code !== 0) throw new Error(`Weir ended with ${code}:\n${said}`);
      return JSON.parse(readFileSync(times, 'utf8')) as LoopTimes;
    },
  };
}
