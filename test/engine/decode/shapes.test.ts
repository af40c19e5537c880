import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OBJECT } from '../../../engine/decode/byte-kinds.ts';
import { ByteScanner } from '../../../engine/decode/byte-scanner.ts';
import { type ByteNode, ByteNodes } from '../../../engine/decode/byte-schema.ts';
import { RecordReader } from '../../../engine/decode/record-reader.ts';
import { ScanningDecoder } from '../../../engine/decode/scanning-decoder.ts';
import { Shapes } from '../../../engine/decode/shapes.ts';
import { Dictionary, eventSchemaV1, PlainDecoder } from '../../../engine/index.ts';
import { limits } from '../../../engine/limits.ts';
import { utf8 } from './json-text.ts';
import { BothDecoders, fieldColumns } from './mutated-records.ts';

/** What a reader tells its taker of each record, as one text. */
class Told {
  readonly scanner = new ByteScanner();
  text = '';

  begin(): void {
    this.text = '';
  }

  take(node: ByteNode | null, kind: number): boolean {
    // Whether it is told of an object of known keys is the reader's to choose.
    if (node !== null && node.children !== null && kind === OBJECT) return true;
    const { bytes, start, stop } = this.scanner;
    const key = node === null ? '?' : new TextDecoder().decode(node.key);
    this.text += `${key}=${kind}:${new TextDecoder().decode(bytes.subarray(start, stop))};`;
    return true;
  }
}

function readers(): (record: string | Uint8Array) => readonly [string, string] {
  const made = [true, false].map((shapes) => {
    const top = new ByteNodes();
    const actor = top.ensure('actor');
    actor.children = new ByteNodes();
    actor.children.ensure('ip');
    top.ensure('a');
    top.ensure('n');
    const told = new Told();
    return { told, reader: new RecordReader(top, told.scanner, told, shapes) };
  });
  return (record) => {
    const bytes = typeof record === 'string' ? utf8(record) : record;
    const said = made.map(({ told, reader }) => (reader.read(bytes) ? told.text : 'no'));
    return [said[0], said[1]];
  };
}

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Records that look like one that was learned, and are something else. By name: what was learned, and what follows. */
const traps: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'null where an object of known keys stood': [
    '{"actor":{"ip":"x"},"a":"1"}',
    ['{"actor":null,"a":"1"}', '{"actor":{"ip":null},"a":"1"}', '{"actor":{"ip":{"b":1,"b":2}},"a":"1"}'],
  ],
  'an object of known keys where null stood': [
    '{"actor":null,"a":"1"}',
    ['{"actor":{"ip":"x"},"a":"1"}', '{"actor":{"ip":"x","ip":"y"},"a":"1"}', '{"actor":{},"a":"1"}'],
  ],
  'another kind of value': [
    '{"a":"1","n":1}',
    [
      '{"a":1,"n":1}',
      '{"a":"1","n":"1"}',
      '{"a":"1","n":01}',
      '{"a":"1","n":1e5}',
      '{"a":"1","n":-}',
      '{"a":true,"n":[]}',
    ],
  ],
  'bytes at its end': [
    '{"a":"1"}',
    ['{"a":"1"} ', '{"a":"1"}}', '{"a":"1"', '{"a":"1', '{"a":"1"}\u0000', '{"a":"1"},'],
  ],
  'a broken text': [
    '{"a":"1"}',
    ['{"a":"\u0001"}', '{"a":"\\"}', '{"a":"\\x"}', '{"a":"\\n"}', '{"a":"1" "}', '{"a":""}'],
  ],
  'a value nested to the bound': [
    '{"z":[[]],"a":"1"}',
    [`{"z":${deep(limits.json_depth - 1)},"a":"1"}`, `{"z":${deep(limits.json_depth)},"a":"1"}`],
  ],
  'a key twice in an object that nobody knows': ['{"z":{"b":1}}', ['{"z":{"b":1,"b":2}}', '{"z":{"b":1,"c":{"b":2}}}']],
  'a key twice': ['{"a":"1","n":1}', ['{"a":"1","a":1}', '{"a":"1","n":1,"n":1}']],
  space: [
    '{ "a" : "1" , "n" : 2 }',
    ['{ "a" : "1" , "n":2 }', '{"a":"1","n":2}', '{ "a" : "1" , "n" : 2 } ', ' { "a" : "1" , "n" : 2 }'],
  ],
  'keys beyond ASCII': ['{"é":"1","a":"1"}', ['{"é":"2","a":"3"}', '{"e":"2","a":"3"}']],
};

