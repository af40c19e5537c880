import type { ValueType } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import type { NameNode } from '../syntax/tree.ts';
import type { GroupPart } from './baseline.ts';
import type { CheckedColumn, CheckedStream, DetailsPath } from './checked.ts';
import { fieldMeantBy } from './foreign-fields.ts';

/** A field of a stream, or a column of a view, as the rules that read it see it. */
export interface InputField {
  readonly name: string;
  readonly path: readonly string[];
  readonly type: ValueType;
  readonly aliases: readonly string[];
  /** The element of an UNNEST: its names need no alias of the side that has it. */
  readonly is_element?: true;
}

interface InputOptions {
  /** See Input.written. */
  readonly written?: string;
  /** Of a join: the aliases of its sides, and those of them whose events have details. */
  /** See Input.group. */
  readonly group?: readonly GroupPart[] | null;
  readonly retention_ms?: number | null;
  readonly sides?: { readonly all: readonly string[]; readonly with_details: readonly string[] };
}

/** What a SELECT reads: the stream or a view, with its fields by every name they have. */
export class Input {
  readonly name: string;
  /** The name as messages say it: a view that stands in a rule has a longer one. */
  readonly written: string;
  /** Views have no details: their columns are what they select. */
  readonly has_details: boolean;
  readonly fields: readonly InputField[];
  /** Of a view over windows, what it groups by; null: the SELECTs of a UNION ALL group by different columns. */
  readonly group: readonly GroupPart[] | null;
  /** Of a table with RETENTION. */
  readonly retention_ms: number | null;
  /** Aliases of the sides of a join; [] for a stream or a view. */
  readonly sides: readonly string[];
  /** Those of them whose events have details. */
  readonly details_of: readonly string[];
  readonly #byName = new Map<string, InputField>();

