import { Refusal, type Reporter, refuse, type Span } from '../diagnostics/diagnostic.ts';
import { didYouMean, listOf } from '../diagnostics/suggest.ts';
import type { ExpressionNode, JoinDistanceNode, JoinNode, NameNode } from '../syntax/tree.ts';
import { type Checked, type CheckedLookup, type CheckedLookupValue, identity } from './checked.ts';
import type { Operand } from './comparisons.ts';
import type { Input } from './input.ts';
import { type Lookups, lookupValue } from './lookup-values.ts';
import type { SourceKind } from './stream-join.ts';

/** A lookup beside the rows of FROM: at most one row of it for each, as of the row's time (S9). */
export interface JoinedLookup {
  readonly alias: string;
  readonly lookup: CheckedLookup;
  /** What finds its row, in the order of the lookup's key. */
  readonly keys: readonly Operand[];
}

/** The joined lookups by alias; null for one that is wrong (reported already). */
export type Joins = ReadonlyMap<string, JoinedLookup | null>;

/** What JOIN is checked against; `check` reads an expression over the rows and the lookups before this one. */
export interface JoinScope {
  readonly input: Input;
  readonly input_alias: string | null;
  readonly lookups: Lookups;
  readonly reporter: Reporter;
  /** What a name can be read as; null: nothing has it, or it has no rows. */
  kindOf(name: string): SourceKind | null;
  check(node: ExpressionNode, joins: Joins): Operand;
}

interface CheckedJoins {
  readonly joins: Joins;
  /** That there is a row, of the inner ones. */
  readonly conditions: readonly Checked[];
  /** The same of the outer ones. */
  readonly outer: readonly CheckedLookupValue[];
}

/**
 * Checks the JOINs of a SELECT. A lookup join is no operator of its own: its columns are values that are looked up for
 * each row, and an inner one is a condition more, that there is such a row.
 */
export function checkJoins(nodes: readonly JoinNode[], scope: JoinScope): CheckedJoins {
  const joins = new Map<string, JoinedLookup | null>();
  const conditions: Checked[] = [];
  const outer: CheckedLookupValue[] = [];
  for (const node of nodes) {
    const alias = (node.alias ?? node.name).text;
    const joined = scope.reporter.attempt(() => checkJoin(node, alias, joins, scope));
    joins.set(alias, joined);
    if (joined === null) continue;
    const hasRow = lookupValue(joined.lookup, null, joined.keys, node.span);
    if (node.kind === 'left') outer.push(hasRow);
    else conditions.push(hasRow);
  }
  return { joins, conditions, outer };
}

