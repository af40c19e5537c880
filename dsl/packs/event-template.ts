import type { EventSchema } from '../../engine/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { problemAt } from './problem.ts';
import { fillTemplate, parseTemplate, type Template, TemplateError } from './template.ts';
import type { YamlMap, YamlNode } from './yaml-tree.ts';

/** What every event of a rule test gets unless it says something else. */
export interface EventDefaults {
  readonly timestamp: number;
  readonly event_id: string;
  readonly seq: number;
}

/** An event as a rule test writes it: JSON with `{i}` expressions in its texts. */
export interface EventTemplate {
  readonly map: YamlMap;
  readonly root: JsonTemplate & { readonly kind: 'object' };
}

type JsonTemplate =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonTemplate])[] }
  | { readonly kind: 'list'; readonly items: readonly JsonTemplate[] }
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'plain'; readonly json: string };

/** The door's own fields (engine/event-schema.ts). */
const door_fields = ['timestamp', 'event_id', 'seq', 'tenant_id', 'received_at'];

/** Reads the `{i}` expressions of an event once; wrong ones become problems. */
export function readEventTemplate(path: string, map: YamlMap, problems: Diagnostic[]): EventTemplate {
  const clock = map.entries.find(({ key }) => key === 'timestamp' || key === 'received_at');
  if (clock !== undefined) {
    const place = { start: clock.key_start, end: clock.key_end };
    const message = `an event of a test has no \`${clock.key}\` of its own`;
    const hint =
      'its time is the `at` (or `every`) beside `event`; a test begins on Monday, 5 January 2026, 00:00 UTC, so 3h is three at night';
    problems.push(problemAt('W0403', path, place, message, hint));
  }
  return { map, root: readObject(path, map, problems) };
}

function readObject(path: string, map: YamlMap, problems: Diagnostic[]): EventTemplate['root'] {
  const entries = map.entries.map(({ key, value }) => [key, readJson(path, value, problems)] as const);
  return { kind: 'object', entries };
}

function readJson(path: string, node: YamlNode, problems: Diagnostic[]): JsonTemplate {
  if (node.kind === 'map') return readObject(path, node, problems);
  if (node.kind === 'list') return { kind: 'list', items: node.items.map((item) => readJson(path, item, problems)) };
  if (typeof node.value !== 'string') return { kind: 'plain', json: JSON.stringify(node.value) };
  try {
    return { kind: 'text', template: parseTemplate(node.value) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const hint = 'expressions are whole numbers, i, + - * / % and brackets, as in {i % 3}; a brace itself is {{';
    problems.push(problemAt('W0403', path, node, `'${node.value}': ${error.message}`, hint));
    return { kind: 'plain', json: 'null' };
  }
}

/**
 * The event's bytes for one i. A text that is one expression ('{i}') becomes a number where the schema declares one.
 * Defaults fill what the event does not say: time, id, seq, and `schema_version` and `platform` where the schema has them.
 */
export function eventJson(template: EventTemplate, i: number, defaults: EventDefaults, schema: EventSchema): string {
  const said = new Set(template.root.entries.map(([key]) => key));
  const parts = [`"timestamp":${defaults.timestamp}`];
  const fill = (key: string, json: string) => {
    if (!said.has(key)) parts.push(`${JSON.stringify(key)}:${json}`);
  };
  fill('event_id', JSON.stringify(defaults.event_id));
  fill('seq', String(defaults.seq));
  if (declares(schema, 'schema_version')) fill('schema_version', '"v1"');
  if (declares(schema, 'platform')) fill('platform', '"inhouse"');
  const numbers = numericPaths(schema);
  for (const [key, value] of template.root.entries) {
    parts.push(`${JSON.stringify(key)}:${write(value, i, key, numbers)}`);
  }
  return `{${parts.join(',')}}`;
}

function write(value: JsonTemplate, i: number, path: string, numbers: ReadonlySet<string>): string {
  switch (value.kind) {
    case 'object': {
      const entries = value.entries.map(
        ([key, v]) => `${JSON.stringify(key)}:${write(v, i, `${path}.${key}`, numbers)}`,
      );
      return `{${entries.join(',')}}`;
    }
    case 'list':
      return `[${value.items.map((item) => write(item, i, path, numbers)).join(',')}]`;
    case 'text': {
      const text = fillTemplate(value.template, i);
      return value.template.is_number && numbers.has(path) && text !== 'NaN' ? text : JSON.stringify(text);
    }
    default:
      return value.json;
  }
}

const numeric = new WeakMap<EventSchema, ReadonlySet<string>>();

function numericPaths(schema: EventSchema): ReadonlySet<string> {
  let paths = numeric.get(schema);
  if (paths === undefined) {
    const fields = schema.fields.filter(({ type }) => type === 'int' || type === 'float' || type === 'timestamp');
    paths = new Set(['seq', ...fields.flatMap((field) => [field.path.join('.'), ...field.aliases])]);
    numeric.set(schema, paths);
  }
  return paths;
}

function declares(schema: EventSchema, name: string): boolean {
  return schema.fields.some((field) => field.name === name);
}

/**
 * Fields that the schema does not declare: in a live event they go into `details` (and nobody notices a typing error),
 * in a test they are refused.
 */
export function unknownFields(path: string, map: YamlMap, schema: EventSchema): Diagnostic[] {
  const known = new Set([...door_fields, 'details']);
  for (const field of schema.fields) {
    for (const name of [field.path.join('.'), ...field.aliases]) known.add(name);
  }
  const problems: Diagnostic[] = [];
  const visit = (inside: YamlMap, prefix: string) => {
    for (const { key, key_start, key_end, value } of inside.entries) {
      const name = prefix + key;
      // A dotted name at the top is not the nested field of that name.
      if ((known.has(name) && !key.includes('.')) || (prefix === '' && key === 'details')) continue;
      if (value.kind === 'map' && [...known].some((other) => other.startsWith(`${name}.`))) {
        visit(value, `${name}.`);
        continue;
      }
      const label = known.has(name) ? 'a key with dots is no nested field' : didYouMean(name, known);
      const hint = key.includes('.') ? nestingHint(key) : fields_hint;
      const place = { start: key_start, end: key_end };
      problems.push(problemAt('W0403', path, place, `the stream has no field \`${name}\``, hint, label));
    }
  };
  visit(map, '');
  return problems;
}

const fields_hint =
  'weir explain --stream events lists the fields; what a platform adds of its own stands under details';

function nestingHint(key: string): string {
  const [first, ...rest] = key.split('.');
  return `a field inside another one is written nested: ${first}: { ${rest.join('.')}: … }`;
}
