import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { contentHash, hashOfBytes } from '../../../engine/decode/text-hash.ts';
import { TextMap } from '../../../engine/decode/text-map.ts';
import { seeded } from '../../simulation/random.ts';
import { colliding } from '../hostile/colliding.ts';
import { sweep } from './sweep.ts';

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
  sweep(dictionary);
  for (const unused of [0, id, 99]) assert.throws(() => dictionary.textOf(unused), /not in use/);
});

test('sweep frees what nobody marks, and freed ids are given again before new ones', () => {
  const dictionary = new Dictionary();
  const [a, b, c] = ['a', 'b', 'c'].map((text) => dictionary.idOf(text));
  sweep(dictionary, (used) => {
    used[b] = 1;
  });
  assert.equal(dictionary.find('c'), 0);
  assert.equal(dictionary.find('a'), 0);
  assert.equal(dictionary.find('b'), b);
  assert.equal(dictionary.size, 1);
  const reused = [dictionary.idOf('d'), dictionary.idOf('e')];
  assert.deepEqual(new Set(reused), new Set([a, c]));
  assert.equal(dictionary.capacity, 4);
  assert.equal(dictionary.idOf('f'), 4);
});

test('while a sweep goes on, what is asked for stays, and so does what is new', () => {
  const random = seeded(3);
  const dictionary = new Dictionary();
  const held = new Map<string, number>();
  const ask = (n: number) => {
    const text = n % 50 === 0 ? `${n} `.repeat(40) : `text ${n}`;
    const known = held.get(text);
    const id = dictionary.idOf(text);
    if (known !== undefined) assert.equal(id, known);
    assert.ok(![...held].some(([other, one]) => one === id && other !== text), `the id of ${text} is somebody else's`);
    held.set(text, id);
  };
  for (let round = 0; round < 40; round++) {
    for (let n = 0; n < 60; n++) ask(Math.floor(random() * 2_000));
    for (const text of [...held.keys()]) if (random() < 0.4) held.delete(text);
    const before = new Set(held.values());
    dictionary.beginSweep((used) => {
      for (const id of before) used[id] = 1;
    });
    for (let part = 0; dictionary.freeSome(5); part++) if (part % 4 === 0) ask(Math.floor(random() * 2_000));
    assert.equal(dictionary.size, held.size);
    for (const [text, id] of held) {
      assert.equal(dictionary.find(text), id);
      assert.equal(dictionary.textOf(id), text);
    }
    const restored = Dictionary.restore(dictionary.snapshot());
    for (const [text, id] of held) assert.equal(restored.find(text), id);
  }
});

test('a text that found no room in its bucket keeps its id while a sweep makes room there, and in a restore of the middle of one', () => {
  const texts = Array.from({ length: 30_000 }, (_, n) => `text ${n}`);
  const dictionary = new Dictionary();
  const idOf = new Map(texts.map((text) => [text, dictionary.idOf(text)]));
  const { crowded } = dictionary.snapshot() as { crowded: Int32Array };
  const beside = new Set(crowded);
  const kept = texts.filter((text, n) => n % 2 === 0 || beside.has(idOf.get(text) as number));
  const asked = kept.filter((text) => beside.has(idOf.get(text) as number));
  assert.ok(asked.length > 50, `${asked.length} beside their buckets`);
  dictionary.beginSweep((used) => {
    for (const text of kept) used[idOf.get(text) as number] = 1;
  });
  const isKept = (one: Dictionary) => {
    for (const text of asked) {
      const bytes = new Uint8Array([...new TextEncoder().encode(text), 0, 0, 0, 0]);
      const id = idOf.get(text);
      assert.equal(one.idOfBytes(bytes, new DataView(bytes.buffer), 0, text.length), id, text);
      assert.equal(one.idOf(text), id, text);
    }
  };
  for (let part = 0; dictionary.freeSome(1_000); part++) {
    isKept(dictionary);
    if (part % 5 === 0) isKept(Dictionary.restore(dictionary.snapshot()));
  }
  isKept(dictionary);
  assert.equal(dictionary.size, kept.length);
});

test('the hash of an id is of its content only: order of insertion, reuse of ids and a restart do not show', () => {
  const texts = ['', 'a', 'ab', 'abc', 'acct_1', '203.0.113.7', '\u{1f600}'];
  const forwards = new Dictionary();
  const backwards = new Dictionary();
  for (let i = 0; i < 200; i++) backwards.idOf(`other ${i}`);
  sweep(backwards);
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

test('records lie in segments: ids beyond the first 65,536 have their hashes', () => {
  const dictionary = new Dictionary();
  for (let i = 0; i < 70_000; i++) dictionary.idOf(String(i));
  const restored = Dictionary.restore(dictionary.snapshot());
  for (const text of ['0', '65534', '65535', '65536', '69999']) {
    assert.equal(dictionary.hashOf(dictionary.find(text)), contentHash(text));
    assert.equal(restored.hashOf(restored.find(text)), contentHash(text));
  }
});

test('a snapshot that nobody else has is written to by the dictionary restored from it, another one is not', () => {
  const first = new Dictionary();
  for (let i = 0; i < 10_000; i++) first.idOf(String(i));
  const snapshot = first.snapshot();
  const kept = structuredClone(snapshot);
  for (const isShared of [true, false]) {
    const given = structuredClone(snapshot);
    const restored = Dictionary.restore(given, isShared);
    sweep(restored, (used) => used.fill(1).fill(0, 2, 6000));
    for (let i = 0; i < 6000; i++) assert.equal(restored.textOf(restored.idOf(`new ${i}`)), `new ${i}`);
    const [now, before] = [given, kept].map((tree) => tree as unknown as DictionaryTree);
    assert.equal(isDeepStrictEqual(now.records.segments[0], before.records.segments[0]), isShared);
    assert.equal(isDeepStrictEqual(now.index.segments, before.index.segments), isShared);
    const later = restored.snapshot();
    const keptLater = structuredClone(later);
    for (let i = 0; i < 6000; i++) restored.idOf(`more ${i}`);
    assert.deepEqual(later, keptLater, 'what shares it now keeps it');
  }
});

interface DictionaryTree {
  readonly records: { readonly segments: readonly Int32Array[] };
  readonly index: { readonly segments: readonly Int32Array[] };
}

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
          sweep(dictionary, (used) => {
            for (const id of model.values()) if (id % one.keep === 0) used[id] = 1;
          });
          for (const [text, id] of [...model]) if (id % one.keep !== 0) model.delete(text);
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

test('the hash by bytes is the hash of the text, wherever the bytes stand and whatever is behind them', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((one) => one.isWellFormed());
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ maxLength: 30 })), fc.nat(7), fc.nat(255), (one, start, behind) => {
      const bytes = new Uint8Array(512).fill(behind);
      const { written } = new TextEncoder().encodeInto(one, bytes.subarray(start));
      assert.equal(hashOfBytes(bytes, new DataView(bytes.buffer), start, start + written), contentHash(one));
    }),
  );
});

