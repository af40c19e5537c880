import type { Digest, OperatorSpec, Program } from '../../engine/index.ts';
import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { buildOperator } from './build-operator.ts';
import { StreamColumns } from './columns.ts';

/** Rules may say 'events' whatever the declared stream is called. */
const eventsName = 'events';

/**
 * The engine's program of a set of plans. The plans are checked ones: what is wrong with a rule was said before, so
 * this throws only on a plan that no checker makes. `digest`: a sha256 that is faster than the engine's own, if there is.
 */
export function buildProgram(plan: ProgramPlan, digest?: Digest): Program {
  const views = plan.operators.filter(({ kind }) => kind === 'view');
  const readersOf = (names: readonly string[]): OperatorPlan[] =>
    plan.operators.filter(({ input }) => names.includes(input));
  const streams = [
    new StreamColumns(plan.stream.name, null, readersOf([plan.stream.name, eventsName])),
    ...views.map((view) => new StreamColumns(view.name, view, readersOf([view.name]))),
  ];
  const streamIndexes = new Map(views.map(({ name }, i) => [name, i + 1]));
  streamIndexes.set(eventsName, 0).set(plan.stream.name, 0);
  const depths = new Map<number, number>([[0, 0]]);
  const operators = plan.operators.map((operator): OperatorSpec => {
    const input = streamIndexes.get(operator.input);
    const depth = input === undefined ? undefined : depths.get(input);
    if (input === undefined || depth === undefined) {
      throw new Error(`the plan of ${operator.name} reads ${operator.input}, which no view before it makes`);
    }
    const output_stream = operator.kind === 'view' ? (streamIndexes.get(operator.name) as number) : -1;
    if (output_stream >= 0) depths.set(output_stream, depth + 1);
    return buildOperator(operator, streams[input], { depth, input, output_stream });
  });
  return {
    settings: plan.stream.settings,
    schema: plan.stream.schema,
    streams: streams.map((columns) => columns.toSpec()),
    operators,
    hash: plan.hash,
    ...(digest === undefined ? {} : { digest }),
  };
}
