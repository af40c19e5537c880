import type { Digest, JoinSpec, LookupSpec, OperatorSpec, Program, StreamSpec } from '../../engine/index.ts';
import { isProbe } from '../plan/exception-probes.ts';
import type { Expression, LookupPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { buildJoin, isExists, joinReads } from './build-join.ts';
import { buildOperator } from './build-operator.ts';
import { buildUnnest, takeUnnests, type UnnestStream, unnestReads } from './build-unnest.ts';
import { rowExpressions, StreamColumns } from './columns.ts';
import { FailureSites } from './failure-sites.ts';

/** Rules may say 'events' whatever the declared stream is called. */
const eventsName = 'events';

/** `timestamp` of a row that EXISTS gives is that of its left row, whenever it was decided. */
const leftRowOutputs = [{ name: 'timestamp' }];

/**
 * The engine's program of a set of plans. The plans are checked ones: what is wrong with a rule was said before, so
 * this throws only on a plan that no checker makes. `digest`: a sha256 that is faster than the engine's own, if there is.
 */
export function buildProgram(given: ProgramPlan, digest?: Digest): Program {
  const { plan, unnests } = takeUnnests(given);
  const all = plan.operators.flatMap((operator) => [operator, ...(operator.tunes ?? []).map((tune) => tune.plan)]);
  const { lookups = [], joins = [], unions = [] } = plan;
  const names = streamsInOrder(plan, unnests);
  const failures = new FailureSites();
  const streams = columnsOf(plan, all, names, unnests, failures);
  const unionOf = new Map(unions.flatMap(({ name, branches }) => branches.map((branch) => [branch, name] as const)));
  const streamIndexes = new Map([...names.map((name, i) => [name, i] as const), [eventsName, 0]]);
  const joinSpecs = joinsOf(plan, all, { names, streams, streamIndexes, failures });
  const depths = new Map<number, number>([[0, 0]]);
  const depthOf = (stream: number): number | undefined => {
    const join = joinSpecs.get(names[stream]);
    if (join === undefined) return depths.get(stream);
    return Math.max(depthOf(join.left.stream) ?? 0, depthOf(join.right.stream) ?? 0);
  };
  const used = lookupsUsed(plan, unnests);
  /** A row for each element is no level of its own, like a pair: it stands where its row stands. */
  const makeUnnest = (unnest: UnnestStream): OperatorSpec[] => {
    const output_stream = streamIndexes.get(unnest.name) as number;
    if (depths.has(output_stream)) return [];
    const made = makeBelow(unnest.input);
    const input = streamIndexes.get(unnest.input) as number;
    const depth = depths.get(input) ?? 0;
    depths.set(output_stream, depth);
    const place = { depth, input, output_stream };
    return [
      ...made,
      buildUnnest(unnest, streams[input], streams[output_stream], place, levelsOf(unnest.input, unnests)),
    ];
  };
  /** What makes the elements that a stream, or a join's side, has. */
  const makeBelow = (name: string): OperatorSpec[] => {
    const unnest = unnests.get(name);
    if (unnest !== undefined) return makeUnnest(unnest);
    const join = joins.find((one) => one.name === name);
    return join === undefined ? [] : [...makeBelow(join.left), ...makeBelow(join.right)];
  };
  const build = (operator: OperatorPlan): OperatorSpec => {
    const input = streamIndexes.get(operator.input);
    const depth = input === undefined ? undefined : depthOf(input);
    if (input === undefined || depth === undefined) {
      throw new Error(`the plan of ${operator.name} reads ${operator.input}, which no view before it makes`);
    }
    const { kind, name } = operator;
    const output_stream = kind === 'view' ? (streamIndexes.get(unionOf.get(name) ?? name) as number) : -1;
    if (output_stream >= 0) depths.set(output_stream, Math.max(depths.get(output_stream) ?? 0, depth + 1));
    const made = buildOperator(operator, streams[input], { depth, input, output_stream }, lookups, failures);
    const spec = operator.table === true ? { ...made, table: unionOf.get(name) ?? name } : made;
    const read = used.get(operator.name) ?? [];
    return read.length === 0 ? spec : { ...spec, lookups: read };
  };
  const operators = all.flatMap((operator) => {
    // What probes evaluate, the rules that they are about evaluate too.
    failures.readBy(isProbe(operator.name) ? [] : [operator.name]);
    return [...makeBelow(operator.input), build(operator)];
  });
  return {
    settings: plan.stream.settings,
    schema: plan.stream.schema,
    streams: streams.map((columns, i) => {
      return unnests.has(names[i]) ? placedByNumber(columns.toSpec()) : withJoin(columns, joinSpecs.get(names[i]));
    }),
    operators,
    ...(lookups.length === 0 ? {} : { lookups: lookups.map(buildLookup) }),
    hash: plan.hash,
    ...failures.ofProgram(),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The columns of each stream, in the order of the names: what its readers read of it. */
function columnsOf(
  plan: ProgramPlan,
  operators: readonly OperatorPlan[],
  names: readonly string[],
  unnests: Unnests,
  failures: FailureSites,
): StreamColumns[] {
  const { lookups = [], joins = [], unions = [] } = plan;
  const read = readersOf(plan, operators, names, unnests);
  const viewOf = (name: string): Pick<OperatorPlan, 'outputs'> | undefined => {
    const unnest = unnests.get(name);
    if (unnest !== undefined) return viewOf(unnest.input);
    const union = unions.find((one) => one.name === name);
    const view = union?.branches[0] ?? name;
    return plan.operators.find((one) => one.kind === 'view' && one.name === view);
  };
  return names.map((name, i) => {
    const join = joins.find((one) => one.name === name);
    const outputs = join !== undefined && isExists(join.kind) ? leftRowOutputs : [];
    const view = i === 0 ? null : (viewOf(name) ?? { outputs });
    return new StreamColumns(name, view, read.get(name) ?? [], lookups, failures);
  });
}

/** By name the joins that make streams of the program. */
function joinsOf(
  plan: ProgramPlan,
  operators: readonly OperatorPlan[],
  made: {
    readonly names: readonly string[];
    readonly streams: readonly StreamColumns[];
    readonly streamIndexes: ReadonlyMap<string, number>;
    readonly failures: FailureSites;
  },
): Map<string, JoinSpec> {
  const { names, streams, streamIndexes, failures } = made;
  const specs = new Map<string, JoinSpec>();
  for (const join of plan.joins ?? []) {
    if (!names.includes(join.name)) continue;
    failures.readBy(readersOfJoin(join.name, plan, operators));
    specs.set(join.name, buildJoin(join, streams, streamIndexes, failures));
  }
  return specs;
}

/** The rules and views that read pairs of a join, or pairs that are made of those. */
function readersOfJoin(name: string, { joins = [] }: ProgramPlan, operators: readonly OperatorPlan[]): string[] {
  const own = operators.filter(({ input }) => input === name).map((operator) => operator.name);
  const above = joins.filter(({ left, right }) => left === name || right === name);
  const all = [...own, ...above.flatMap((join) => readersOfJoin(join.name, { joins } as ProgramPlan, operators))];
  return [...new Set(all)].filter((one) => !isProbe(one));
}

function withJoin(columns: StreamColumns, join: JoinSpec | undefined): StreamSpec {
  return join === undefined ? columns.toSpec() : { ...columns.toSpec(), join };
}

/** Fields are known to the operator that makes them by their place: a path into details may be there with several types. */
function placedByNumber(spec: StreamSpec): StreamSpec {
  const columns = spec.columns.map((column, place) => {
    return column.kind === 'field' ? { ...column, path: [String(place)] } : column;
  });
  return { ...spec, columns };
}

type Unnests = ReadonlyMap<string, UnnestStream>;

/** How many UNNESTs made the rows of a stream. */
function levelsOf(name: string, unnests: Unnests): number {
  const unnest = unnests.get(name);
  return unnest === undefined ? 0 : 1 + levelsOf(unnest.input, unnests);
}

/**
 * The stream of events, then views and joins, each behind what it reads. Rows of elements stand directly behind the stream
 * whose arrays are taken apart, so that it cannot show which rules read them.
 */
function streamsInOrder({ stream, operators, joins = [], unions = [] }: ProgramPlan, unnests: Unnests): string[] {
  const names: string[] = [];
  const push = (name: string): void => {
    names.push(name);
    for (const { name: own, input } of unnests.values()) {
      if (input === name || (input === eventsName && name === stream.name)) push(own);
    }
  };
  push(stream.name);
  // Of a part of a plan (`weir why`) some SELECTs of a UNION ALL may be missing.
  const there = new Set(operators.map(({ name }) => name));
  const open = new Map(unions.map(({ name, branches }) => [name, new Set(branches.filter((one) => there.has(one)))]));
  const add = (name: string): void => {
    const join = joins.find((one) => one.name === name);
    if (join === undefined || names.includes(name)) return;
    add(join.left);
    add(join.right);
    push(name);
  };
  for (const { kind, name, input, tunes = [] } of operators) {
    for (const read of [input, ...tunes.map(({ plan }) => plan.input)]) add(read);
    if (kind !== 'view') continue;
    // The rows of a UNION ALL are known when the last of its SELECTs is done.
    const union = unions.find(({ branches }) => branches.includes(name));
    const left = union === undefined ? undefined : open.get(union.name);
    left?.delete(name);
    if (union === undefined) push(name);
    else if (left?.size === 0) push(union.name);
  }
  return names;
}

/** By stream the expressions that are evaluated over its rows, by operators and by joins. */
function readersOf(
  { stream, joins = [] }: ProgramPlan,
  operators: readonly OperatorPlan[],
  names: readonly string[],
  unnests: Unnests,
): Map<string, Expression[]> {
  const read = new Map<string, Expression[]>(names.map((name) => [name, []]));
  const listOf = (name: string) => read.get(name === eventsName ? stream.name : name) ?? [];
  for (const operator of operators) listOf(operator.input).push(...rowExpressions(operator));
  // What a join must show is known when its readers are: the last ones first.
  for (const name of [...names].reverse()) {
    const unnest = unnests.get(name);
    if (unnest !== undefined) listOf(unnest.input).push(...unnestReads(unnest, listOf(name)));
    const join = joins.find((one) => one.name === name);
    if (join === undefined) continue;
    listOf(name).push(...join.residual);
    const sides = joinReads(join, listOf(name));
    listOf(join.left).push(...sides.left);
    listOf(join.right).push(...sides.right);
  }
  return read;
}

function buildLookup({ name, columns, key, valid_from, valid_to }: LookupPlan): LookupSpec {
  const placeOf = (column: string) => columns.findIndex((one) => one.name === column);
  const boundOf = (column: string | null) => (column === null ? null : placeOf(column));
  return {
    ...{ name, columns, key: key.map(placeOf) },
    ...{ valid_from: boundOf(valid_from), valid_to: boundOf(valid_to) },
  };
}

/** By operator the indexes of the lookups that it reads, or a view under it does. */
function lookupsUsed(
  { operators, lookups = [], unions = [] }: ProgramPlan,
  unnests: Unnests,
): ReadonlyMap<string, readonly number[]> {
  const used = new Map<string, readonly number[]>();
  const below = (input: string): readonly number[] => {
    const unnest = unnests.get(input);
    if (unnest !== undefined) return below(unnest.input);
    const union = unions.find(({ name }) => name === input);
    return union === undefined ? (used.get(input) ?? []) : union.branches.flatMap((branch) => used.get(branch) ?? []);
  };
  for (const operator of operators) {
    const own = (operator.lookups ?? []).map(({ name }) => lookups.findIndex((one) => one.name === name));
    const all = new Set([...own, ...below(operator.input)]);
    used.set(
      operator.name,
      [...all].sort((a, b) => a - b),
    );
  }
  return used;
}
