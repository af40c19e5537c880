import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { instanceProof } from '../api/token.ts';
import type { Config } from '../config.ts';
import { dataPaths } from '../config.ts';
import type { Shell } from './command.ts';
import { faultError, usageError } from './exit.ts';

/** One line's result, as POST /v1/events answers it. */
export interface LineAnswer {
  readonly line: number;
  readonly status: 'accepted' | 'duplicate' | 'late' | 'rejected';
  readonly reason?: string;
  readonly message?: string;
}

/** Attempts at one batch before giving up. */
const attempts = 62;
/**
 * Shorter than a stream's IDLE (5 seconds where nothing is said): a source that is silent for longer steps aside, and what
 * it then sends of the past is late.
 */
const longest_wait_ms = 2_000;

/** Before the attempt of this number, from 1; nobody waits before attempt 0. */
function waitBefore_ms(attempt: number): number {
  return Math.min(longest_wait_ms, 250 * 2 ** attempt);
}

/** So long one batch is sent again and again where every connection is refused at once. */
const patience_ms = Array.from({ length: attempts - 1 }, (_, i) => waitBefore_ms(i + 1)).reduce((a, b) => a + b);

/** A running Weir, spoken to over HTTP. */
export class WeirClient {
  readonly url: string;
  readonly #token: string;
  readonly #signal: AbortSignal | undefined;
  readonly #unanswered: (why: string) => void;
  #is_answering = true;

  /**
   * `signal` ends a send(), its waits too: it throws then. `unanswered` is told, once until something answers again, that
   * a request found nobody (why: `ECONNREFUSED`) and is sent again.
   */
  constructor(url: string, token: string, signal?: AbortSignal, unanswered: (why: string) => void = () => undefined) {
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#signal = signal;
    this.#unanswered = unanswered;
  }

  /**
   * Who answers at the address: nobody (or what is no Weir), the Weir with this token, or another one. The token does
   * not leave this process: the answer has to prove that it is known there.
   */
  static async whoAnswers(url: string, token: () => string): Promise<'nobody' | 'this_weir' | 'another'> {
    const nonce = randomBytes(16).toString('hex');
    let body: { status?: unknown; proof?: unknown };
    try {
      const answer = await fetch(`${url}/v1/health?nonce=${nonce}`, {
        signal: AbortSignal.timeout(3000),
        redirect: 'error',
      });
      body = (await answer.json()) as { status?: unknown; proof?: unknown };
      if (!answer.ok || body.status !== 'alive') return 'nobody';
    } catch {
      return 'nobody';
    }
    // URL leaves out the port that is usual for http.
    const port = Number(new URL(url).port || 80);
    return body.proof === instanceProof(token(), nonce, port) ? 'this_weir' : 'another';
  }

  /** @throws CliError when nothing listens at the address: waiting for it would take minutes and say the same. */
  static async mustAnswer(url: string, hint: string): Promise<void> {
    if (!/^https?:\/\/./.test(url)) throw usageError(`${url} is no address of a Weir`, `write http://${url}`);
    try {
      await fetch(`${url.replace(/\/+$/, '')}/v1/health`, { signal: AbortSignal.timeout(3000), redirect: 'manual' });
    } catch (error) {
      const code = codeOf(error);
      const why = code === null ? '' : ` (${code})`;
      throw faultError(`nothing answers at ${url}${why}`, hint);
    }
  }

