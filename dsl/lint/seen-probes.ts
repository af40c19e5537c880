import type { Checked, CheckedColumn, CheckedJoin, CheckedOperator, CheckedSelect } from '../check/checked.ts';
import { identity } from '../check/checked.ts';
import type { CheckedProgram } from '../check/program.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { Reporter } from '../diagnostics/diagnostic.ts';
import { countingView } from '../plan/exception-probes.ts';
import { lowerRowExpression } from '../plan/lower.ts';
import type { ProgramPlan } from '../plan/plan.ts';
import { partsOfChecked } from './parts.ts';
import { testText } from './reasons.ts';

/** A condition on one event, and the places of rules where it stands. */
interface Probe {
  readonly view: string;
  readonly condition: Checked;
  readonly text: string;
  /** Identity of the column, for a value; null for a field. */
  readonly value_of: string | null;
  readonly places: { readonly path: string; readonly span: Checked['span'] }[];
}

/** What is to be looked for in events: `plan` counts, by view, and `unseen` says what no event had. */
export interface SeenProbes {
  readonly plan: ProgramPlan;
  /** `rows`: how many events each view saw; `of`: how many there were, and where ('12,345 events of auth.log'). */
  unseen(rows: ReadonlyMap<string, number>, of: string): Diagnostic[];
}

/**
 * Probes for the fields of the stream that rules read and the values that they compare them with (`=`, IN, LIKE, `~`).
 * They are counted by the engine itself, so that what counts as equal is what counts in the rules. An observation, not a
 * proof: other events may have what these never had.
 */
export function seenProbes({ operators, stream }: CheckedProgram, plan: ProgramPlan): SeenProbes {
  const probes = new Map<string, Probe>();
  const add = (
    condition: Checked,
    text: string,
    column: CheckedColumn,
    path: string,
    span: Checked['span'],
    isField: boolean,
  ) => {
    const key = identity(condition);
    const value_of = isField ? null : identity(isNotNull(column));
    const probe = probes.get(key) ?? { view: `seen:${probes.size}`, condition, text, value_of, places: [] };
    if (!probe.places.some((one) => one.path === path && one.span.offset === span.offset))
      probe.places.push({ path, span });
    probes.set(key, probe);
  };
  for (const operator of operators) {
    const eventsOf = columnsOfEvents(operator.select, stream.name);
    const ignores = operator.exceptions.filter(({ action }) => action === 'ignore');
    const leaves = [
      ...leavesOf(operator).map((leaf) => ({ leaf, path: operator.path })),
      // They may stand in a file of their own.
      ...ignores.flatMap(({ condition, place }) => partsIn(condition).map((leaf) => ({ leaf, path: place.path }))),
    ];
    for (const { leaf, path } of leaves) {
      const column = columnIn(leaf);
      const plain = column === null ? null : eventsOf(column);
      if (column === null || plain === null || always.has(plain.name)) continue;
      add(isNotNull(plain), plain.written, plain, path, column.span, true);
      for (const one of valuesOf(leaf, column, plain)) add(one, testText(one), plain, path, one.span, false);
    }
  }
  const [first] = plan.operators;
  const views =
    first === undefined
      ? []
      : [...probes.values()].map(({ view, condition }) => {
          const { unnests: _, ...plain } = first;
          return countingView({ ...plain, input: 'events' }, view, [lowerRowExpression(condition)]);
        });
  return {
    plan: { ...plan, operators: views, joins: [], lookups: [] },
    unseen: (rows, of) => unseen(probes, rows, of),
  };
}

const always: ReadonlySet<string> = new Set(['timestamp', 'tenant_id']);

function unseen(probes: ReadonlyMap<string, Probe>, rows: ReadonlyMap<string, number>, of: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const isUnseen = (probe: Probe | undefined) => probe !== undefined && (rows.get(probe.view) ?? 0) === 0;
  for (const probe of probes.values()) {
    // Of a field that is never there nothing more is said.
    if (!isUnseen(probe) || (probe.value_of !== null && isUnseen(probes.get(probe.value_of)))) continue;
    // Once a file, at its first place: what stands there five times is still one thing.
    for (const [path, places] of Map.groupBy(probe.places, (place) => place.path)) {
      const [first, ...others] = places.map(({ span }) => span).sort((a, b) => a.offset - b.offset);
      if (first === undefined) continue;
      new Reporter(path, diagnostics).warn({
        code: 'W0406',
        span: first,
        message: probe.value_of === null ? `none of ${of} has ${probe.text}` : `${probe.text} is true of none of ${of}`,
        label: probe.value_of === null ? 'never there' : 'never so',
        hints:
          others.length === 0
            ? []
            : [`so it is at ${others.length} more ${others.length === 1 ? 'place' : 'places'} of this file`],
      });
    }
  }
  return diagnostics;
}

