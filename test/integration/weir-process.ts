import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface ProcessStatus {
  readonly watermark: string | null;
  readonly counters: Record<string, number>;
  readonly store: { readonly state: string; readonly behind: number } | null;
}

/** A real `weir run` in a process of its own, as a user starts it. */
export class WeirProcess {
  readonly #child: ChildProcess;
  readonly #data: string;
  readonly url: string;
  #stderr: string;

  private constructor(child: ChildProcess, data: string, url: string, stderr: string) {
    this.#child = child;
    this.#data = data;
    this.url = url;
    this.#stderr = stderr;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
  }

  /** Resolves when the API listens; rejects with what the process printed when it ended before. */
  static start(
    rules: readonly string[],
    data: string,
    flags: readonly string[] = [],
    store: 'off' | 'embedded' = 'off',
  ): Promise<WeirProcess> {
    const entry = new URL('../../ui-api/weir.mjs', import.meta.url).pathname;
    const args = [entry, 'run', ...rules, '--data', data, '--port', '0', '--format', 'ndjson', ...flags];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, WEIR_STORE: store },
    });
    return new Promise((resolve, reject) => {
      let stderr = '';
      const onData = (chunk: Buffer) => {
        stderr += chunk.toString();
        const url = /http:\/\/[\d.]+:\d+/.exec(stderr);
        if (!url) return;
        child.stderr?.off('data', onData);
        resolve(new WeirProcess(child, data, url[0], stderr));
      };
      child.stderr?.on('data', onData);
      child.once('exit', (code) => reject(new Error(`weir run ended with ${code}:\n${stderr}`)));
      child.once('error', reject);
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  get #token(): string {
    return readFileSync(join(this.#data, 'token'), 'utf8').trim();
  }

  /** Sends lines and resolves with the status of the answer. */
  async post(lines: readonly string[], partition: string): Promise<number> {
    const response = await fetch(`${this.url}/v1/events?partition=${partition}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async status(): Promise<ProcessStatus> {
    const response = await fetch(`${this.url}/v1/status`, { headers: { authorization: `Bearer ${this.#token}` } });
    return (await response.json()) as ProcessStatus;
  }

  /** Ends the process by a signal and waits until it is gone; the exit code, null after kill -9. */
  end(signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve(this.#child.exitCode);
    return new Promise((resolve) => {
      this.#child.once('exit', (code) => resolve(code));
      this.#child.kill(signal);
    });
  }
}

/** The published detections that a run has written. */
export function detectionsOf(data: string): Record<string, unknown>[] {
  const file = join(data, 'detections.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
