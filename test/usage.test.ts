import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

test('the long runs say how they are used, and end with 2 on wrong use', () => {
  for (const [script, wrong, said] of [
    ['test/simulation/soak.ts', ['nonsuch'], 'there is no soak nonsuch'],
    ['test/fuzz.ts', ['--count', 'many'], '--first and --count are whole numbers'],
    ['benchmarks/steady.ts', ['--minutes', '2'], '2 minutes are too short to say'],
    ['benchmarks/steady.ts', ['--bad'], "Unknown option '--bad'"],
  ] as const) {
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [join(root, script), ...args], { encoding: 'utf8', timeout: 60_000 });
    const help = run('--help');
    assert.deepEqual([help.status, help.stderr], [0, ''], script);
    assert.match(help.stdout, /^npm run .*\[/);
    const { status, stdout, stderr } = run(...wrong);
    assert.deepEqual([status, stdout], [2, ''], script);
    assert.ok(stderr.startsWith(`error: ${said}`) && stderr.includes(help.stdout.trimEnd()), stderr);
  }
});
