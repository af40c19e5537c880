import { type Reporter, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import type { LookupColumnDeclaration, LookupStatement, Word } from '../syntax/tree.ts';
import type { CheckedLookup } from './checked.ts';
import { type NamedType, typeNamed } from './types.ts';

const column_types: readonly NamedType[] = ['string', 'int', 'float', 'bool', 'timestamp', 'ip', 'cidr'];
const key_types = new Set<NamedType>(['string', 'int', 'bool', 'ip', 'cidr']);
/** The endings that say how a file is written. */
const endings = /\.(csv|json|ndjson|jsonl)$/i;

/** Checks CREATE LOOKUP; null when it has an error. */
export function checkLookup(statement: LookupStatement, reporter: Reporter): CheckedLookup | null {
  const errors = reporter.errors;
  const seen = new Set<string>();
  const columns = statement.columns.flatMap((column) => {
    const checked = reporter.attempt(() => checkColumn(column, seen));
    return checked === null ? [] : [checked];
  });
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const key = reporter.errors > errors ? null : reporter.attempt(() => checkKey(statement, types));
  const bounds = reporter.attempt(() => ({
    valid_from: checkBound(statement, 'valid_from', types),
    valid_to: checkBound(statement, 'valid_to', types),
  }));
  const source = reporter.attempt(() => checkOptions(statement));
  if (reporter.errors > errors || key === null || bounds === null || source === null) return null;
  return { name: statement.name.text, columns, key, ...bounds, source, path: reporter.path, span: statement.span };
}

function wrong(span: Span, message: string, label: string, hints: readonly string[] = []): never {
  refuse({ code: 'W0223', span, message, label, hints });
}

function checkColumn({ name, type }: LookupColumnDeclaration, seen: Set<string>): { name: string; type: NamedType } {
  if (seen.has(name.text)) {
    refuse({ code: 'W0109', span: name.span, message: `two columns are called \`${name.text}\``, label: 'remove one' });
  }
  seen.add(name.text);
  return { name: name.text, type: typeNamed(type, column_types) };
}

/** The columns of the primary key, written at a column or as PRIMARY KEY (a, b). */
function checkKey(statement: LookupStatement, types: ReadonlyMap<string, NamedType>): string[] {
  const { name, columns, keys } = statement;
  const single = columns.filter((column) => column.primary);
  const lists: readonly { readonly columns: readonly Word[]; readonly span: Span }[] = [
    ...single.map((column) => ({ columns: [column.name], span: column.span })),
    ...keys,
  ];
  const [list, second] = lists;
  if (list === undefined) {
    wrong(name.span, `the lookup ${name.text} has no primary key`, 'by which column are its rows found?', [
      'write PRIMARY KEY behind the type of that column, or PRIMARY KEY (a, b) as the last part of the list',
    ]);
  }
  if (second !== undefined) {
    wrong(second.span, 'a second PRIMARY KEY', 'a lookup has one', [
      'a key of several columns is written once: PRIMARY KEY (a, b)',
    ]);
  }
  for (const [i, column] of list.columns.entries()) {
    const type = types.get(column.text);
    if (type === undefined) {
      const label = didYouMean(column.text, [...types.keys()]);
      wrong(column.span, `the lookup ${name.text} has no column \`${column.text}\``, label, [
        `columns: ${listOf([...types.keys()])}`,
      ]);
    }
    if (!key_types.has(type)) {
      wrong(column.span, `${type} is no type of a key`, `a key is of ${[...key_types].join(', ')}`);
    }
    if (list.columns.findIndex((other) => other.text === column.text) !== i) {
      wrong(column.span, `${column.text} is in the key already`, 'remove it');
    }
    if (type === 'cidr' && list.columns.length > 1) {
      wrong(column.span, 'a cidr is a key by itself', 'the longest prefix is not defined together with other columns');
    }
  }
  return list.columns.map((column) => column.text);
}

/** valid_from and valid_to are what they are called, so they must be times. */
function checkBound(
  { columns }: LookupStatement,
  bound: 'valid_from' | 'valid_to',
  types: ReadonlyMap<string, NamedType>,
): string | null {
  const type = types.get(bound);
  if (type === undefined) return null;
  if (type === 'timestamp') return bound;
  const declared = columns.find((column) => column.name.text === bound);
  wrong(declared?.type.span as Span, `${bound} bounds the time in which a row is valid`, 'write timestamp');
}

function checkOptions({ name, options }: LookupStatement): string {
  const [option, second] = options;
  const written = `WITH (source = '${name.text}.csv')`;
  for (const { name: one } of options) {
    if (one.text.toLowerCase() === 'source') continue;
    wrong(one.span, `a lookup has no option ${one.text}`, didYouMean(one.text.toLowerCase(), ['source']), [
      `write ${written}: the ending says how the file is written (.csv, .json, .ndjson)`,
    ]);
  }
  if (second !== undefined) wrong(second.name.span, 'a second source', 'a lookup has one');
  const source = option?.value;
  if (source === undefined) wrong(name.span, 'the lookup has no source', `write ${written}`);
  const parts = source.value.split('/');
  if (source.value.startsWith('/') || parts.includes('..') || source.value.includes('\\')) {
    wrong(source.span, 'the file of a lookup lies in its pack', 'beside the rule file, or in a folder lookups/', [
      `write its name: ${written}`,
    ]);
  }
  if (!endings.test(source.value)) {
    wrong(source.span, 'how is this file written?', 'its name must end in .csv, .json, .ndjson or .jsonl');
  }
  return source.value;
}