  /**
   * Sends lines of one partition and gives each one's result. What is refused for now (429, 503, no connection) is sent
   * again: every line must have an id of its own, so that none counts twice.
   * @throws CliError when it is refused for good.
   */
  async send(partition: string, lines: readonly Uint8Array[]): Promise<LineAnswer[]> {
    const body = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
    let problem = '';
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await this.#wait(waitBefore_ms(attempt));
      let answer: Response;
      try {
        answer = await fetch(`${this.url}/v1/events?partition=${encodeURIComponent(partition)}`, {
          method: 'POST',
          ...{ body, signal: this.#signal ?? null },
          headers: {
            authorization: `Bearer ${this.#token}`,
            accept: 'application/x-ndjson',
            'content-type': 'application/x-ndjson',
          },
        });
        if (answer.ok) {
          const answers = parseAnswers(await answer.text());
          this.#is_answering = true;
          return answers;
        }
      } catch (error) {
        this.#signal?.throwIfAborted();
        problem = error instanceof Error ? String(error.cause ?? error.message) : String(error);
        if (this.#is_answering) this.#unanswered(codeOf(error) ?? problem);
        this.#is_answering = false;
        continue;
      }
      // A Weir that is stopping says 503, and then nothing.
      if (answer.status !== 503) this.#is_answering = true;
      const refusal = await readRefusal(answer);
      if (answer.status !== 429 && answer.status !== 503) throw usageError(refusal.message, refusal.hint);
      problem = refusal.message;
      await this.#wait(1000 * Number(answer.headers.get('retry-after') ?? 0));
    }
    throw faultError(
      `${this.url} took no more: ${problem}`,
      'run the same command again later: lines that arrived are not counted twice',
    );
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, this.#signal === undefined ? {} : { signal: this.#signal });
  }
}

/** Said once when a Weir that was there answers no more: why, how long it goes on, and what to do. */
export function unansweredText(url: string, why: string): string {
  const minutes = Math.ceil(patience_ms / 60_000);
  return (
    `  no answer from ${url} (${why}), trying again for up to ${minutes} minutes: start that Weir again, or end this with ` +
    'Ctrl-C, which says what it took'
  );
}

/** What the system calls the fault of a connection; null: it has no name for it. */
function codeOf(error: unknown): string | null {
  return (error as { cause?: { code?: string } }).cause?.code ?? null;
}

async function readRefusal(answer: Response): Promise<{ message: string; hint: string | null }> {
  const text = await answer.text();
  try {
    const { detail, hint } = JSON.parse(text) as { detail: string; hint: string };
    return { message: detail, hint };
  } catch {
    return { message: `the answer was ${answer.status}, and not from Weir`, hint: 'check --url' };
  }
}

function parseAnswers(text: string): LineAnswer[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LineAnswer);
}

/** What a command found that wants to send to a Weir. */
export interface FoundWeir {
  readonly url: string;
  /** `another`: what answers there cannot prove that it knows the token, and must not be told it. */
  readonly who: 'nobody' | 'this_weir' | 'another';
}

/**
 * The Weir of this data folder: where the settings say that it listens, else, when it was started with another port, where
 * it wrote into the folder that it does; `shell` is told that. An address that was named (`--url`) is trusted.
 * @throws CliError when nothing listens at an address that was named
 */
export async function findWeir(
  config: Config,
  named: string | undefined,
  token: () => string,
  { stderr }: Pick<Shell, 'stderr'>,
): Promise<FoundWeir> {
  if (named !== undefined) {
    await WeirClient.mustAnswer(named, 'start `weir run`; one that runs says its address in its first line');
    return { url: named, who: 'this_weir' };
  }
  const url = configuredUrl(config);
  const who = await WeirClient.whoAnswers(url, token);
  const there = who === 'this_weir' ? null : await addressInFolder(config, token);
  if (there === null) return { url, who };
  stderr.line(`  the Weir of ${config.data} runs at ${there}`);
  return { url: there, who: 'this_weir' };
}

/** Where Weir listens when it is started with these settings. */
function configuredUrl(config: Config): string {
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
}

/** What the Weir of this data folder wrote there; null: it does not run, or what answers cannot prove that it knows the token. */
async function addressInFolder(config: Config, token: () => string): Promise<string | null> {
  let url: string;
  try {
    url = readFileSync(dataPaths(config.data).address, 'utf8').trim();
  } catch {
    return null;
  }
  if (!/^http:\/\/\S+$/.test(url)) return null;
  return (await WeirClient.whoAnswers(url, token)) === 'this_weir' ? url : null;
}

/** The token: of the settings, else from the file (the data folder's unless another is named). */
export function readToken(config: Config, file: string | undefined): string {
  if (file === undefined && config.token !== null) return config.token;
  const path = file ?? dataPaths(config.data).token;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (file !== undefined) {
      throw usageError(
        `the token cannot be read from ${file}: ${(error as Error).message}`,
        `check --token-file ${file}`,
      );
    }
    throw usageError(
      `the token cannot be read: ${(error as Error).message}`,
      'give --token-file, or run in the folder where `weir run` was started (or with its WEIR_DATA)',
    );
  }
}
