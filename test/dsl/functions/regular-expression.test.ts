import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functions } from '../../../dsl/functions/index.ts';
import { call } from './call.ts';

test('~ matches somewhere in the text, by code points', () => {
  assert.equal(call('matches', 'svc_backup', '^svc_'), true);
  assert.equal(call('matches', 'my svc_backup', '^svc_'), false);
  assert.equal(call('matches', '😀b', '^.b$'), true);
  assert.equal(call('matches', 'ABC', '(?i)abc'), true);
});

test('a pattern made to be slow is not: RE2 has no way back', () => {
  assert.equal(call('matches', `${'a'.repeat(5_000)}!`, '^(a+)+$'), false);
});

test('regexp_extract gives the first group, or the one asked for', () => {
  assert.equal(call('regexp_extract', 'Chrome/120.0', 'Chrome/([0-9]+)\\.([0-9]+)'), '120');
  assert.equal(call('regexp_extract', 'Chrome/120.0', 'Chrome/([0-9]+)\\.([0-9]+)', 2), '0');
  assert.equal(call('regexp_extract', 'Chrome/120.0', 'Chrome/([0-9]+)', 0), 'Chrome/120');
  assert.equal(call('regexp_extract', 'Chrome/120.0', '[0-9]+'), '120');
  assert.equal(call('regexp_extract', 'Firefox', '[0-9]+'), null);
  assert.equal(call('regexp_extract', 'Chrome/120.0', '[0-9]+', 3), null);
});

test('regexp_replace replaces every match and knows groups as \\1', () => {
  assert.equal(call('regexp_replace', 'acct_17 acct_18', '([a-z]+)_([0-9]+)', '\\2 of \\1'), '17 of acct 18 of acct');
  assert.equal(call('regexp_replace', 'a1b2', '[0-9]', '$&\\\\'), 'a$&\\b$&\\');
  assert.equal(call('regexp_replace', 'abc', 'x*', '-'), '-a-b-c-');
});

test('a wrong pattern is refused when the rule is checked', () => {
  const check = functions.get('matches')?.check;
  assert.match(check?.([undefined, '(a']) ?? '', /missing closing \)/);
  assert.match(check?.([undefined, '(?=a)']) ?? '', /no look-around/);
  assert.match(check?.([undefined, 'a'.repeat(1_001)]) ?? '', /1001 characters, at most 1000/);
  assert.match(check?.([undefined, undefined]) ?? '', /must be a literal/);
  assert.equal(check?.([undefined, '^a']), null);
  assert.match(functions.get('regexp_extract')?.check?.([undefined, '(a)', 2]) ?? '', /1 groups; there is no group 2/);
  assert.equal(call('matches', 'a', '(a'), null);
});

test('a pattern whose repetitions multiply is refused by the size that it has when they are written out', () => {
  const check = functions.get('matches')?.check;
  assert.match(check?.([undefined, '(a{30}){30}']) ?? '', /too large: 962 steps .*, at most 600 are allowed/);
  assert.match(check?.([undefined, '((a{9}){9}){9}']) ?? '', /too large: 911 steps/);
  assert.match(check?.([undefined, '(a?){1000}'.repeat(90)]) ?? '', /too large: more than 90000 steps/);
  assert.match(check?.([undefined, '((a{9}){9}){9}'.repeat(22)]) ?? '', /too large: \d+ steps/);
  const odd = ['[[:alpha:]{900}]', '[^[:^digit:]{900}]', '[\\]{900}]', '[^\\]x{900}]', '\\x{1000}', '[]a{900}]'];
  // What only looks like a repetition counts nothing, what repeats once or never as well.
  for (const literal of ['\\{1000}', '[a{1000}]', '[]{900}]', '\\Q{1000}\\E', 'a{1}'.repeat(200), '(a){0,1}', ...odd]) {
    assert.equal(check?.([undefined, literal]), null, literal);
  }
  assert.equal(check?.([undefined, '^[a-z0-9]{1,255}$']), null);
  assert.equal(call('matches', 'a', '(a{30}){30}'), null);
  assert.equal(call('regexp_replace', 'a', '(a{30}){30}', 'b'), null);
});

test('regexp_replace takes a text as long as a field may be, whatever the pattern', () => {
  assert.equal(call('regexp_replace', 'x'.repeat(64 * 1024), 'x*y|x', 'z'), 'z'.repeat(64 * 1024));
  assert.equal(call('regexp_replace', 'x'.repeat(64 * 1024), 'x', 'zz'), null);
  assert.equal(call('regexp_replace', '😀', 'x*', '-'), '-😀-');
});

test('tests and extractions of long hostile texts come to an end, whatever the pattern', () => {
  const patterns = [
    '(x+x+)+y',
    '(x|xx|xxx)*y',
    '(((x*)*)*)*[yz]',
    'x{1,255}[yz]',
    '(?:x?){190}[yz]{3}',
    '(x*)*\\b[yz]',
    '.*.*.*[yz]',
  ];
  for (const pattern of patterns) {
    for (const text of ['x'.repeat(20_000), 'x x\n'.repeat(5_000)]) {
      assert.equal(call('matches', text, pattern), false, pattern);
      assert.equal(call('regexp_extract', text, pattern), null, pattern);
      assert.equal(call('regexp_replace', text, `${pattern}|x`, ''), text.replaceAll('x', ''), pattern);
    }
  }
});

test('a replacement has a bound: it is gone through once for each match', () => {
  const check = functions.get('regexp_replace')?.check;
  assert.match(check?.([undefined, 'a', '\\0'.repeat(501)]) ?? '', /1002 characters, at most 1000/);
  assert.equal(call('regexp_replace', 'a', 'a', 'b'.repeat(1_001)), null);
  assert.equal(call('regexp_replace', 'abc', '(b)(x)?', '[\\0\\1\\2\\3]'), 'a[bb]c');
});
