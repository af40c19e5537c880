import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from '../../at-end.ts';

const entry = new URL('../../../ui-api/weir.mjs', import.meta.url).pathname;

/** A stream that is quick to go idle, and a rule that fires at the third failure within a minute. */
const rules = {
  'rules/streams/events.stream.sql': 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;\n',
  'rules/auth/guessing.rule.sql': `CREATE RULE guessing TITLE 'Guessing on {account_id}' SEVERITY medium AS
SELECT account_id, count(*) AS failures FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id WINDOW SLIDING 1 MINUTES HAVING failures >= 3;\n`,
};

/** A folder of its own with rules in it, and further files. */
export function workFolder(context: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ ...rules, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The environment of a user who has set nothing. */
function plainEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  // Without the store, which has tests of its own: it takes a quarter of a gigabyte and a second for each start.
  return { PATH: process.env.PATH, HOME: process.env.HOME, WEIR_STORE: 'off', ...extra };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `weir` whose output is kept. */
export class SpawnedWeir {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  /** @param node options of the Node that is started first */
  constructor(
    context: TestContext,
    folder: string,
    args: readonly string[],
    extra: Record<string, string> = {},
    node: readonly string[] = [],
  ) {
    this.child = spawn(process.execPath, [...node, entry, ...args], { cwd: folder, env: plainEnvironment(extra) });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#ended = new Promise((resolve) => {
      this.child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
    atEnd(context, () => {
      this.child.kill('SIGKILL');
      return this.#ended;
    });
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Resolves when stdout or stderr has such a text; rejects when the process ends before. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(`${this.stderr}\n${this.stdout}`);
      if (found !== null) return found;
      const now = await Promise.race([this.#ended, new Promise((resolve) => setTimeout(resolve, 20, null))]);
      if (now !== null && pattern.exec(`${this.stderr}\n${this.stdout}`) === null) {
        throw new Error(`weir ended without printing ${pattern}:\n${this.stderr}\n${this.stdout}`);
      }
    }
  }
}

/** Runs a command to its end. */
export function weir(
  context: TestContext,
  folder: string,
  args: readonly string[],
  extra: Record<string, string> = {},
): Promise<Ended> {
  return new SpawnedWeir(context, folder, args, extra).ended();
}

/** The plain way, for what must hold of a shell pipe: status and output of `sh -c`. */
export function shell(folder: string, command: string): string {
  const line = command.replaceAll('weir ', `"${process.execPath}" "${entry}" `);
  return execFileSync('sh', ['-c', line], { cwd: folder, env: plainEnvironment({}) }).toString();
}

/** What `sh` prints for a command that Weir told a user to type, in a shell that knows nothing of the one before. */
export function typed(folder: string, command: string): string {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  return execFileSync('sh', ['-c', command], { cwd: folder, env }).toString();
}

/** `count` failed logins of an account, a second apart, as NDJSON. */
export function failures(account_id: string, count: number, start_ms: number, prefix = 'e'): string {
  return Array.from({ length: count }, (_, i) => {
    const event = {
      event_id: `${prefix}${i}`,
      timestamp: start_ms + i * 1000,
      platform: 'inhouse',
      event_type: 'login',
      account_id,
      auth: { result: 'fail' },
    };
    return `${JSON.stringify(event)}\n`;
  }).join('');
}

/** Whether a machine has a program; one that is missing is named in the test's output. */
export function hasProgram(context: TestContext, name: string): boolean {
  const { status } = spawnSync('sh', ['-c', `command -v ${name}`]);
  if (status !== 0) context.diagnostic(`what needs ${name} was not run: it is not installed here`);
  return status === 0;
}
