import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinPath, nameOf, parentOf } from '../../../dsl/packs/path.ts';

test('the folder above, up to the root and out of the folder one is in', () => {
  assert.equal(parentOf('rules/auth'), 'rules');
  assert.equal(parentOf('rules'), '.');
  assert.equal(parentOf('.'), '..');
  assert.equal(parentOf('..'), '../..');
  assert.equal(parentOf('/a'), '/');
  assert.equal(parentOf('/'), null);
});

test('joining and naming', () => {
  assert.equal(joinPath('.', 'x'), 'x');
  assert.equal(joinPath('/', 'x'), '/x');
  assert.equal(joinPath('a/b', 'x'), 'a/b/x');
  assert.equal(nameOf('a/b.sql'), 'b.sql');
});