/** Texts of every kind that a dictionary keeps in a way of its own: of one hash, of one bucket, long, beyond ASCII, no UTF-8. */
const awkward = fc.oneof(
  fc.constantFrom(...colliding(24)),
  fc.integer({ min: 0, max: 40 }).map((n) => 'x'.repeat(n * 3)),
  fc.integer({ min: 0, max: 30 }).map((n) => `\u{1f600}\u00e9${n}`),
  fc.integer({ min: 0, max: 5 }).map((n) => `\ud800${'y'.repeat(n)}`),
  fc.integer({ min: 0, max: 400 }).map(String),
);

test('every text keeps its id through sweeps, growth and restarts, by text and by bytes, and a snapshot stays as it was', () => {
  const step = fc.record({ text: awkward, then: fc.integer({ min: 0, max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      let dictionary = new Dictionary();
      const model = new Map<string, number>();
      const check = (one: Dictionary, texts: ReadonlyMap<string, number>) => {
        assert.equal(one.size, texts.size);
        for (const [text, id] of texts) {
          assert.deepEqual([one.find(text), one.textOf(id), one.hashOf(id)], [id, text, contentHash(text)]);
          if (text.isWellFormed()) assert.equal(idByBytes(one, text), id);
        }
      };
      for (const { text, then } of steps) {
        const isNew = !model.has(text);
        const id = text.isWellFormed() && then % 2 === 0 ? idByBytes(dictionary, text) : dictionary.idOf(text);
        assert.equal(model.get(text) ?? id, id);
        if (isNew) assert.ok(![...model.values()].includes(id));
        model.set(text, id);
        if (then === 0) {
          sweep(dictionary, (used) => {
            for (const [one, kept] of model) {
              if (kept % 3 !== 0) used[kept] = 1;
              else model.delete(one);
            }
          });
        }
        if (then !== 1) continue;
        const snapshot = dictionary.snapshot();
        const before = new Map(model);
        for (let n = 0; n < 50; n++) dictionary.idOf(`after ${n}`);
        sweep(dictionary);
        dictionary = Dictionary.restore(snapshot);
        check(Dictionary.restore(snapshot), before);
      }
      check(dictionary, model);
    }),
    { numRuns: 60 },
  );
});

test('texts that were made to have one hash are found by another one', () => {
  const chosen = colliding(20_000);
  const dictionary = new Dictionary();
  const ids = chosen.map((text) => dictionary.idOf(text));
  assert.equal(new Set(ids).size, chosen.length);
  for (const [k, text] of chosen.entries()) assert.equal(dictionary.find(text), ids[k]);
  sweep(dictionary, (used) => {
    for (let k = 0; k < ids.length; k += 2) used[ids[k] as number] = 1;
  });
  for (const [k, text] of chosen.entries()) assert.equal(dictionary.find(text), k % 2 === 0 ? ids[k] : 0);
});

test('ids by texts in several Maps: each keeps its id whatever Map it stands in', () => {
  const step = fc.record({ text: fc.integer({ min: 0, max: 30 }).map(String), isDeleted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const texts = new TextMap(3);
      const model = new Map<string, number>();
      for (const [k, { text, isDeleted }] of steps.entries()) {
        assert.equal(texts.get(text), model.get(text) ?? 0);
        if (isDeleted) {
          texts.delete(text);
          model.delete(text);
        } else if (!model.has(text)) {
          texts.add(text, k + 1);
          model.set(text, k + 1);
        }
      }
      const sorted = (entries: Iterable<[string, number]>) => [...entries].sort(([, a], [, b]) => a - b);
      assert.deepEqual(sorted(texts), sorted(model));
    }),
  );
});

test('a checkpoint of many texts shares their records, and what comes later does not show in it', () => {
  const dictionary = new Dictionary();
  for (let n = 0; n < 10_000; n++) dictionary.idOf(`account_${n}`);
  const first = dictionary.snapshot() as { records: { segments: Int32Array[] } };
  const second = dictionary.snapshot() as { records: { segments: Int32Array[] } };
  const shared = first.records.segments.filter((segment, k) => segment === second.records.segments[k]).length;
  assert.equal(shared, first.records.segments.length - 1);
});

function idByBytes(dictionary: Dictionary, text: string): number {
  const bytes = new Uint8Array(1024);
  const { written } = new TextEncoder().encodeInto(text, bytes);
  return dictionary.idOfBytes(bytes, new DataView(bytes.buffer), 0, written);
}