  constructor(name: string, fields: readonly InputField[], has_details: boolean, options: InputOptions = {}) {
    this.name = name;
    this.written = options.written ?? name;
    this.group = options.group === undefined ? [] : options.group;
    this.retention_ms = options.retention_ms ?? null;
    this.sides = options.sides?.all ?? [];
    this.details_of = options.sides?.with_details ?? [];
    this.fields = fields;
    this.has_details = has_details;
    const always = [
      { name: 'timestamp', path: ['timestamp'], type: 'timestamp', aliases: [] },
      { name: 'tenant_id', path: ['tenant_id'], type: 'string', aliases: [] },
    ] as const;
    for (const field of [...fields, ...always]) {
      this.#byName.set(field.name, field);
      for (const alias of field.aliases) if (!this.#byName.has(alias)) this.#byName.set(alias, field);
    }
  }

  static ofStream({ name, schema }: CheckedStream): Input {
    return new Input(name, schema.fields, true);
  }

  find(name: string): InputField | undefined {
    return this.#byName.get(name);
  }

  /** Every name a rule may write, aliases included. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  /** Names for a message: fields once, without aliases. */
  list(): string {
    return listOf(this.fields.map((field) => field.name));
  }
}

const door_fields: ReadonlyMap<string, string> = new Map([
  ['received_at', 'rules see event time only, so that a backtest gives the same result: use timestamp'],
  ['event_id', 'not yet in rules; every detection names its events as evidence'],
  ['seq', 'not yet in rules; the order of events is known without it'],
]);

/** Resolves a name to a column or a details path; `alias` is what FROM calls the input. */
export function resolveField(input: Input, alias: string | null, name: NameNode): CheckedColumn | DetailsPath | null {
  const words = name.parts.map((part) => part.text);
  const whole = words.join('.');
  const own = columnOf(input, whole, name.span);
  if (own !== null) return own;
  const prefix = alias ?? input.written;
  const rest = words.length > 1 && words[0] === prefix ? words.slice(1) : words;
  if (rest.length < words.length) {
    const column = columnOf(input, rest.join('.'), name.span);
    if (column !== null) return column;
  }
  if (input.has_details && rest[0] === 'details') return detailsPath(rest, name.span);
  if (input.details_of.includes(words[0]) && words[1] === 'details') return detailsPath(words, name.span);
  return null;
}

function columnOf(input: Input, name: string, span: Span): CheckedColumn | null {
  const field = input.find(name);
  if (field === undefined) return null;
  const { path, type } = field;
  return { kind: 'column', name: field.name, path, type, conversion: 'declared', written: name, span };
}

/** A path as it would be written: parts that are no plain words in brackets, so that two paths never share a name. */
function joinPath(name: string, word: string): string {
  return /^[A-Za-z_]\w*$/.test(word) ? `${name}.${word}` : `${name}['${word.replaceAll("'", "''")}']`;
}

function detailsPath(words: readonly string[], span: Span): DetailsPath {
  if (words.at(-1) === 'details') {
    refuse({
      code: 'W0203',
      span,
      message: 'details is not a value but the open part of an event',
      label: 'name what is inside: details.x',
    });
  }
  return { kind: 'details', name: words.reduce(joinPath), path: words, span };
}

/** In a join every field has a side. */
function unknownOfJoin(input: Input, written: string, span: Span): never {
  const meant = input.sides.map((side) => `${side}.${written}`).filter((one) => input.find(one) !== undefined);
  if (meant.length > 0) {
    refuse({ code: 'W0107', span, message: `${written} of which side?`, label: `write ${meant.join(' or ')}` });
  }
  const ofWindow = /^(\w+)\.(window_(?:start|end))$/.exec(written);
  refuse({
    code: 'W0107',
    span,
    message: `no side of the join has a field \`${written}\``,
    label: didYouMean(written, input.names()),
    hints: [
      ...(ofWindow === null
        ? []
        : [
            `${ofWindow[1]} has it when it selects it under a name: ${ofWindow[2]} AS ${ofWindow[2] === 'window_end' ? 'until' : 'since'}`,
          ]),
      ...[`sides: ${input.sides.join(', ')}`, `fields: ${input.list()}`],
    ],
  });
}

/** Reports a name that is no field: the nearest one, what exists, and what else may have been meant. */
export function unknownField(input: Input, alias: string | null, name: NameNode, others: readonly string[]): never {
  const words = name.parts.map((part) => part.text);
  const bare = words.length > 1 && words[0] === (alias ?? input.written) ? words.slice(1) : words;
  const written = bare.join('.');
  if (input.sides.length > 0) unknownOfJoin(input, written, name.span);
  const reason = door_fields.get(written);
  if (reason !== undefined && input.has_details) {
    refuse({ code: 'W0111', span: name.span, message: `rules cannot read ${written}`, label: reason });
  }
  const quoted = name.parts.length === 1 && name.span.length > written.length;
  const hints = [`fields of ${input.written}: ${input.list()}`];
  if (others.length > 0) hints.push(`aliases: ${others.join(', ')}`);
  const foreign = fieldMeantBy(written);
  const close = didYouMean(written, [...input.names(), ...others]);
  const near =
    close === '' && foreign !== null && input.find(foreign) !== undefined ? `here it is \`${foreign}\`` : close;
  const without = words.slice(1).join('.');
  if (words.length > 1 && bare.length === words.length && input.find(without) !== undefined) {
    refuse({
      code: 'W0107',
      span: name.span,
      message: `nothing here is called \`${words[0]}\``,
      label: `write ${without}, or FROM ${input.written} AS ${words[0]}`,
    });
  }
  if (input.has_details && !quoted && near === '') {
    if (words.length === 1) hints.push(`a text has single quotes: '${written}'`);
    hints.push(`what the stream does not declare is in details: details.${written}`);
  }
  if (!input.has_details) {
    if (/^window_(start|end)$/.test(written) && input.written !== 'the detection') {
      hints.push(
        `${input.written} has it when it selects it: SELECT …, ${written} AS ${written === 'window_end' ? 'until' : 'since'}`,
      );
    }
    const reader = input.written === 'the detection' ? 'what stands around a SELECT' : 'a rule on a view';
    hints.push(
      `${reader} sees the columns of ${reader.startsWith('what') ? 'that' : 'its'} SELECT; add ${written} there`,
    );
  }
  refuse({
    code: 'W0107',
    span: name.span,
    message: `${input.written} has no field \`${written}\``,
    label: quoted && /^\w+$/.test(written) ? `a text has single quotes: '${written}'` : near,
    hints,
  });
}
