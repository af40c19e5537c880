import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** Runs a property of ten cases in a process of its own; the fourth does what `fourth` says. */
function run(fourth: string) {
  const script = `
    import { runProperty } from ${here('./run-property.ts')};
    import { parityCase } from ${here('./arbitrary.ts')};
    let cases = 0;
    const check = () => { if (++cases === 4) { ${fourth} } };
    runProperty('watched', { cases: parityCase, check }, 77, 10, 500);
    process.stdout.write(cases + ' cases');`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 120_000 });
}

test('a random case that does not end is named, with its seed and its rules, and ends its process', () => {
  const { signal, stdout, stderr } = run('for (;;);');
  assert.equal(signal, 'SIGKILL', stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /does not end.* WEIRTEST_PARITY_SEED=77 repeats it/);
  assert.match(stderr, /CREATE (RULE|VIEW|TABLE) \w+/);
  assert.match(stderr, /\{"lateness":/);
});

test('cases that end are left alone, and the watchdog does not keep their process', () => {
  const { status, stdout, stderr } = run('');
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '10 cases');
});
