import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnReaders } from '../../../engine/decode/column-readers.ts';
import { DetailsDecoder } from '../../../engine/decode/details-decoder.ts';
import { Dictionary } from '../../../engine/decode/dictionary.ts';
import { canCastFail, KindCollector, kindsAt, type OpenKinds } from '../../../engine/decode/open-kinds.ts';
import { OpenTexts } from '../../../engine/decode/open-texts.ts';
import { schemaTree } from '../../../engine/decode/schema-tree.ts';
import { type EventSchema, eventSchemaV1, type FieldColumn, PlainDecoder } from '../../../engine/index.ts';
import { seeded } from '../../simulation/random.ts';
import { utf8 } from './json-text.ts';
import { mutatedRecords } from './mutated-records.ts';

const types = ['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'array'] as const;
/** Some are declared fields, or objects that hold such: of those nothing stands at the top. */
const paths = [
  'x',
  'y',
  'kind',
  'list',
  'x.y',
  'x.kind',
  'actor',
  'actor.ip',
  'actor.x',
  'geo.z',
  'é',
  '__proto__',
  'result',
];
const columns = paths.flatMap((path) => {
  return types.flatMap((type) => {
    return (['literal', 'cast'] as const).map((conversion): FieldColumn => {
      const storage = ['string', 'ip', 'array'].includes(type) ? 'id' : 'number';
      const name = `details.${path}`;
      return { kind: 'field', name, path: name.split('.'), type, storage, conversion };
    });
  });
});
const noKinds: OpenKinds = { kinds: {}, isWhole: true };

/** Columns of details by two ways: of the record, and of what columns of a log keep of it. */
class TwoWays {
  readonly #dictionaries = [new Dictionary(), new Dictionary()];
  readonly #plain: PlainDecoder;
  readonly #open: OpenTexts;
  readonly #readers;
  readonly #decoder: DetailsDecoder;
  readonly #values = new Float64Array(columns.length);
  taken = 0;
  values = 0;
  failed = 0;

  constructor(schema: EventSchema) {
    this.#plain = new PlainDecoder(schema, columns, this.#dictionaries[0]);
    this.#open = new OpenTexts(schema);
    this.#readers = columnReaders(schema, schemaTree(schema), columns).filter((reader) => reader.from === 'details');
    this.#decoder = new DetailsDecoder(columns, this.#readers, this.#dictionaries[1]);
  }

  check(record: Uint8Array): void {
    if (this.#plain.decode(record) !== null) return;
    this.taken++;
    this.#open.read(record);
    const texts = [this.#open.details, this.#open.extras].map((text) => (text.length === 0 ? null : text.slice()));
    this.#decoder.decode(texts[0], texts[1], this.#values);
    const { values, failed_casts } = this.#plain.event;
    const told = () => new TextDecoder().decode(record);
    const shown = (which: number, of: Float64Array) =>
      this.#readers.map(({ column, spec }) => {
        return spec.storage === 'number' ? of[column] : of[column] && this.#dictionaries[which].textOf(of[column]);
      });
    assert.deepEqual(shown(1, this.#values), shown(0, values), told());
    assert.deepEqual(this.#decoder.failed_casts, failed_casts, told());
    const [details, extras] = texts.map(kindsOf);
    for (const { column, path, also_at_top, spec } of this.#readers) {
      const kinds = kindsAt(details, path) | (also_at_top ? kindsAt(extras, path) : 0);
      const isThere = spec.storage === 'id' ? values[column] !== 0 : !Number.isNaN(values[column]);
      if (isThere) this.values++;
      assert.ok(!isThere || kinds !== 0, `${spec.name} of ${told()}`);
      const cast = columns.slice(0, column + 1).filter(({ conversion }) => conversion === 'cast').length - 1;
      const hasFailed = spec.conversion === 'cast' && ((failed_casts[cast >> 5] >> (cast & 31)) & 1) === 1;
      if (hasFailed) this.failed++;
      assert.ok(!hasFailed || canCastFail(spec.type, kinds), `${spec.name}::${spec.type} of ${told()}`);
    }
  }
}

function kindsOf(text: Uint8Array | null): OpenKinds {
  if (text === null) return noKinds;
  const collector = new KindCollector();
  collector.add(text);
  return collector.finish();
}

test('columns of details out of what is kept of a record are those of the record, casts that fail too, of mutated records', () => {
  const ways = new TwoWays(eventSchemaV1);
  for (const record of mutatedRecords(seeded(7), 12_000)) ways.check(record);
  const { taken, values, failed } = ways;
  assert.ok(taken > 3000 && values > 5000 && failed > 10_000, JSON.stringify({ taken, values, failed }));
});

const hostile = [
  ...[
    '0',
    '-0',
    '0.0',
    '1e20',
    '1E-3',
    '100000000000000000000',
    '9007199254740993',
    '1.5e308',
    '12345678901234567',
    '-7.25',
  ],
  ...[
    'true',
    'false',
    'null',
    '""',
    '"17"',
    '"1e2"',
    '"TRUE"',
    '"10.0.0.1"',
    '"::FFFF:10.0.0.1"',
    '"2026-01-05T10:00:00Z"',
  ],
  ...[
    '"\\u0041"',
    '"\\n"',
    '"é"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '[]',
    '[1,[2e20,{"a":[100000000000000000000]}],null]',
    '{}',
  ],
  ...[
    '{"y":1,"kind":{"y":[]}}',
    '{"\\u0079":"escaped key"}',
    '{"y":null}',
    '[{"y":1e20}]',
    `"${'long '.repeat(5000)}"`,
  ],
];
const least = '"timestamp":1767600000000,"platform":"p","event_type":"t","account_id":"a"';

test('details and extra fields of every form give what the record gives: numbers, escapes, nesting, null, both at once', () => {
  const names = ['name', 'details'].map((name): EventSchema => {
    const field = {
      name: `${name}.x`,
      path: [name, 'x'],
      type: 'string',
      aliases: [],
      required: false,
      summary: '',
    } as const;
    return { name: 'own', fields: [field] };
  });
  // A schema may declare a name of the door: its records are all read by the parser.
  for (const schema of [eventSchemaV1, ...names]) {
    const ways = new TwoWays(schema);
    for (const one of hostile) {
      const records = [
        `{${least},"details":{"x":${one},"list":${one},"é":${one},"__proto__":${one}}}`,
        `{${least},"x":${one},"list":${one},"é":${one},"__proto__":${one},"actor":{"x":${one},"ip":"10.0.0.1"}}`,
        `{"x":"top","actor":{"x":{}},"geo":{"z":${one}},${least},"details":{"x":${one},"y":null,"actor":${one}},"y":${one}}`,
        `{${least},"det\\u0061ils":{"x":${one}},"\\u0078":"top"}`,
        ` { ${least} , "details" : { "x" : { "y" : ${one} } , "x.y" : 5 } , "x" : ${one} } `,
      ];
      for (const record of records) ways.check(utf8(record));
    }
    assert.ok(ways.taken > 50 && ways.values > 500 && ways.failed > 200, JSON.stringify([schema, ways]));
  }
});

test('of more paths than are known any kind of value may stand at others, and what is known of those before stays right', () => {
  const collector = new KindCollector(3);
  for (const text of ['{"a":1,"b":{"c":true}}', '{"d":1,"a":2.5}', '{"\\u0061":"text","e":{"f":1}}'])
    collector.add(utf8(text));
  const kinds = collector.finish();
  assert.deepEqual([kinds.isWhole, Object.keys(kinds.kinds)], [false, ['["a"]', '["b"]', '["b","c"]']]);
  assert.deepEqual(
    [canCastFail('float', kindsAt(kinds, ['a'])), canCastFail('int', kindsAt(kinds, ['b', 'c']))],
    [true, false],
  );
  assert.deepEqual([canCastFail('int', kindsAt(kinds, ['e', 'f'])), kindsAt(kinds, ['d']) !== 0], [true, true]);
});
