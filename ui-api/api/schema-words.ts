import type { FastifyRequest } from 'fastify';
import { closestName } from '../suggest.ts';
import { ApiError } from './problem.ts';

/** What Fastify says of the first thing that does not fit a schema. */
export interface Misfit {
  /** Of the schema: `type`, `enum`, `required`, `maximum`, ... */
  readonly keyword?: string;
  /** JSON pointer to the value in what was checked; '' is all of it. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Of JSON Schema what routes use (route.ts). */
interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly description?: string;
}

const shown_characters = 100;
const address_help = 'GET /v1/openapi.json says what this address takes';

/**
 * A request that does not fit the schema of its route, in our words: which parameter or member, what is wrong with what it
 * holds, and what it takes.
 * @param context what was checked: 'querystring', 'params' (parts of the address) or 'body'
 */
export function misfitProblem(misfit: Misfit, context: string | undefined, request: FastifyRequest): ApiError {
  const isBody = context === 'body';
  const kind = isBody ? 'bad_body' : 'bad_parameter';
  const { keyword, params } = misfit;
  const path = partsOf(misfit.instancePath);
  const schemas = (request.routeOptions.schema ?? {}) as Readonly<Record<string, Schema | undefined>>;
  const schema = path.reduce<Schema | undefined>(
    (at, part) => at?.properties?.[part] ?? at?.items,
    schemas[context ?? ''],
  );
  if (typeof params.additionalProperty === 'string') return unknownName(kind, params.additionalProperty, schema);
  const place = placeOf(path, context);
  if (keyword === 'required') {
    const missing = String(params.missingProperty);
    const what = schema?.properties?.[missing];
    return new ApiError(
      kind,
      `${place} has no ${isBody ? 'member' : 'parameter'} ${missing}`,
      takesText(missing, what),
    );
  }
  const given = valueAt(
    (request as unknown as Record<string, unknown>)[context === 'querystring' ? 'query' : (context ?? '')],
    path,
  );
  return new ApiError(kind, `${place}${givenText(given)} ${wrongText(misfit)}`, hintFor(nameOf(path), schema, given));
}

/** A parameter, or a member of the body, that the route does not name: which one, which is meant, which there are. */
function unknownName(kind: 'bad_body' | 'bad_parameter', name: string, schema: Schema | undefined): ApiError {
  const known = Object.keys(schema?.properties ?? {});
  const what = kind === 'bad_body' ? 'member' : 'parameter';
  const why = `there is no ${what} ${JSON.stringify(name.slice(0, shown_characters))} here`;
  const list = known.length === 0 ? `this address takes no ${what}` : `${what}s are ${known.join(', ')}`;
  return new ApiError(kind, why, `${meantText(name, known)}${list}`);
}

function meantText(name: string, known: readonly string[]): string {
  const closest = closestName(name, known);
  return closest === null ? '' : `did you mean ${closest}? `;
}

function partsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `the parameter limit`, `the member rules[0]`, `the body`. */
function placeOf(path: readonly string[], context: string | undefined): string {
  if (path.length === 0) return context === 'body' ? 'the body' : 'the address';
  const what = context === 'body' ? 'member' : context === 'params' ? 'part' : 'parameter';
  return `the ${what} ${nameOf(path)}`;
}

/** `candidate.name`, `rules[0]`; '' is all of it. */
function nameOf(path: readonly string[]): string {
  return path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`)).join('');
}

function valueAt(checked: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[part],
    checked,
  );
}

/** What was given where that is one short value; a text of a rule says more about itself than about what is wrong. */
function givenText(value: unknown): string {
  if (value === null || !['string', 'number', 'boolean'].includes(typeof value)) return '';
  const text = JSON.stringify(value);
  return text.length > shown_characters ? '' : ` (${text})`;
}

const types: Readonly<Record<string, string>> = {
  ...{ integer: 'whole number', number: 'number', string: 'text', object: 'JSON object', array: 'list' },
  boolean: 'true or false',
};

function wrongText({ keyword, params }: Misfit): string {
  const limit = Number(params.limit);
  switch (keyword) {
    case 'type':
      return params.type === 'boolean' ? 'is neither true nor false' : `is no ${typeText(params.type)}`;
    case 'enum':
      return 'is none of the values that there are';
    case 'pattern':
      return 'has another form';
    case 'minimum':
      return `is less than ${limit}`;
    case 'maximum':
      return `is more than ${limit}`;
    case 'minLength':
      return limit === 1 ? 'is empty' : `has fewer than ${limit} characters`;
    case 'maxLength':
      return `has more than ${limit} characters`;
    case 'minItems':
      return limit === 1 ? 'is an empty list' : `has fewer than ${limit} elements`;
    case 'maxItems':
      return `has more than ${limit} elements`;
    default:
      return 'is not what this address takes';
  }
}

function typeText(type: unknown): string {
  return [type]
    .flat()
    .map((one) => types[String(one)] ?? String(one))
    .join(' or ');
}

function hintFor(name: string, schema: Schema | undefined, given: unknown): string {
  const values = (schema?.enum ?? []).map(String);
  const meant = typeof given === 'string' ? meantText(given, values) : '';
  return `${meant}${takesText(name === '' ? 'the body' : name, schema)}`;
}

/** `limit takes a whole number from 1 to 1000 (records of a page)`. */
function takesText(name: string, schema: Schema | undefined): string {
  const takes = schema === undefined ? null : formText(schema);
  if (takes === null) return address_help;
  const { description } = schema as Schema;
  return `${name} takes ${takes}${description === undefined ? '' : ` (${description})`}`;
}

/** null: nothing that says more than the document does. */
function formText(schema: Schema): string | null {
  const { type, minimum, maximum, minLength = 0, maxLength, minItems = 0, maxItems, pattern } = schema;
  if (schema.enum !== undefined)
    return schema.enum.length === 1 ? String(schema.enum[0]) : `one of ${schema.enum.join(', ')}`;
  if (typeof type !== 'string') return null;
  if (type === 'boolean') return types.boolean;
  if (type === 'integer' || type === 'number') return `a ${typeText(type)}${rangeText(minimum, maximum)}`;
  if (type === 'array') return `a list${maxItems === undefined ? '' : ` of ${minItems} to ${maxItems} elements`}`;
  if (type === 'string') {
    const least = minLength === 0 ? 'at most ' : `${minLength} to `;
    const size = maxLength === undefined ? '' : ` of ${least}${maxLength} characters`;
    return `a text${size}${pattern === undefined ? '' : ` that fits ${pattern}`}`;
  }
  const names = Object.keys(schema.properties ?? {});
  return `a JSON object${names.length === 0 ? '' : ` with ${names.join(', ')}`}`;
}

function rangeText(least: number | undefined, most: number | undefined): string {
  if (least === undefined) return most === undefined ? '' : ` of at most ${most}`;
  return most === undefined ? ` of at least ${least}` : ` from ${least} to ${most}`;
}
