import fc from 'fast-check';

/** The parts of JSON Schema that the API's document uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** Texts that have broken other programs: SQL, paths, headers, formats, lengths, numbers, code. */
export const hostileTexts: readonly string[] = [
  ...["'", '"', "' OR '1'='1", "'; DROP TABLE alerts; --", '1) UNION SELECT * FROM system.users --', '\\', '`', '%27'],
  ...[
    '../../../../etc/passwd',
    '..%2f..%2ftoken',
    '/etc/passwd',
    'file:///etc/passwd',
    '..\\..\\token',
    '.',
    '..',
    '~',
  ],
  ...['\r\nx-injected: yes', '%0d%0ax-injected:%20yes', '\u0000', '%00', 'a\u0000b', '\ufeff', '\u202e', '\ud7ff'],
  ...['<script>alert(1)</script>', '{{7*7}}', '#{7*7}', '$(id)', '`id`', '; id', '| id', '%s%s%n', '{"$ne":null}'],
  ...['0', '-1', '1e999', 'NaN', 'null', 'true', '9007199254740993', '-0', '0x10', '1_000', '١٢'],
  ...['__proto__', 'constructor', 'toString', '*', '%', '_', ' ', 'x'.repeat(199), 'x'.repeat(3000), 'é'.repeat(150)],
];

const texts = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary', maxLength: 30 }));

/** Texts that mean something to the server, by the name of the parameter or member: names, ids, times, cursors. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** Values that fit a schema. @param name of the parameter or member that it is of */
export function fitting(schema: JsonSchema, name: string, known: Known): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch ([schema.type].flat()[0]) {
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1_000_000 });
    case 'string': {
      const { pattern, minLength = 0, maxLength = 1000 } = schema;
      const fits = (text: string) => [...text].length >= minLength && [...text].length <= maxLength;
      const some = (known[name] ?? []).filter(fits);
      const free = pattern === undefined ? texts.filter(fits) : fc.stringMatching(new RegExp(pattern));
      if (some.length === 0) return free;
      return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...some) }, { weight: 1, arbitrary: free });
    }
    case 'array': {
      const { minItems = 0, maxItems = 5 } = schema;
      return fc.array(fitting(schema.items ?? {}, name, known), {
        minLength: minItems,
        maxLength: Math.min(maxItems, 5),
      });
    }
    case 'object': {
      const members = Object.entries(schema.properties ?? {}).map(
        ([own, one]) => [own, fitting(one, own, known)] as const,
      );
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** A text, for an address or a header: mostly one that fits. */
export function textFor(schema: JsonSchema, name: string, known: Known): fc.Arbitrary<string> {
  return fc.oneof({ weight: 5, arbitrary: fitting(schema, name, known).map(String) }, { weight: 1, arbitrary: texts });
}

/** The text of a body: mostly one that fits. */
export function bodyFor(schema: JsonSchema, known: Known): fc.Arbitrary<string> {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return fc.oneof(
    { weight: 4, arbitrary: fitting(schema, 'body', known).map(text) },
    { weight: 1, arbitrary: fc.oneof(fc.json({ maxDepth: 3 }), texts) },
  );
}
