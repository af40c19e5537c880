import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bounds } from '../../../dsl/functions/bounds.ts';
import { call } from './call.ts';

test('length and substr count code points', () => {
  assert.equal(call('length', 'Zoë😀'), 4);
  assert.equal(call('length', ''), 0);
  assert.equal(call('substr', '😀bc', 2), 'bc');
  assert.equal(call('substr', '😀bc', 1, 1), '😀');
  assert.equal(call('substr', 'account', -1, 4), 'ac');
  assert.equal(call('substr', 'account', 9), '');
  assert.equal(call('substr', 'account', 1, -1), null);
});

test('substr is the slice of the list of code points', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const place = fc.integer({ min: -3, max: 14 });
  fc.assert(
    fc.property(text, place, fc.integer({ min: 0, max: 14 }), (value, start, length) => {
      const wanted = [...value].slice(Math.max(0, start - 1), Math.max(0, start - 1 + length)).join('');
      assert.equal(call('substr', value, start, length), wanted);
    }),
  );
});

test('split_part counts from both ends and is empty beyond', () => {
  assert.equal(call('split_part', 'a.b.c', '.', 2), 'b');
  assert.equal(call('split_part', 'a.b.c', '.', -1), 'c');
  assert.equal(call('split_part', 'a.b.c', '.', 4), '');
  assert.equal(call('split_part', 'a.b.c', '.', 0), null);
});

test('replace takes $ as it is, and an empty text replaces nothing', () => {
  assert.equal(call('replace', 'a-b', '-', '$&$1'), 'a$&$1b');
  assert.equal(call('replace', 'ab', '', 'x'), 'ab');
});

test('no text grows beyond the bound of a field, whatever a rule multiplies', () => {
  const long = 'a'.repeat(bounds.text_units);
  assert.equal(call('replace', long, 'a', long), null);
  assert.equal(call('||', long, 'a'), null);
  assert.equal(call('regexp_replace', long, 'a', long), null);
  assert.equal(call('||', long, ''), long);
  assert.equal(call('upper', long)?.toString().length, bounds.text_units);
  // Three letters in upper case, and eighteen where compatible characters are written out.
  assert.equal(call('upper', '\u0390'.repeat(bounds.text_units / 2)), null);
  assert.equal(call('skeleton', '\ufdfa'.repeat(bounds.text_units / 2)), null);
});

test('email_domain is what stands behind the last @', () => {
  assert.equal(call('email_domain', 'Kim@Mail.Example'), 'mail.example');
  assert.equal(call('email_domain', '"a@b"@mail.example.'), 'mail.example');
  for (const text of ['kim', '@mail.example', 'kim@', '']) assert.equal(call('email_domain', text), null, text);
});

test('url_host reads a URL as a browser does', () => {
  assert.equal(call('url_host', 'https://user:pw@Login.Example:8443/a?b#c'), 'login.example');
  assert.equal(call('url_host', 'http://good.example\\@evil.example/'), 'good.example');
  assert.equal(call('url_host', 'http://good.example@evil.example/'), 'evil.example');
  assert.equal(call('url_host', 'login.example/path'), 'login.example');
  assert.equal(call('url_host', 'http://[2001:db8::1]:80/'), '2001:db8::1');
  assert.equal(call('url_host', 'https://bücher.example/'), 'xn--bcher-kva.example');
  for (const text of ['not a url', 'javascript:alert(1)', 'http://', ''])
    assert.equal(call('url_host', text), null, text);
});
