import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentHash, Dictionary } from '../../../engine/decode/dictionary.ts';

test('a text has one id above 0 until it is freed; the empty text and __proto__ are texts', () => {
  const dictionary = new Dictionary();
  const texts = ['', 'a', '__proto__', 'constructor', '\u{1f600}', 'a'.repeat(1000)];
  const ids = texts.map((text) => dictionary.idOf(text));
  assert.equal(new Set(ids).size, texts.length);
  assert.ok(ids.every((id) => id > 0));
  assert.deepEqual(
    texts.map((text) => dictionary.idOf(text)),
    ids,
  );
  assert.deepEqual(
    ids.map((id) => dictionary.textOf(id)),
    texts,
  );
  assert.equal(dictionary.find('unknown'), 0);
  assert.equal(dictionary.size, texts.length);
  assert.equal(dictionary.capacity, Math.max(...ids) + 1);
});

test('an id that is not in use has no text: 0, a freed one, one never given', () => {
  const dictionary = new Dictionary();
  const id = dictionary.idOf('gone');
  dictionary.sweep(() => {});
  for (const unused of [0, id, 99]) assert.throws(() => dictionary.textOf(unused), /not in use/);
});

test('sweep frees what nobody marks, and freed ids are given again before new ones', () => {
  const dictionary = new Dictionary();
  const [a, b, c] = ['a', 'b', 'c'].map((text) => dictionary.idOf(text));
  const freed = dictionary.sweep((used) => {
    used[b] = 1;
  });
  assert.deepEqual([...freed], [a, c]);
  assert.equal(dictionary.find('a'), 0);
  assert.equal(dictionary.find('b'), b);
  assert.equal(dictionary.size, 1);
  const reused = [dictionary.idOf('d'), dictionary.idOf('e')];
  assert.deepEqual(new Set(reused), new Set([a, c]));
  assert.equal(dictionary.capacity, 4);
  assert.equal(dictionary.idOf('f'), 4);
});

test('the hash of an id is of its content only: order of insertion, reuse of ids and a restart do not show', () => {
  const texts = ['', 'a', 'ab', 'abc', 'acct_1', '203.0.113.7', '\u{1f600}'];
  const forwards = new Dictionary();
  const backwards = new Dictionary();
  for (let i = 0; i < 200; i++) backwards.idOf(`other ${i}`);
  backwards.sweep(() => {});
  for (const text of texts) forwards.idOf(text);
  for (const text of [...texts].reverse()) backwards.idOf(text);
  const restored = Dictionary.restore(backwards.snapshot());
  for (const text of texts) {
    const hash = forwards.hashOf(forwards.find(text));
    assert.equal(hash, contentHash(text));
    assert.equal(backwards.hashOf(backwards.find(text)), hash);
    assert.equal(restored.hashOf(restored.find(text)), hash);
  }
});

test('the hash is MurmurHash3 x86_32 of the UTF-16LE bytes, so key groups never move between versions', () => {
  // From another implementation (Python, itself held against the known hash of the bytes 'hello', 613153351).
  const vectors: [string, number][] = [
    ['', 0],
    ['a', 1867108634],
    ['ab', 374890698],
    ['acct_1', -404167545],
    ['203.0.113.7', 490964682],
    ['\u{1f600}', 1443257913],
  ];
  for (const [text, hash] of vectors) assert.equal(contentHash(text), hash, text);
});

test('the hash spreads the keys of a stream over the 256 key groups', () => {
  const groups = new Array<number>(256).fill(0);
  for (let i = 0; i < 25_600; i++) groups[contentHash(`account_${i}`) & 255]++;
  assert.ok(Math.min(...groups) > 50 && Math.max(...groups) < 160, `${Math.min(...groups)}..${Math.max(...groups)}`);
});

test('hashes lie in segments: ids beyond the first 65,536 have theirs', () => {
  const dictionary = new Dictionary();
  for (let i = 0; i < 70_000; i++) dictionary.idOf(String(i));
  const restored = Dictionary.restore(dictionary.snapshot());
  for (const text of ['0', '65534', '65535', '65536', '69999']) {
    assert.equal(dictionary.hashOf(dictionary.find(text)), contentHash(text));
    assert.equal(restored.hashOf(restored.find(text)), contentHash(text));
  }
});

test('a restored dictionary gives the same ids, whatever was inserted and freed before', () => {
  const step = fc.oneof(
    fc.record({ insert: fc.string({ maxLength: 3 }) }),
    fc.record({ keep: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const dictionary = new Dictionary();
      const model = new Map<string, number>();
      for (const one of steps) {
        if ('insert' in one) model.set(one.insert, dictionary.idOf(one.insert));
        else {
          const freed = new Set(
            dictionary.sweep((used) => {
              for (const id of model.values()) if (id % one.keep === 0) used[id] = 1;
            }),
          );
          for (const [text, id] of [...model]) if (freed.has(id)) model.delete(text);
        }
      }
      const restored = Dictionary.restore(dictionary.snapshot());
      assert.equal(restored.capacity, dictionary.capacity);
      for (const either of [dictionary, restored]) {
        assert.equal(either.size, model.size);
        for (const [text, id] of model) {
          assert.equal(either.find(text), id);
          assert.equal(either.textOf(id), text);
        }
      }
      for (const text of ['a new text', 'another one', 'a third']) {
        const fresh = dictionary.idOf(text);
        assert.ok(![...model.values()].includes(fresh));
        assert.equal(restored.idOf(text), fresh, 'freed ids are given again in the same order');
      }
    }),
  );
});

test('more texts than one table takes: each keeps its id through sweeps, whatever table it stands in', () => {
  const step = fc.record({ text: fc.integer({ min: 0, max: 30 }).map(String), sweep: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const dictionary = new Dictionary(3);
      const model = new Map<string, number>();
      for (const { text, sweep } of steps) {
        const id = dictionary.idOf(text);
        assert.equal(model.get(text) ?? id, id);
        model.set(text, id);
        if (sweep > 0) continue;
        dictionary.sweep((used) => {
          for (const [one, kept] of model) {
            if (kept % 2 === 0) used[kept] = 1;
            else model.delete(one);
          }
        });
      }
      assert.equal(dictionary.size, model.size);
      for (const [text, id] of model) assert.deepEqual([dictionary.find(text), dictionary.textOf(id)], [id, text]);
      assert.equal(new Set(model.values()).size, model.size);
    }),
  );
});