function checkJoin(node: JoinNode, alias: string, joins: Joins, scope: JoinScope): JoinedLookup {
  const { name } = node;
  const lookup = scope.lookups.get(name.text);
  if (node.within !== null) refuseDistance(node.within);
  if (lookup === undefined) notALookup(node, scope);
  const taken = alias === (scope.input_alias ?? scope.input.written) || joins.has(alias);
  if (taken || scope.input.fields.some(({ path }) => path[0] === alias)) {
    refuse({
      code: 'W0108',
      span: (node.alias ?? name).span,
      message: `\`${alias}\` is ${taken ? 'joined already' : `a field of ${scope.input.written}`}`,
      label: 'give it another alias with AS',
    });
  }
  if (lookup === null) throw new Refusal(null);
  const found = new Map<string, Operand>();
  for (const part of node.on.kind === 'and' ? node.on.arguments : [node.on]) {
    const { column, other } = equality(part, alias, lookup);
    if (found.has(column.text)) {
      refuse({ code: 'W0226', span: part.span, message: `${column.text} is compared twice`, label: 'remove one' });
    }
    found.set(column.text, scope.check(other, joins));
  }
  const missing = lookup.key.filter((column) => !found.has(column));
  if (missing.length > 0) {
    refuse({
      code: 'W0226',
      span: node.on.span,
      message: `ON must name the whole key of ${lookup.name}: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
      label: `write ${lookup.key.map((column) => `${alias}.${column} = …`).join(' AND ')}`,
      hints: ['a row of the stream has at most one row of a lookup'],
    });
  }
  const joined = { alias, lookup, keys: lookup.key.map((column) => found.get(column) as Operand) };
  // The types of the key's parts are checked here, where they are written.
  lookupValue(lookup, null, joined.keys, node.span);
  return joined;
}

/** `o.platform = e.platform`, either way round; the lookup's side is a column of its key. */
function equality(part: ExpressionNode, alias: string, lookup: CheckedLookup) {
  const sides = part.kind === 'binary' && part.operator === '=' ? [part.left, part.right] : [];
  const own = sides.find((side): side is NameNode => side.kind === 'name' && side.parts[0]?.text === alias);
  const other = sides.find((side) => side !== own);
  const column = own?.parts[1];
  const hints = ['other conditions stand in WHERE'];
  if (own === undefined || other === undefined || column === undefined || own.parts.length !== 2) {
    const label = `write ${alias}.${lookup.key[0]} = a column of the row`;
    refuse({ code: 'W0226', span: part.span, message: 'ON finds a row of a lookup by its key', label, hints });
  }
  if (!lookup.key.includes(column.text)) {
    const label = didYouMean(column.text, lookup.key);
    hints.unshift(`the key of ${lookup.name}: ${lookup.key.join(', ')}`);
    const message = `${column.text} is not in the key of ${lookup.name}`;
    refuse({ code: 'W0226', span: own.span, message, label, hints });
  }
  return { column, other };
}

function refuseDistance({ span }: JoinDistanceNode): never {
  refuse({
    code: 'W0226',
    span,
    message: 'a lookup has no WITHIN',
    label: 'remove it: a lookup says what holds at the time of the row',
    hints: ['how long a row of a lookup holds is said by its valid_from and valid_to'],
  });
}

function notALookup({ name }: JoinNode, { lookups, kindOf }: JoinScope): never {
  const kind = kindOf(name.text);
  if (kind !== null) {
    refuse({
      code: 'W0011',
      span: name.span,
      message: 'a JOIN of streams needs WITHIN: how far apart may the rows be?',
      label: 'write JOIN … WITHIN 10 MINUTES ON …, or WITHIN (AFTER 60 SECONDS)',
      hints: [
        'a stream never ends, so without it every row would be kept for ever',
        'a CREATE TABLE is joined without it: each row has its last window beside it',
      ],
    });
  }
  const names = [...lookups.keys()];
  const stream = 'a stream or a view is joined WITHIN a time: JOIN … WITHIN 10 MINUTES ON …';
  refuse({
    code: 'W0113',
    span: name.span,
    message: `there is no lookup or table \`${name.text}\``,
    label: didYouMean(name.text, names),
    hints: [
      names.length > 0 ? `lookups: ${listOf(names)}` : 'CREATE LOOKUP declares known rows from a file',
      `CREATE TABLE ${name.text} AS SELECT … WINDOW … keeps an aggregate of events: its last window is joined`,
      stream,
    ],
  });
}

/** `o.owner_id`: a column of a joined lookup; null when the name does not begin with the alias of one. */
export function joinedColumn(name: NameNode, joins: Joins): Checked | null | undefined {
  const [alias, column] = name.parts;
  if (alias === undefined || column === undefined || !joins.has(alias.text)) return undefined;
  const joined = joins.get(alias.text) ?? null;
  if (joined === null) return null;
  return columnValue(
    joined,
    name.parts
      .slice(1)
      .map((part) => part.text)
      .join('.'),
    name.span,
  );
}

function columnValue({ alias, lookup, keys }: JoinedLookup, column: string, span: Span): Checked {
  const columns = lookup.columns.map(({ name }) => name);
  if (columns.includes(column)) return lookupValue(lookup, column, keys, span);
  refuse({
    code: 'W0107',
    span,
    message: `${alias} has no column \`${column}\``,
    label: didYouMean(column, columns),
    hints: [`columns of the lookup ${lookup.name}: ${listOf(columns)}`],
  });
}

/** All that must hold of a row: its WHERE, and that the inner joins have a row for it. */
export function allOf(where: Checked | null, conditions: readonly Checked[]): Checked | null {
  const seen = new Set<string>();
  const parts = [...conditions, ...(where === null ? [] : [where])].filter((part) => {
    const same = identity(part);
    return seen.has(same) ? false : seen.add(same);
  });
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? null;
  return { kind: 'and', arguments: parts, type: 'bool', span: first.span };
}
