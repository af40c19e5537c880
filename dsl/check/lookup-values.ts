import type { ValueType } from '../../engine/index.ts';
import { Refusal, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import { typeWithArticle } from '../functions/index.ts';
import type { Word } from '../syntax/tree.ts';
import type { Checked, CheckedLookup, CheckedLookupValue } from './checked.ts';
import { fixPath, type Operand, readAs, settled } from './comparisons.ts';
import { isText, textAs } from './literals.ts';

/** The lookups of a program by name; null for one whose declaration is wrong (reported already). */
export type Lookups = ReadonlyMap<string, CheckedLookup | null>;

/** Finds a lookup by the name that a rule writes; refuses an unknown one. */
export function lookupNamed(name: Word, lookups: Lookups, key: ValueType = 'string'): CheckedLookup | null {
  const found = lookups.get(name.text);
  if (found !== undefined) return found;
  const names = [...lookups.keys()];
  refuse({
    code: 'W0113',
    span: name.span,
    message: `there is no lookup \`${name.text}\``,
    label: didYouMean(name.text, names),
    hints: [
      names.length > 0
        ? `lookups: ${listOf(names)}`
        : `declare it: CREATE LOOKUP ${name.text} (${keyFor(key)} PRIMARY KEY) WITH (source = '${name.text}.csv')`,
    ],
  });
}

/** The column that a value of this type is looked up in; for an address networks go as well, a single one is its /32. */
function keyFor(type: ValueType): string {
  if (type === 'ip') return 'net cidr';
  return type === 'int' || type === 'bool' ? `value ${type}` : 'name string';
}

/** `x IN LOOKUP l`: whether l has a row for x at the time of the event. */
export function inLookup(operand: Operand, name: Word, lookups: Lookups | null, span: Span): Checked {
  if (lookups === null) {
    refuse({
      code: 'W0201',
      span,
      message: 'a lookup is asked for an event, and this is about the detection',
      label: `select it under a name (… IN LOOKUP ${name.text} AS known), and write known here`,
    });
  }
  const lookup = lookupNamed(name, lookups, operand.kind === 'details' ? 'string' : operand.type);
  // Wrong itself: one message is enough.
  if (lookup === null) throw new Refusal(null);
  if (lookup.key.length !== 1) {
    const label = `its key is (${lookup.key.join(', ')})`;
    refuse({
      code: 'W0201',
      span,
      message: `IN LOOKUP is for a key of one column, and ${lookup.name} has ${lookup.key.length}`,
      label,
      hints: [
        `a key of several columns is asked for by JOIN ${lookup.name} AS l ON ${lookup.key.map((key) => `l.${key} = …`).join(' AND ')}`,
      ],
    });
  }
  return lookupValue(lookup, null, [operand], span);
}

/** What a lookup has for a key; each part of the key must be of its column's type (an ip for a cidr). */
export function lookupValue(
  lookup: CheckedLookup,
  output: string | null,
  operands: readonly Operand[],
  span: Span,
): CheckedLookupValue {
  const keys = operands.map((operand, i) => keyPart(operand, lookup, lookup.key[i] as string));
  const type = output === null ? 'bool' : typeOfColumn(lookup, output);
  return { kind: 'lookup', lookup: lookup.name, output, keys, type, span };
}

export function typeOfColumn({ columns }: CheckedLookup, name: string): ValueType {
  return columns.find((column) => column.name === name)?.type ?? 'null';
}

function keyPart(operand: Operand, lookup: CheckedLookup, column: string): Checked {
  const type = typeOfColumn(lookup, column);
  const wanted = type === 'cidr' ? 'ip' : type;
  const value = asType(operand, wanted);
  const fits = value.type === wanted || (wanted === 'int' && value.type === 'float');
  // One part of a key may be the same for every event, but not the whole key.
  const isConstant = value.kind === 'literal' && lookup.key.length === 1;
  if (fits && !isConstant) return value;
  refuse({
    code: 'W0201',
    span: value.span,
    message: isConstant
      ? `a literal is looked up in ${lookup.name}: every event would get the same answer`
      : `the key of ${lookup.name} is ${typeWithArticle(type)}, and this is ${typeWithArticle(value.type)}`,
    label: isConstant ? 'name a column' : `${typeWithArticle(wanted)} is wanted`,
    hints: isConstant ? [] : [castHint(value, wanted)],
  });
}

/** How a value becomes one of the key's type; a field that is declared as another holds something else as a rule. */
function castHint(value: Checked, wanted: ValueType): string {
  if (value.kind !== 'column') return `a cast makes it one: (…)::${wanted}`;
  const example = wanted === 'ip' ? ', such as actor.ip' : '';
  return `name a field that is ${typeWithArticle(wanted)}${example}; where ${value.name} holds such values: ${value.name}::${wanted}`;
}

/** A details path takes the type of the column it is looked up in, as from a literal; an address needs its cast. */
function asType(operand: Operand, type: ValueType): Checked {
  if (operand.kind !== 'details') {
    return isText(operand) && (type === 'ip' || type === 'timestamp') ? textAs(type, operand) : operand;
  }
  if (type === 'string' || type === 'bool') return readAs(operand, type, 'literal');
  if (type === 'int' || type === 'float') return readAs(operand, 'float', 'literal');
  return settled(fixPath(operand, []));
}
