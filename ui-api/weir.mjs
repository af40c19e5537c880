#!/usr/bin/env node
/**
 * The entry of `weir`: plain JavaScript that any Node >= 16 can read. Weir is TypeScript that Node runs without a build
 * step, which wants Node 24 or newer; where `node` is older, the Node that comes with the project as an npm package
 * (node_modules/.bin/node) runs the same command.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const leastMajor = 24;
const self = fileURLToPath(import.meta.url);

/** The Node of the project's own packages, or that of a project that has Weir among its dependencies. */
function packagedNode() {
  for (let folder = dirname(self); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', '.bin', 'node');
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return null;
  }
}

function runWith(node) {
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    // The channel says nothing: it ends with this process, and endsWithStarter() notices.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, WEIR_NODE_CHOSEN: '1' },
  });
  // A terminal sends Ctrl-C to the whole group, the child included; what is sent to this process alone is passed on.
  const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR2'];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('error', (error) => {
    process.stderr.write(
      `error: ${node} does not start: ${error.message}\n  hint: install Node ${leastMajor} or newer\n`,
    );
    process.exitCode = 3;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 3) : 128 + (constants.signals[signal] ?? 0);
  });
}

/** Whoever ends the process that was started, by kill -9 too, means this one: it stops as it does when it is asked to. */
function endsWithStarter() {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

const major = Number(process.versions.node.split('.')[0]);
if (major >= leastMajor) {
  if (process.env.WEIR_NODE_CHOSEN === '1' && process.connected) endsWithStarter();
  // Compiled code, types stripped, is kept where only the project's owner writes: a start takes half the time.
  module.enableCompileCache(join(dirname(self), '..', 'node_modules', '.cache', 'weir'));
  await import('./main.ts');
} else {
  const node = process.env.WEIR_NODE_CHOSEN === '1' ? null : packagedNode();
  if (node === null) {
    process.stderr.write(
      `error: Weir needs Node ${leastMajor} or newer, this is ${process.version}\n` +
        '  hint: `npm ci` brings a Node of its own on Linux and macOS; else install one from https://nodejs.org\n',
    );
    process.exitCode = 2;
  } else {
    runWith(node);
  }
}