for (const [name, [learned, others]] of Object.entries(traps)) {
  test(`a learned shape says what reading key by key says: ${name}`, () => {
    const read = readers();
    for (const record of [learned, learned, ...others, learned, ...others, ...others]) {
      const [followed, whole] = read(record);
      assert.equal(followed, whole, record);
    }
    assert.notEqual(read(learned)[0], 'no');
  });
}

test('a learned shape does not vouch for UTF-8', () => {
  const read = readers();
  read('{"a":"1"}');
  assert.deepEqual(read(Uint8Array.of(...utf8('{"a":"'), 0xff, ...utf8('"}'))), ['no', 'no']);
  const [followed, whole] = read('{"a":"é"}');
  assert.equal(followed, whole);
  assert.notEqual(followed, 'no');
});

test('law 5: ever new shapes are forgotten, what is remembered has a bound, and what is said stays right', () => {
  const dictionaries = [new Dictionary(), new Dictionary()];
  const scanning = new ScanningDecoder(eventSchemaV1, fieldColumns, dictionaries[0]);
  const plain = new PlainDecoder(eventSchemaV1, fieldColumns, dictionaries[1]);
  const before = scanning.allocated_bytes;
  let most = 0;
  for (let n = 0; n < 60_000; n++) {
    // Two producers whose records are alike, and one whose records never are.
    const extra = n % 3 === 0 ? `"k${n}":1,"l${n * 7}":{"x":${n}},` : n % 3 === 1 ? '"method":"password",' : '';
    const bytes = utf8(
      `{${extra}"timestamp":${1.7e12 + n},"platform":"p","event_type":"login","account_id":"a${n % 50}"}`,
    );
    assert.equal(scanning.decode(bytes), plain.decode(bytes));
    assert.equal(scanning.event.timestamp, plain.event.timestamp);
    most = Math.max(most, scanning.allocated_bytes - before);
  }
  assert.ok(most > 10_000, `only ${most} bytes were remembered: nothing was learned`);
  assert.ok(most <= limits.shape_steps * 256 + 2 * limits.shape_bytes + 64 * 1024, `${most} bytes were remembered`);
});

test('a sender of odd shapes does not keep the others from being learned for good', () => {
  const shapes = new Shapes();
  /** A record of one value comes, is read key by key, and is learned where there is room. */
  const comes = (key: string) => {
    const bytes = utf8(`{"${key}":1}`);
    shapes.begin();
    shapes.note(null, 0, bytes.length - 2, false, 1);
    shapes.learn(bytes, bytes.length - 1, bytes.length);
  };
  const isKnown = (key: string) => {
    const words = new DataView(utf8(`{"${key}":1}        `).buffer);
    return shapes.root.find(words, 0, words.byteLength) !== null;
  };
  for (let n = 0; n < 8; n++) comes(`odd${n}`);
  comes('usual');
  assert.ok(isKnown('odd7') && !isKnown('usual'));
  for (let n = 0; n < 2_000 && !isKnown('usual'); n++) comes('usual');
  assert.ok(isKnown('usual'));
});

test('a record that goes through reads what a column takes whole of it, too', () => {
  const both = new BothDecoders();
  const records = [
    '{"timestamp":1,"platform":"p","event_type":"e","account_id":"a","details":{"y":{"z":1},"x":2}}',
    '{"timestamp":1,"platform":"p","event_type":"e","account_id":"a","details":{"y":{"z":3},"x":4}}',
    '{"timestamp":1,"platform":"p","event_type":"e","account_id":"a","details":{"y":5,"x":4}}',
    '{"timestamp":1,"platform":"p","event_type":"e","account_id":"a","details":null,"y":{"z":6}}',
    '{"timestamp":1,"platform":"p","event_type":"e","account_id":"a","details":null,"y":{"z":7}}',
    '{"timestamp":1,"platform":"p","event_type":"e","account_id":"a","details":7,"y":{"z":7}}',
  ];
  for (const record of [...records, ...records]) {
    const [plain, scanning] = both.decode(utf8(record), Number.POSITIVE_INFINITY);
    assert.equal(scanning, plain, record);
  }
});
