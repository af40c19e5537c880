import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RuleVersions } from '../../../ui-api/deploy/rule-versions.ts';
import { atEnd } from '../../at-end.ts';

test('a program is kept with its files, each text once, and found by a rule’s plan after a restart and a torn line', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-versions-'));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'versions.ndjson');
  const versions = new RuleVersions(path);
  const at = '2026-01-01T00:00:00.000Z';
  const facts = { at, how: 'start', by: null, because: null, path: 'a.sql' } as const;
  const stream = { path: 'stream.sql', text: 'CREATE STREAM events' };
  const first = { path: 'a.sql', text: 'one' };
  versions.add([{ ...facts, rule: 'a', plan_hash: 'p1', text: 'one' }]);
  versions.addProgram({ at, plans: [['a', 'p1']], files: [first, stream] });
  versions.addProgram({ at: 'later', plans: [['a', 'p1']], files: [first, stream] });
  const second = { path: 'a.sql', text: 'two' };
  versions.add([{ ...facts, rule: 'a', plan_hash: 'p2', text: 'two' }]);
  versions.addProgram({ at, plans: [['a', 'p2']], files: [second, stream] });
  appendFileSync(path, '{"at":"torn","plans":[["a","p3"');

  const again = new RuleVersions(path);
  assert.deepEqual(again.programWith('a', 'p1'), { at, plans: [['a', 'p1']], files: [first, stream] });
  assert.deepEqual(again.programWith('a', 'p2')?.files, [second, stream]);
  assert.equal(again.programWith('a', 'p3'), null);
  assert.equal(again.programWith('b', 'p1'), null);
  assert.deepEqual(
    again.of('a').map(({ plan_hash }) => plan_hash),
    ['p2', 'p1'],
  );
  again.addProgram({ at, plans: [['a', 'p4']], files: [first] });
  assert.equal(new RuleVersions(path).programWith('a', 'p4')?.files.length, 1, 'a line after the torn one is whole');
  const text = readFileSync(path, 'utf8');
  assert.equal(text.split('CREATE STREAM events').length - 1, 1, 'each text is there once');
});