/** Everything in a rule that stands on a column or compares one. */
function leavesOf({ select, exceptions }: CheckedOperator): Checked[] {
  const ignored = new Set(exceptions.map(({ condition }) => condition));
  const leaves: Checked[] = [];
  const visit = (expression: Checked) => {
    if (ignored.has(expression)) return;
    leaves.push(expression);
    for (const part of partsOfChecked(expression)) visit(part);
  };
  const keys = (select.key ?? []).map(({ expression }) => expression);
  const joins = joinConditions(select.join);
  for (const one of [
    select.where,
    select.having,
    ...keys,
    ...joins,
    ...select.outputs.map(({ expression }) => expression),
  ]) {
    if (one !== null) visit(one);
  }
  return leaves;
}

function partsIn(expression: Checked): Checked[] {
  return [expression, ...partsOfChecked(expression).flatMap(partsIn)];
}

function joinConditions(join: CheckedJoin | null): Checked[] {
  if (join === null) return [];
  const keys = join.keys.flatMap(({ left, right }) => [left, right]);
  return [...joinConditions(join.left.join), ...keys, ...join.left_where, ...join.right_where, ...join.residual];
}

/** The column that a leaf is or compares. */
function columnIn(leaf: Checked): CheckedColumn | null {
  if (leaf.kind === 'column') return leaf;
  const sides =
    leaf.kind === 'in' ? [leaf.argument] : leaf.kind === 'call' && compared.has(leaf.function) ? leaf.arguments : [];
  return sides.find((side) => side.kind === 'column') ?? null;
}

const compared: ReadonlySet<string> = new Set(['=', 'like', 'ilike', 'matches', 'in_cidr']);

/** The comparisons of a leaf with a constant, each by itself, on the event's own column. */
function valuesOf(leaf: Checked, column: CheckedColumn, plain: CheckedColumn): Checked[] {
  if (leaf.kind === 'in') {
    return leaf.list.flatMap((item) => (item.kind === 'literal' ? [equals(plain, item)] : []));
  }
  if (leaf.kind !== 'call') return [];
  const others = leaf.arguments.filter((side) => side !== column);
  if (!others.every((side) => side.kind === 'literal' && side.value !== null)) return [];
  return [{ ...leaf, arguments: leaf.arguments.map((side) => (side === column ? plain : side)) }];
}

function equals(column: CheckedColumn, item: Checked): Checked {
  return { kind: 'call', function: '=', arguments: [column, item], type: 'bool', span: item.span };
}

function isNotNull(column: CheckedColumn): Checked {
  const argument: Checked = { kind: 'is_null', argument: column, type: 'bool', span: column.span };
  return { kind: 'not', argument, type: 'bool', span: column.span };
}

/** Gives a column as the stream has it; null for one of a view, and for the element of an UNNEST. */
function columnsOfEvents(
  { input, join, unnests }: CheckedSelect,
  stream: string,
): (column: CheckedColumn) => CheckedColumn | null {
  if (join === null) {
    const isOfEvents = input === stream || input === 'events';
    return (column) => (isOfEvents && !isElement(column.path, unnests) ? column : null);
  }
  const inputs = new Map<string, { readonly input: string; readonly unnests: CheckedSelect['unnests'] }>();
  for (let one: CheckedJoin | null = join; one !== null; one = one.left.join) {
    inputs.set(one.right.alias, one.right);
    if (one.left.join === null) inputs.set(one.left.alias, one.left);
  }
  return (column) => {
    const [alias = '', ...path] = column.path;
    const of = inputs.get(alias);
    if (path.length === 0 || of === undefined || (of.input !== stream && of.input !== 'events')) return null;
    if (isElement(path, of.unnests)) return null;
    // Another rule may call its side by another alias: what is said is of the field.
    const written = column.written.startsWith(`${alias}.`) ? column.written.slice(alias.length + 1) : column.written;
    return { ...column, name: column.name.slice(alias.length + 1), written, path };
  };
}

function isElement(path: readonly string[], unnests: CheckedSelect['unnests']): boolean {
  return path.length === 1 && unnests.some(({ column }) => column === path[0]);
}
