import type { Digest, LookupSpec, OperatorSpec, Program } from '../../engine/index.ts';
import type { LookupPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { buildOperator } from './build-operator.ts';
import { StreamColumns } from './columns.ts';

/** Rules may say 'events' whatever the declared stream is called. */
const eventsName = 'events';

/**
 * The engine's program of a set of plans. The plans are checked ones: what is wrong with a rule was said before, so
 * this throws only on a plan that no checker makes. `digest`: a sha256 that is faster than the engine's own, if there is.
 */
export function buildProgram(plan: ProgramPlan, digest?: Digest): Program {
  const all = plan.operators.flatMap((operator) => [operator, ...(operator.tunes ?? []).map((tune) => tune.plan)]);
  const views = plan.operators.filter(({ kind }) => kind === 'view');
  const readersOf = (names: readonly string[]): OperatorPlan[] => all.filter(({ input }) => names.includes(input));
  const { lookups = [] } = plan;
  const streams = [
    new StreamColumns(plan.stream.name, null, readersOf([plan.stream.name, eventsName]), lookups),
    ...views.map((view) => new StreamColumns(view.name, view, readersOf([view.name]), lookups)),
  ];
  const streamIndexes = new Map(views.map(({ name }, i) => [name, i + 1]));
  streamIndexes.set(eventsName, 0).set(plan.stream.name, 0);
  const depths = new Map<number, number>([[0, 0]]);
  const used = lookupsUsed(plan);
  const operators = all.map((operator): OperatorSpec => {
    const input = streamIndexes.get(operator.input);
    const depth = input === undefined ? undefined : depths.get(input);
    if (input === undefined || depth === undefined) {
      throw new Error(`the plan of ${operator.name} reads ${operator.input}, which no view before it makes`);
    }
    const output_stream = operator.kind === 'view' ? (streamIndexes.get(operator.name) as number) : -1;
    if (output_stream >= 0) depths.set(output_stream, depth + 1);
    const spec = buildOperator(operator, streams[input], { depth, input, output_stream });
    const read = used.get(operator.name) ?? [];
    return read.length === 0 ? spec : { ...spec, lookups: read };
  });
  return {
    settings: plan.stream.settings,
    schema: plan.stream.schema,
    streams: streams.map((columns) => columns.toSpec()),
    operators,
    ...(lookups.length === 0 ? {} : { lookups: lookups.map(buildLookup) }),
    hash: plan.hash,
    ...(digest === undefined ? {} : { digest }),
  };
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
function lookupsUsed({ operators, lookups = [] }: ProgramPlan): ReadonlyMap<string, readonly number[]> {
  const used = new Map<string, readonly number[]>();
  for (const operator of operators) {
    const own = (operator.lookups ?? []).map(({ name }) => lookups.findIndex((one) => one.name === name));
    const all = new Set([...own, ...(used.get(operator.input) ?? [])]);
    used.set(
      operator.name,
      [...all].sort((a, b) => a - b),
    );
  }
  return used;
}
